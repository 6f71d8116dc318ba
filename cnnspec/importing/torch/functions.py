"""The op that a function of PyTorch is, called on tensors that flow.

Most are found by the `reads` of the ops: `F.relu`, `F.max_pool2d`, `torch.sigmoid`.  The rest,
which depend on what comes (`+` of two maps or of a map and a number), have a handler each.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from cnnspec.importing.made import op
from cnnspec.importing.trace import Raw, Step, Value
from cnnspec.ops.op import Op
from cnnspec.ops.reading import Unread
from cnnspec.ops.torch import Form, form

ALIASES = {
    "iadd": "add", "radd": "add", "imul": "mul", "rmul": "mul", "isub": "sub", "multiply": "mul",
    "truediv": "div", "itruediv": "div", "concat": "cat", "concatenate": "cat", "swish": "silu",
}  # fmt: skip
SAME_VALUE = {"contiguous", "clone", "detach", "to", "float", "requires_grad", "type_as", "get"}
"""What hands on the tensor that came."""
IGNORED = {"inplace", "training", "return_indices", "_stacklevel", "dtype", "antialias", "input"}
"""Arguments that change no value that a spec speaks of, where they are false or none."""


def tensors(of: Any) -> Iterator[Tensor]:
    """The tensors in arguments or results, in order."""
    if isinstance(of, Tensor):
        yield of
    elif isinstance(of, list | tuple):
        for one in of:
            yield from tensors(one)
    elif isinstance(of, dict):
        yield from tensors(list(of.values()))


class Recorder(Protocol):
    """What keeps the steps of a run."""

    def value(self, tensor: Tensor) -> Value:
        """The value that a tensor is."""

    def bind(self, tensor: Tensor, value: Value) -> None:
        """From here on a tensor is this value."""

    def learnt(self, tensor: Tensor) -> bool:
        """Whether a tensor is a parameter of the model."""

    def record(self, op: Op | Raw, came: list[Tensor], out: Tensor) -> Step:
        """Enter a step."""


class Called:
    """A call of a function: its name, its arguments, and what came out."""

    def __init__(
        self, tracer: Recorder, func: Any, args: Sequence[Any], kwargs: dict[str, Any], out: Any
    ) -> None:
        name = getattr(func, "__name__", str(func)).strip("_")
        self.tracer, self.func, self.out = tracer, func, out
        self.name = ALIASES.get(name, name)
        self.args, self.kwargs = args, kwargs

    def given(self, place: int, name: str, default: Any = None) -> Any:
        """An argument by its place or name."""
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[place] if len(self.args) > place else default

    @property
    def first(self) -> Tensor:
        """The tensor that the function works on."""
        return next(tensors((self.args, self.kwargs)))

    def record(self, op: Op | Raw, *inputs: Tensor, out: Tensor | None = None) -> None:
        """Enter a step of the model."""
        came = inputs or (self.first,)
        self.tracer.record(op, list(came), self.out if out is None else out)

    def same(self) -> None:
        """The result is what came."""
        for one in tensors(self.out):
            self.tracer.bind(one, self.tracer.value(self.first))


def read(called: Called) -> None:
    """Enter what a call does. Raises Unread where no op does it."""
    if called.name in SAME_VALUE:
        called.same()
    elif called.name in HANDLERS:
        HANDLERS[called.name](called)
    else:
        called.record(_by_form(called))


def _by_form(called: Called) -> Op:
    found = form(f"F.{called.name}") or form(f"torch.{called.name}")
    if found is None:
        raise Unread(f"{called.name}() has no op")
    words = {name: _plain(value) for name, value in _arguments(called, found).items()}
    return found.read((), {"input": called.first, **words}).op


def _arguments(called: Called, found: Form) -> dict[str, Any]:
    """Arguments by name without the tensor; what a form has no word for must be the default."""
    given = _bound(called, found)
    for name, value in given.items():
        if name not in found.names and name not in IGNORED and value != NEUTRAL.get(name):
            raise Unread(f"{called.name}({name}={value!r}) has no word in a spec")
    return {name: value for name, value in given.items() if name in found.names}


NEUTRAL = {"dilation": 1, "divisor_override": None, "recompute_scale_factor": None, "value": None}
"""Arguments that no form has a word for, with the value that changes nothing."""


def _bound(called: Called, found: Form) -> dict[str, Any]:
    try:
        signature = inspect.signature(called.func)
        names = [n for n, p in signature.parameters.items() if p.kind is not p.VAR_KEYWORD]
        names = names if "args" not in names else list(found.names)
    except (TypeError, ValueError):
        names = list(found.names)
    return {**dict(zip(names[1:], called.args[1:], strict=False)), **called.kwargs}


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | torch.Size) else value


# --- joins and arithmetic -------------------------------------------------------------------


def _join(name: str) -> Callable[[Called], None]:
    def handle(called: Called) -> None:
        pair = [*called.args, *called.kwargs.values()][:2]
        if called.kwargs.get("alpha", 1) != 1:
            raise Unread(f"{called.name}(alpha=...) has no op")
        came = [one for one in pair if isinstance(one, Tensor)]
        if len(came) == 2 and _gain(called, came):
            return
        if len(came) < 2:
            _with_number(called, pair)
        else:
            called.record(op(name), *came)

    return handle


def _with_number(called: Called, pair: Sequence[Any]) -> None:
    number = next(one for one in pair if not isinstance(one, Tensor))
    backwards = isinstance(pair[-1], Tensor)
    if called.name == "mul" and isinstance(number, int | float):
        called.record(op("times", factor=number))
    elif called.name == "div" and not backwards and isinstance(number, int | float):
        called.record(op("times", factor=1 / number))
    elif called.name in ("add", "sub") and number == 0 and not backwards:
        called.same()
    else:
        raise Unread(f"{called.name} with the constant {number!r}")


def _gain(called: Called, pair: list[Tensor]) -> bool:
    """A parameter [C, 1, 1] times a map: `scale`."""
    values = [called.tracer.value(one) for one in pair]
    names = [value.constant for value in values]
    if called.name != "mul" or sum(map(bool, names)) != 1:
        return False
    place = 0 if names[0] else 1
    gain, flows = pair[place], values[1 - place]
    channels = flows.shape[0]
    if not called.tracer.learnt(gain) or gain.numel() != channels or len(flows.shape) != 3:
        return False
    if tuple(gain.shape[-3:]) != (channels, 1, 1):
        return False
    step = called.tracer.record(op("scale"), [pair[1 - place]], called.out)
    step.path, step.stateful, step.own_key = names[place], True, True
    return True


def _cat(called: Called) -> None:
    dim = called.given(1, "dim", called.kwargs.get("axis", 0))
    listed = called.given(0, "tensors")
    if dim % called.out.dim() != 1:
        raise Unread(f"cat along axis {dim} has no op")
    came = list(tensors(listed))
    if len(came) == 1:
        called.same()
    else:
        called.record(op("concat"), *came)


# --- shapes ---------------------------------------------------------------------------------


def _view(called: Called) -> None:
    came, out = called.first, called.out
    if out.shape == came.shape:
        called.same()
    elif out.dim() == 2 and out.shape[0] == came.shape[0]:
        called.record(op("flatten"))
    else:
        called.record(Raw("view", (tuple(came.shape), tuple(out.shape))))


def _axes(called: Called) -> None:
    order = called.given(1, "dims")
    order = tuple(order) if isinstance(order, list | tuple) else tuple(called.args[1:])
    called.record(axes(tuple(axis % called.first.dim() for axis in order)))


def axes(order: tuple[int, ...]) -> Op | Raw:
    """An exchange of axes, the batch's first and in its place."""
    if len(order) == 4 and order[0] == 0:
        return op("permute", order=tuple(axis - 1 for axis in order[1:]))
    return Raw("axes", order)


def _transpose(called: Called) -> None:
    order = list(range(called.first.dim()))
    a, b = called.given(1, "dim0"), called.given(2, "dim1")
    order[a], order[b] = order[b], order[a]
    called.record(axes(tuple(order)))


def _pool(name: str, plain: str) -> Callable[[Called], None]:
    """A reduction over rows and columns is a global pool, with or without the two axes."""

    def handle(called: Called) -> None:
        dim = called.given(1, "dim", called.kwargs.get("axis"))
        came = called.first
        if dim is None:
            raise Unread(f"{called.name} over everything has no op")
        over = sorted(d % came.dim() for d in (dim if isinstance(dim, list | tuple) else [dim]))
        keep = bool(called.given(2, "keepdim", False))
        if over == [2, 3] and came.dim() == 4:
            if keep:
                called.record(op(name))
            else:
                middle = came.new_empty((*came.shape[:2], 1, 1))
                called.record(op(name), out=middle)
                called.record(op("flatten"), middle)
        elif over == [1] and keep and came.dim() == 4:
            called.record(op(plain))
        else:
            raise Unread(f"{called.name} over the axes {dim} has no op")

    return handle


def _split(called: Called) -> None:
    dim = called.given(2, "dim", 0)
    if dim % called.first.dim() != 1:
        raise Unread(f"{called.name} along axis {dim} has no op")
    start = 0
    for part in called.out:
        stop = start + part.shape[1]
        called.record(op("slice", start=start, stop=stop), out=part)
        start = stop


def _item(called: Called) -> None:
    index = called.args[1]
    index = index if isinstance(index, tuple) else (index,)
    full = [part for place, part in enumerate(index) if place != 1]
    if len(index) < 2 or any(part not in (slice(None), Ellipsis) for part in full):
        raise Unread("an index into a tensor that takes no channels has no op")
    channels = index[1]
    if not isinstance(channels, slice) or channels.step not in (None, 1):
        raise Unread("an index into a tensor that takes no range of channels has no op")
    start, stop, _ = channels.indices(called.first.shape[1])
    called.record(op("slice", start=start, stop=stop))


def _dropout(name: str) -> Callable[[Called], None]:
    def handle(called: Called) -> None:
        if called.given(2, "training", True):
            called.record(op(name, p=float(called.given(1, "p", 0.5))))
        else:
            called.same()

    return handle


def _weights(called: Called) -> None:
    raise Unread(f"F.{called.name} with tensors of its own: make it a module")


def _adaptive(called: Called) -> None:
    size = called.given(1, "output_size")
    called.record(adaptive_pool(size, called.first.shape[2:]))


def adaptive_pool(size: Any, arriving: Sequence[int]) -> Op:
    """An adaptive average pool; None keeps the size that arrives."""
    rows, columns = size if isinstance(size, list | tuple) else (size, size)
    pair = (arriving[0] if rows is None else rows, arriving[1] if columns is None else columns)
    return op("global_avgpool") if pair == (1, 1) else op("adaptive_avgpool", size=pair)


HANDLERS: dict[str, Callable[[Called], None]] = {
    "add": _join("add"),
    "mul": _join("mul"),
    "sub": _join("sub"),
    "div": _join("div"),
    "maximum": _join("max"),
    "cat": _cat,
    "view": _view,
    "reshape": _view,
    "flatten": _view,
    "squeeze": _view,
    "unsqueeze": _view,
    "permute": _axes,
    "transpose": _transpose,
    "mean": _pool("global_avgpool", "channel_mean"),
    "amax": _pool("global_maxpool", "channel_max"),
    "chunk": _split,
    "split": _split,
    "getitem": _item,
    "dropout": _dropout("dropout"),
    "dropout2d": _dropout("dropout2d"),
    "adaptive_avg_pool2d": _adaptive,
    "conv2d": _weights,
    "linear": _weights,
    "batch_norm": _weights,
    "layer_norm": _weights,
}
"""Functions whose op depends on what comes."""
