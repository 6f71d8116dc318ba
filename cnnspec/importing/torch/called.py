"""A call of a function of PyTorch on tensors that flow, as the tracer saw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from torch import Tensor

from cnnspec.importing.torch.sides import owners, plain
from cnnspec.importing.trace import Raw, Step, Value
from cnnspec.ops.op import Op

ALIASES = {
    "iadd": "add", "radd": "add", "imul": "mul", "rmul": "mul", "isub": "sub", "multiply": "mul",
    "truediv": "div", "itruediv": "div", "concat": "cat", "concatenate": "cat", "swish": "silu",
}  # fmt: skip


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

    def key(self, tensor: Tensor) -> str:
        """The key of a parameter or buffer; "" for what is none."""

    places: dict[int, Tensor]
    """By the identity of a tensor of places: what the pool gave whose maxima stood there."""

    used: set[str]
    """Paths of the modules whose tensors were used."""

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
        self.args: Sequence[Any] = plain(args)
        self.kwargs = {name: plain(value) for name, value in kwargs.items()}
        self._given = (args, kwargs)

    def given(self, place: int, name: str, default: Any = None) -> Any:
        """An argument by its place or name."""
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[place] if len(self.args) > place else default

    def sized_as(self) -> Tensor | None:
        """The map whose rows and columns the result has because the call asked for them."""
        return next((one for one in self._sizes() if not self._is_first(one)), None)

    def keeps_size(self) -> bool:
        """Whether the result has the rows and columns of what came because the call asked so."""
        sizes = [*self._sizes()]
        return bool(sizes) and all(map(self._is_first, sizes))

    def _sizes(self) -> Iterator[Tensor]:
        """The maps as large as the result whose sizes the call asked for."""
        for one in owners(self._given):
            if one.dim() == 4 and one.shape[2:] == self.out.shape[2:]:
                yield one

    def _is_first(self, one: Tensor) -> bool:
        return self.tracer.value(one) is self.tracer.value(self.first)

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
