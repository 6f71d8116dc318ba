"""The base of every op: one frozen record whose fields are the signature in the language.

The order of the fields is the positional order, their defaults are the language's (PyTorch's own,
L20), their annotations decide what a value may be (`arguments.py`).  Methods are the facts about
the op.  A backend asks the op, so a new op is one new file in this folder and its test.
"""

from __future__ import annotations

from decimal import Decimal
from math import gcd, isqrt
from typing import Any, ClassVar, Final, Literal, NamedTuple, TypeVar, dataclass_transform

from cnnspec.ops.reach import Reach
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import field, record
from cnnspec.values import Padding, Record, Shape, dims

Kind = Literal["input", "conv", "linear", "norm", "activation", "pool", "join", "shape", "other"]
"""What an op is to a reader: decides its box in a figure and whether it is a weight layer."""

Code = Any
"""What stands in generated code: a plain value, or an expression whose `str()` is Python."""

REGISTRY: dict[str, type[Op]] = {}
"""Every op by its name in the language; `cnnspec.ops` fills it by discovery."""

OpT = TypeVar("OpT", bound="type[Op]")


OWN: Final = ""
"""The name of a tensor whose key in the state_dict is the label of its layer and nothing more."""


def state_key(path: str, name: str) -> str:
    """The key in the state_dict of a layer's tensor: `conv1.weight`, `layer_scale`."""
    return path if name == OWN else f"{path}.{name}"


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


class Saved(NamedTuple):
    """What autograd keeps of an op's forward pass until its backward pass.

    `inputs` and `output` say which of its maps; `extra` are further bytes for one image, `fixed`
    bytes whatever the batch.  Learnt tensors are not counted: they stay anyway.
    """

    inputs: bool = False
    output: bool = False
    extra: int = 0
    fixed: int = 0


@record(frozen=True)
class TorchInput:
    """What arrives at an op in generated code.

    `channels` is an expression for the channels of a map or the features of a vector (`512 * 7 * 7`
    after a flatten); `shape` is the shape with every number known, `size` the expressions of its
    height and width where there are some.
    """

    channels: Code
    shape: Shape
    size: tuple[Code, ...] | None = None

    @property
    def last(self) -> Code:
        """The last axis: the features of a vector, or what a map has in its columns' place."""
        if len(self.shape) == 1:
            return self.channels
        return self.size[-1] if self.size else self.shape[-1]


@record(frozen=True)
class TorchForm:
    """How an op is written in PyTorch, as a module and as a function.

    `module` with `args` and `keywords` builds `nn.Conv2d(3, 64, 7, stride=2)`; it is empty for
    what no module does (`add`).  `function` is a template with `{x}` (or `{0}`, `{1}`, ... for
    a join) such as `F.max_pool2d({x}, 2, stride=2)`; it is empty for what must be an attribute
    (parameters, buffers, or a training flag).  `inplace` says that `inplace=True` may be
    added to both.  `helper` is the source of the class `module`, which the file then defines
    (not where `function` is used); without a `module` it is that of the function.  `pad` is padding
    with unequal sides, which PyTorch's own argument cannot say: the emitter puts `nn.ZeroPad2d` (or
    `F.pad`) before it.  `own` is for an op whose weights are a parameter of the module around it
    and no module: a template of what `forward` does with `{own}` and `{x}`; `module` then is the
    function that makes the tensor.
    """

    module: str = ""
    args: tuple[Code, ...] = ()
    keywords: tuple[tuple[str, Code], ...] = ()
    function: str = ""
    inplace: bool = False
    helper: str = ""
    pad: Padding | None = None
    own: str = ""


@record(frozen=True)
class Op:
    """An operation of the language. Shapes are [C, H, W] or [n], without the batch."""

    name: ClassVar[str]
    kind: ClassVar[Kind] = "other"
    join: ClassVar[bool] = False
    """Takes several inputs and a body: `add { ... }`."""
    head: ClassVar[bool] = False
    """Ends an output without being part of the logits (L16)."""
    weighs: ClassVar[bool] = False
    """A join whose arms may be weights of the others (`gate`)."""
    gate: ClassVar[bool] = False
    """Gives values from 0 to 1: an arm of a `mul` that ends in it weighs the others."""
    grows: ClassVar[bool] = False
    """Its window spreads each pixel: the stride multiplies the size and does not divide it."""
    view: ClassVar[bool] = False
    """The output is the input's memory, seen otherwise: PyTorch copies nothing."""
    uses: ClassVar[tuple[str, ...]] = ()
    """What its PyTorch form calls beside what it `reads`: `torch.full`, or a method as `.view`."""
    passes: ClassVar[bool] = False
    """At inference the output is the input itself."""
    stacks: ClassVar[bool] = False
    """A join that puts the channels of its arms one after another."""
    pairwise: ClassVar[bool] = False
    """A join of two arms at a time: a sum of three is two sums of two."""
    sign: ClassVar[str] = ""
    """What a figure draws for a join that gives one map of all its arms: `+` in a circle."""
    ordered: ClassVar[bool] = False
    """A join whose arms differ by their places, as the two of a difference: none can be missing."""
    resamples: ClassVar[bool] = False
    """Whether it brings a map to other rows and columns, as F.interpolate does."""
    sums: ClassVar[bool] = False
    """A join that adds its arms: with an identity among them, a residual connection."""
    averages: ClassVar[bool] = False
    """A join that divides the sum of its arms by their number."""
    hands_on: ClassVar[bool] = False
    """A join whose arms get its gradient as it is: nothing is computed on the way back."""
    beside: ClassVar[str] = ""
    """The argument that is a path of the net: what stands there is the op's second input."""
    places: ClassVar[bool] = False
    """What it takes from there are the places of a pool's maxima, and no map."""
    carries: ClassVar[int | None] = None
    """So many of its inputs have their values in the output, None for all: of what stands
    `beside` an op takes only the size, or the places of maxima."""
    drawn: ClassVar[bool] = True
    """A figure has a box for it; not for what computes nothing, as `flatten`."""
    begins: ClassVar[tuple[str, ...]] = ("init",)
    """Fields that say how weights begin and nothing else: they are no part of the architecture."""
    varies: ClassVar[str] = ""
    """The field in which blocks that count as repeats may differ: a figure gives its range."""
    aside: ClassVar[bool] = False
    """A norm with a row of its own in figures and tables, as papers give `lrn` one."""
    identity: ClassVar[bool] = False
    """The output is the input, always."""
    batched: ClassVar[bool] = False
    """Normalises over the batch: the bias before it is subtracted again."""
    probabilities: ClassVar[bool] = False
    """The output is a distribution: it sums to one over the channels."""
    flattens: ClassVar[bool] = False
    """Makes a map a vector of all its values."""
    reads: ClassVar[tuple[str, ...]] = ()
    """The calls of PyTorch that are this op, by PyTorch's signatures: `nn.Dropout(p=0.5)`.

    Functions have their tensor, `input`, for the first argument.  A name without a dot is the
    class of `brings`.  Arguments that a spec has no word for are left out.
    """

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

    def met(self, other: Op | None) -> Op:
        """The op with what it takes over from the layer `beside` it; None is no single layer."""
        return self

    def told(self, shape: Shape) -> Op:
        """The op with the size in numbers that it takes from the layer `beside` it."""
        return self

    def why(self, *inputs: Shape) -> tuple[str, ...]:
        """The arithmetic behind the output shape, one line an axis, for a failed assertion."""
        return ()

    def reach(self) -> Reach:
        """What one output pixel sees of the input, for the receptive field."""
        return Reach()

    def seen(self, *inputs: Shape) -> Reach:
        """The same where it depends on the sizes that arrive, as for what lies in the middle."""
        return self.reach()

    def saved(self, size: int, *inputs: Shape) -> Saved:
        """What autograd keeps, with numbers of `size` bytes; nothing by default."""
        return Saved()

    def scratch(self, size: int, *inputs: Shape) -> int:
        """Bytes for one image that live beside inputs and output while the op runs.

        Tensors only: what a kernel takes as workspace depends on the device and is not counted.
        """
        return 0

    def torch(self, *inputs: TorchInput) -> TorchForm:
        """How PyTorch says it; fields may hold `Code` instead of numbers here."""
        raise NotImplementedError(f"{self.name} has no PyTorch form")

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        """The op that a call of PyTorch is: the way back from `torch`. Raises Unread."""
        return Reading(cls())

    @classmethod
    def brings(cls) -> str:
        """The source of the classes that the op may bring into a file; "" where PyTorch has all."""
        return ""

    def canonical(self) -> Op:
        """The op as a PyTorch module can say it: padding in numbers, initial weights left out.

        Two ops are the same module when these are equal.
        """
        return self

    def on(self, *inputs: Shape) -> Op:
        """An op that is the same on these inputs: where two say one thing, one of the two."""
        return self

    def initial(self, key: str, x: Shape) -> Record:
        """How the tensor `key` begins: an initialiser of the language, or `constant`."""
        return Record("ones" if key in ("weight", "running_var") else "zeros")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        """Write the op's nodes for inference; return the name of the value that they give."""
        raise NotImplementedError(f"{self.name} has no ONNX form")

    def sized(self) -> bool:
        """Whether the ONNX form holds for one height and width only."""
        return False

    @classmethod
    def exchanges(cls) -> bool:
        """Whether the arms of a join may change places."""
        return cls.join and not (cls.ordered or cls.stacks)

    def keeps(self, *inputs: Shape) -> bool:
        """Whether it has tensors: parameters or buffers."""
        return bool(self.params(*inputs) or self.buffers(*inputs))

    def idle(self, *inputs: Shape) -> bool:
        """Whether it gives what arrives, always: `skip`, `dropout 0`, `flatten` of a vector."""
        never = self.passes and getattr(self, "p", None) == 0
        return self.identity or never or (self.flattens and len(inputs[0]) == 1)

    def bordered(self) -> tuple[Op, Op] | None:
        """The border and the rest, of an op that a module can only say as these two."""
        return None

    def zeros(self) -> Padding | None:
        """The zeros around a map, of an op that does nothing else."""
        return None

    @property
    def own_key(self) -> bool:
        """Whether its weights are a parameter of the module around it: its label is their key."""
        return False

    @property
    def axis(self) -> int:
        """The axis of the input that its weights are made for: 0, or -1 for the last."""
        return 0

    def channels_out(self, *inputs: Code) -> Code:
        """The output's channels (or features) as an expression; by default the input's.

        Codes may be added and subtracted here.  None says that heights and widths have a part in
        it (`flatten`), so that only the shape knows.
        """
        return inputs[0]

    def arranged(self, *sizes: Code) -> tuple[Code, ...]:
        """The sizes of the output, for an op that only moves those of its input about."""
        return ()

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


class Reading(NamedTuple):
    """What a call of PyTorch says: an op, and what the call tells of the tensor that arrives.

    `channels` of None and `axes` (without the batch) of 0 leave them open.
    """

    op: Op
    channels: int | None = None
    axes: int = 0


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def op(cls: OpT) -> OpT:
    """Make a class an op: freeze it and enter it under its name."""
    record(frozen=True)(cls)
    cls.name = cls.__dict__.get("name") or cls.__name__.lower()
    REGISTRY[cls.name] = cls
    return cls


def needs_map(name: str, x: Shape) -> None:
    """Refuse a vector where an op needs a feature map."""
    if len(x) != 3:
        raise OpError(
            "E0303",
            f"{name} needs a feature map, and a vector of {dims(x)} arrives",
            help=("it stands before `flatten` and `linear`",),
        )


def out_of_range(name: str, argument: str, wanted: str, value: object) -> OpError:
    """The error for an argument of the right type whose value makes no sense."""
    message = f"{name} needs {wanted} for `{argument}`, and {value} came"
    return OpError("E0109", message, argument=argument)


CHANNELS: Final = "channels"
LAST: Final = "last"
"""Axes that the weights of `linear` and `ln` may be for."""


def check_over(name: str, over: str) -> None:
    """Refuse an axis that is none of the two."""
    if over not in (CHANNELS, LAST):
        raise out_of_range(name, "over", '"channels" or "last"', f'"{over}"')


def check_probability(name: str, p: float) -> None:
    """Refuse a `p` that is no probability; 4 and 40 were probably meant as 0.4."""
    if 0 <= p <= 1:
        return
    error = out_of_range(name, "p", "a probability from 0 to 1", p)
    if 1 < p < 100:
        error.help = (f"did you mean `{p / (10 if p < 10 else 100):g}`?",)
    raise error


def check_eps(name: str, eps: float, alone: str) -> None:
    """Refuse an `eps` that is none; `bn 64` was probably meant as the channels, which are known."""
    if 0 < eps < 1:
        return
    error = out_of_range(name, "eps", "a number above 0 and below 1", eps)
    if eps >= 1:
        error.help = (f"what arrives is known: write `{alone}`",)
    raise error


def check_groups(groups: int, channels: int, out: int | None = None) -> None:
    """Refuse groups that do not divide the channels that arrive, or those that leave (`out`)."""
    counts = [(channels, "input")] if out is None else [(channels, "input"), (out, "output")]
    for count, side in counts:
        if groups < 1 or count % groups:
            raise OpError(
                "E0304",
                f"groups = {groups} does not divide {count} {side} channels",
                argument="groups",
                help=(_fitting_groups(groups, channels, out),),
            )


_LISTED: Final = 16
"""The most numbers that an error lists."""


def _fitting_groups(groups: int, channels: int, out: int | None) -> str:
    """The numbers of groups that divide the channels, of a convolution on both sides."""
    common = channels if out is None else gcd(channels, out)
    small = [n for n in range(1, isqrt(common) + 1) if common % n == 0]
    fits = sorted({*small, *(common // n for n in small)})
    what = str(channels) if out is None else f"both {channels} and {out}"
    if len(fits) == 1:
        return f"only 1 divides {what}" + ": leave `groups` out" * (out is not None)
    near = sorted(sorted(fits, key=lambda n: abs(n - groups))[:_LISTED])
    listed = ", ".join(map(str, near)) + " and others" * (len(fits) > _LISTED)
    leave = "leave `groups` out, or write one of these: " if out is not None else ""
    return f"{leave}{listed} divide {what}"


def initial_weights(init: Record | None, key: str, fans: tuple[int, ...]) -> Record:
    """How a conv or linear begins: by `init` with zero biases, else as PyTorch's own.

    PyTorch draws weights and biases from U(-b, b) with b = 1 / sqrt(fan in).
    """
    if init is not None:
        return init if key == "weight" else Record("zeros")
    return Record("uniform", keywords=(("fans", fans),))


def affine(write: OnnxWriter, learnt: bool, axis: int = 0) -> tuple[str, str]:
    """Weight and bias of a norm: its own, or ones and zeros where it has none."""
    if learnt:
        return write.state("weight"), write.state("bias")
    channels = write.inputs[0][axis]
    return write.floats((1.0,) * channels, channels), write.floats((0.0,) * channels, channels)


def pair(values: Code) -> Code:
    """Two equal sizes as one number, else the tuple: PyTorch's `int | tuple[int, int]`."""
    if type(values) is tuple and values[0] == values[1]:
        return values[0]
    return values


def real(value: Code) -> Code:
    """A whole number as a real one: TorchScript takes no int for a float."""
    return float(value) if type(value) is int else value


def source(value: Code) -> str:
    """The Python text of an argument: `2`, `1e-4`, `(3, 1)`, `"nearest"`, `4 * channels`."""
    if type(value) is tuple:
        inner = ", ".join(map(source, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float) and 0 < abs(value) < 1e-3:
        return f"{Decimal(repr(value)):e}"
    return str(value)


def call(function: str, *args: Code, **keywords: Code) -> str:
    """The text of a call: `nn.MaxPool2d(3, stride=2)`."""
    return f"{function}({', '.join(_arguments(args, keywords))})"


def both(module: str, function: str, *args: Code, **keywords: Code) -> TorchForm:
    """The form of an op whose module and function take the same arguments."""
    words = ["{x}", *_arguments(args, keywords)]
    text = f"{function}({', '.join(words)})"
    return TorchForm(module, args, tuple(keywords.items()), function=text)


def _arguments(args: tuple[Code, ...], keywords: dict[str, Code]) -> list[str]:
    return [*map(source, args), *(f"{name}={source(value)}" for name, value in keywords.items())]
