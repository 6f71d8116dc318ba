"""What would give an asserted shape: another input size, padding, number of channels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from cnnspec import ir
from cnnspec.ops.op import Op, OpError
from cnnspec.records import replace
from cnnspec.values import Padding, Shape, Window, dims

NEAR = 8
"""How far from the size that arrives another one is looked for."""
PADDING_MAX = 16
STRIDE_MAX = 4
NOTES_MAX = 4

Variants = Callable[[Op], Iterator[tuple[str, Op]]]
"""What else could be written at an op, and the op that it would make."""


def size_differs(found: Shape, wanted: Shape) -> bool:
    """Whether two maps differ in height or width."""
    return len(found) == len(wanted) == 3 and found[1:] != wanted[1:]


def arithmetic(layers: Sequence[ir.Layer]) -> tuple[str, ...]:
    """The formula of every window with its numbers; of several, each with its op."""
    windows = [layer for layer in layers if layer.op.why(*layer.inputs)]
    if len(windows) == 1:
        return windows[0].op.why(*windows[0].inputs)
    lines = [
        f"{w.op.name} {w.op.kernel()}: {line}" for w in windows for line in w.op.why(*w.inputs)
    ]
    return tuple(lines[:NOTES_MAX])


def channels(layers: Sequence[ir.Layer], found: Shape, wanted: Shape, made: str) -> tuple[str, ...]:
    """What to write where the sizes agree and the channels (or features) do not."""
    kinds = {"conv": "channels", "linear": "features"}
    last = next((layer for layer in reversed(layers) if layer.op.kind in kinds), None)
    right = f"if the layers are right, write `=> {made}`"
    if last is None or len(found) != len(wanted) or found[1:] != wanted[1:]:
        return (right,)
    what = kinds[last.op.kind]
    return (f"`{last.op.name} {wanted[0]}` gives {wanted[0]} {what}; {right}",)


def remedies(
    layers: Sequence[ir.Layer], wanted: Shape, made: str, *, at_input: bool
) -> tuple[str, ...]:
    """The nearest size of an input, what to write at one of the windows, and the shape as made."""
    ops, x = [layer.op for layer in layers], layers[0].inputs[0]
    found = [*_arriving(ops, x, wanted)] if at_input else []
    for variants in (_rounded_up, _padded, _strided):
        found += _changed(ops, x, wanted, variants)
    return (*_giving(wanted, found), f"if the layers are right, write `=> {made}`")


def strides(ops: Sequence[Op], x: Shape, wanted: Shape) -> Iterator[tuple[int, str]]:
    """Which of the ops gives a size with which other stride, the last op first."""
    for index in reversed(range(len(ops))):
        for text, other in _strided(ops[index]):
            if _sizes([*ops[:index], other, *ops[index + 1 :]], x) == wanted[1:]:
                yield index, text


def arm(items: Sequence[ir.Item], made: Shape, wanted: Shape) -> tuple[str, ...]:
    """The padding that makes an arm's map as large as that of another.

    A stride that makes it smaller is meant: then the other arm needs a projection.
    """
    layers = [item for item in items if isinstance(item, ir.Layer)]
    if not layers or len(layers) < len(items) or not size_differs(made, wanted):
        return ()
    ops, x = [layer.op for layer in layers], layers[0].inputs[0]
    lines = _giving(wanted, [*_changed(ops, x, wanted, _padded)])
    return tuple(f"on the {dims(made)} arm {line}" for line in lines)


def _giving(wanted: Shape, found: list[str]) -> tuple[str, ...]:
    """One line of all that gives a size."""
    if not found:
        return ()
    first, *rest = found
    size = wanted[1] if wanted[1] == wanted[2] else f"{wanted[1]}x{wanted[2]}"
    return (f"{first} gives {size}" + "".join(f", and so does {other}" for other in rest),)


def _arriving(ops: Sequence[Op], x: Shape, wanted: Shape) -> Iterator[str]:
    near = sorted(range(-NEAR, NEAR + 1), key=abs)
    for more in near:
        other = (x[0], x[1] + more, x[2] + more)
        if more and other[1] > 0 and other[2] > 0 and _sizes(ops, other) == wanted[1:]:
            yield f"`input {dims(other)}`"
            return


def _changed(ops: Sequence[Op], x: Shape, wanted: Shape, variants: Variants) -> Iterator[str]:
    """The first change of one of the layers that does it."""
    several = sum(op.reach().kernel not in (None, (1, 1)) for op in ops) > 1
    for index, op in enumerate(ops):
        for text, other in variants(op):
            if _sizes([*ops[:index], other, *ops[index + 1 :]], x) == wanted[1:]:
                where = f" at {op.name}" * several
                yield f"`{text}`" + _why(other, ops[:index], x, where)
                return


def _rounded_up(op: Op) -> Iterator[tuple[str, Op]]:
    if getattr(op, "ceil", None) is False:
        yield "ceil=true", replace(op, ceil=True)


def _padded(op: Op) -> Iterator[tuple[str, Op]]:
    """The op with more and more padding, rows and columns alike first."""
    kernel = op.reach().kernel
    if not hasattr(op, "pad") or kernel is None:
        return
    rows, columns = (range(min(size, PADDING_MAX)) for size in kernel)
    pairs = sorted(((r, c) for r in rows for c in columns), key=lambda p: (p[0] != p[1], sum(p)))
    for row, column in pairs:
        written = f"pad={row}" if row == column else f"pad={row}x{column}"
        yield written, replace(op, pad=Padding(row, row, column, column))


def _strided(op: Op) -> Iterator[tuple[str, Op]]:
    """The op with another stride, the nearest first."""
    window = getattr(op, "window", None)
    if not isinstance(window, Window):
        return
    for stride in sorted(range(1, STRIDE_MAX + 1), key=lambda s: abs(s - window.stride[0])):
        other = window._replace(stride=(stride, stride), written=True)
        yield str(other), replace(op, window=other)


def _why(op: Op, before: Sequence[Op], x: Shape, where: str) -> str:
    """Where the padding goes, and the arithmetic of it where that is one line."""
    arriving = x
    for earlier in before:
        arriving = earlier.shape(arriving)
    lines = op.why(arriving)
    return f"{where} ({lines[0].partition(', with')[0]})" if len(lines) == 1 else where


def _sizes(ops: Iterable[Op], x: Shape) -> Shape | None:
    """Height and width after the ops, or None where one of them cannot work."""
    try:
        for op in ops:
            x = op.shape(x)
    except OpError:
        return None
    return x[1:]
