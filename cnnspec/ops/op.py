"""The base of every op: one frozen dataclass whose fields are the signature in the language.

The order of the fields is the positional order, their defaults are the language's (PyTorch's own,
L20), their annotations decide what a value may be (`arguments.py`).  Methods are the facts about
the op.  A backend asks the op, so a new op is one new file in this folder and its test.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar, dataclass_transform

from cnnspec.values import Padding, Shape, dims

Kind = Literal["input", "conv", "linear", "norm", "activation", "pool", "join", "shape", "other"]
"""What an op is to a reader: decides its box in a figure and whether it is a weight layer."""

Code = Any
"""A number, or an expression whose `str()` is Python: what stands in generated code."""

REGISTRY: dict[str, type[Op]] = {}
"""Every op by its name in the language; `cnnspec.ops` fills it by discovery."""

OpT = TypeVar("OpT", bound="type[Op]")


class OpError(Exception):
    """An op cannot work on what arrives; the elaborator adds the place.

    `argument` names the argument to blame, or is empty for the op as a whole.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        argument: str = "",
        notes: tuple[str, ...] = (),
        help: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.argument = code, message, argument
        self.notes, self.help = notes, help


class Reach(NamedTuple):
    """What one output pixel sees: the effective kernel, stride, and padding at top and left.

    A kernel of None is the whole map (a global pool, a linear layer).
    """

    kernel: tuple[int, int] | None = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class TorchInput:
    """What arrives at an op in generated code.

    `channels` is an expression for the channels of a map or the features of a vector (`512 * 7 * 7`
    after a flatten); `shape` is the shape with every number known.
    """

    channels: Code
    shape: Shape


@dataclass(frozen=True, slots=True)
class TorchForm:
    """How an op is written in PyTorch, as a module and as a function.

    `module` with `args` and `keywords` builds `nn.Conv2d(3, 64, 7, stride=2)`; it is empty for
    what no module does (`add`).  `function` is a template with `{x}` (or `{0}`, `{1}`, ... for
    a join) such as `F.max_pool2d({x}, 2, stride=2)`; it is empty for what must be an attribute
    (parameters, buffers, or a training flag).  `inplace` says that `inplace=True` may be
    added to both.  `helper` is the source of a class that the file then defines.  `pad` is
    padding with unequal sides, which PyTorch's own argument cannot say: the emitter puts
    `nn.ZeroPad2d` (or `F.pad`) before it.
    """

    module: str = ""
    args: tuple[Code, ...] = ()
    keywords: tuple[tuple[str, Code], ...] = ()
    function: str = ""
    inplace: bool = False
    helper: str = ""
    pad: Padding | None = None


@dataclass(frozen=True, slots=True)
class Op:
    """An operation of the language. Shapes are [C, H, W] or [n], without the batch."""

    name: ClassVar[str]
    kind: ClassVar[Kind] = "other"
    join: ClassVar[bool] = False
    """Takes several inputs and a body: `add { ... }`."""
    head: ClassVar[bool] = False
    """Ends an output without being part of the logits (L16)."""

    def shape(self, *inputs: Shape) -> Shape:
        """Output shape; raises OpError when the op cannot work on `inputs`."""
        return inputs[0]

    def params(self, x: Shape) -> dict[str, Shape]:
        """Learnable tensors by state_dict name."""
        return {}

    def buffers(self, x: Shape) -> dict[str, Shape]:
        """Tensors of the state_dict that are not learnt; a scalar has the shape ()."""
        return {}

    def macs(self, x: Shape, y: Shape) -> int:
        """Multiply-adds for one image: conv and linear only (L27)."""
        return 0

    def reach(self) -> Reach:
        """What one output pixel sees of the input, for the receptive field; `None` is all of it."""
        return Reach()

    def torch(self, *inputs: TorchInput) -> TorchForm:
        """How PyTorch says it; fields may hold `Code` instead of numbers here."""
        raise NotImplementedError(f"{self.name} has no PyTorch form")

    def channels_out(self, *inputs: Code) -> Code:
        """The output's channels (or features) as an expression; by default the input's."""
        return inputs[0]

    def stride_label(self) -> str:
        """The stride a figure writes bold after the label: `/2`, or nothing."""
        window = getattr(self, "window", None)
        if window is None or window.stride == (1, 1):
            return ""
        rows, columns = window.stride
        return f"/{rows}" if rows == columns else f"/{rows}×{columns}"

    def label(self) -> str:
        """What a figure writes in its box, by the label grammar: `3×3 conv, 64`."""
        return self.name

    def kernel(self) -> str:
        """What the summary's kernel column says: `7x7/2`, or nothing."""
        return ""


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def op(cls: OpT) -> OpT:
    """Make a class an op: freeze it and enter it under its name."""
    frozen = dataclass(frozen=True)(cls)
    name = cls.__dict__.get("name") or cls.__name__.lower()
    frozen.name = name
    REGISTRY[name] = frozen
    return frozen


def needs_map(name: str, x: Shape) -> None:
    """Refuse a vector where an op needs a feature map."""
    if len(x) != 3:
        raise OpError(
            "E0303",
            f"{name} needs a feature map, and a vector of {dims(x)} arrives",
            help=("put it before `flatten`",),
        )


def pair(values: tuple[Code, Code]) -> Code:
    """Two equal sizes as one number, else the tuple: PyTorch's `int | tuple[int, int]`."""
    return values[0] if values[0] == values[1] else values
