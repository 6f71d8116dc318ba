"""What a closed box says of the block that it stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from cnnspec.draw.parts.costs import said
from cnnspec.draw.parts.forkkind import gate_arm
from cnnspec.ir import Call, Fork, Group, Item, Layer, Module, Shared
from cnnspec.values import Value

_KINDS = {"conv": "conv", "linear": "fc", "pool": "pool", "gate": "SE"}


class Notes(NamedTuple):
    """The lines of a closed box, its widest map, and the stride of the whole block: `/2`."""

    lines: tuple[str, ...]
    widest: int
    strides: str

    @property
    def beside(self) -> str:
        """The stride beside the first line; empty where that says what varies, strides too."""
        return "" if self.lines and "=" in self.lines[0] else self.strides

    @property
    def first(self) -> str:
        """The first line and what stands beside it: `2 conv /2`."""
        return f"{self.lines[0]} {self.beside}".rstrip() if self.lines else ""


def notes(module: Module) -> Notes:
    """Its blocks and what varies in them, else its layers, then what one of it costs."""
    from cnnspec.analyses.cost import Costs

    lines = [_holds(module), said(Costs().items(module.items))]
    widest = max(
        (layer.shape[0] for kind, layer in layers(module.items) if kind == "conv"), default=0
    )
    return Notes(tuple(filter(None, lines)), widest, stride_of(module))


def stride_of(module: Module) -> str:
    """`/2` for a stage that halves height and width, `×2` for one that doubles them.

    It is the product of its strides, not the ratio of sizes: 299 to 35 is 8.  Nothing for a
    vector, for a map of the same size, or for a block that sees all of its map.
    """
    sizes = {len(shape) for shape in (module.input, module.output)}
    if sizes != {3} or module.input[1:] == module.output[1:]:
        return ""
    found = _stride(module.items)
    if found is None or 1 not in (found.numerator, found.denominator):
        return ""
    return f"/{found}" if found > 1 else f"×{1 / found}" if found < 1 else ""


def _stride(items: Iterable[Item]) -> Fraction | None:
    """How many pixels of what arrives lie between two that leave; None where they differ."""
    stride = Fraction(1)
    for item in items:
        step = _step(item)
        if step is None:
            return None
        stride *= step
    return stride


def _step(item: Item) -> Fraction | None:
    match item:
        case Layer():
            axes = item.op.seen(*item.inputs).axes or ()
            steps = {Fraction(axis.first.factor, axis.first.divisor) for axis in axes}
            return steps.pop() if len(steps) == 1 else None
        case Call():
            return _stride(item.module.items)
        case Group():
            return _stride(item.items)
        case Shared():
            return _step(item.item)
        case Fork():
            arms = {step for arm in item.arms if (step := _stride(arm)) is not None}
            return arms.pop() if len(arms) == 1 else None
    return Fraction(1)


def _holds(module: Module) -> str:
    """`6 × basic`, `2 × unit, s = 2, 1`, `1 conv, 8 × residual`, or `3 conv, 1 pool`.

    A block that only calls another holds what that does.
    """
    if len(module.items) == 1 and isinstance(module.items[0], Call):
        return _holds(module.items[0].module)
    runs = [(name, list(run)) for name, run in groupby(module.items, _block)]
    blocks = [name for name, _ in runs if name]
    if not blocks or len(runs) > _RUNS:
        return _counted(module.items) or module.block
    found = [
        _blocks(name, [item.module for item in run if isinstance(item, Call)])
        if name
        else _counted(run)
        for name, run in runs
    ]
    return ", ".join(filter(None, found))


_RUNS = 3
"""So many runs of blocks, and of layers between them, are said one by one."""


def _block(item: Item) -> str:
    """The block that an item calls; nothing for a layer, a fork, or a body without a name."""
    return item.module.block if isinstance(item, Call) else ""


def _counted(items: Iterable[Item]) -> str:
    """`3 conv, 1 pool`."""
    kinds = Counter(kind for kind, _ in layers(items))
    return ", ".join(f"{kinds[kind]} {word}" for kind, word in _KINDS.items() if kinds[kind])


def _blocks(name: str, run: list[Module]) -> str:
    """`6 × basic`, with the arguments that are not the same in all of them."""
    found = [f"{len(run)} × {name}"]
    for at, (parameter, _) in enumerate(run[0].args):
        values = [call.args[at][1] for call in run]
        if len(set(map(repr, values))) > 1 and all(map(_plain, values)):
            found.append(f"{parameter} = {_listed(values)}")
    return ", ".join(found)


def _plain(value: Value) -> bool:
    """Whether a value is a whole number; a rate that grows from block to block is left out."""
    return isinstance(value, int) and not isinstance(value, bool)


def _listed(values: list[Value]) -> str:
    """`2, 1, 1`; a long run of one value is that value once, as in `2, then 1`."""
    runs = [(value, len(list(run))) for value, run in groupby(values)]
    if len(values) > 3 and len(runs) == 2 and runs[0][1] == 1:
        return f"{runs[0][0]}, then {runs[1][0]}"
    return ", ".join(map(str, values))


def layers(items: Iterable[Item]) -> Iterator[tuple[str, Layer]]:
    """The layers of a body with their kinds; a squeeze-and-excitation is one of kind `gate`."""
    for item in items:
        match item:
            case Layer():
                yield item.op.kind, item
            case Call():
                yield from layers(item.module.items)
            case Group():
                yield from layers(item.items)
            case Fork():
                gate = gate_arm(item)
                for at, arm in enumerate(item.arms):
                    if at != gate:
                        yield from layers(arm)
                if gate >= 0:
                    yield "gate", item.join
