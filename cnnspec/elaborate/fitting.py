"""What would give an asserted shape: another input size, padding, number of channels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cnnspec import ir
from cnnspec.ops.op import Op, OpError
from cnnspec.values import Padding, Shape, dims

NEAR = 8
"""How far from the size that arrives another one is looked for."""
PADDING_MAX = 16
NOTES_MAX = 4


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


def channels(layers: Sequence[ir.Layer], found: Shape, wanted: Shape) -> tuple[str, ...]:
    """What to write where the sizes agree and the channels (or features) do not."""
    kinds = {"conv": "channels", "linear": "features"}
    last = next((layer for layer in reversed(layers) if layer.op.kind in kinds), None)
    right = f"if the layers are right, write `=> {dims(found)}`"
    if last is None or len(found) != len(wanted) or found[1:] != wanted[1:]:
        return (right,)
    what = kinds[last.op.kind]
    return (f"`{last.op.name} {wanted[0]}` gives {wanted[0]} {what}; {right}",)


def remedies(layers: Sequence[ir.Layer], wanted: Shape, *, at_input: bool) -> tuple[str, ...]:
    """The nearest size that could arrive, and the padding, that give the asserted size."""
    ops, x = [layer.op for layer in layers], layers[0].inputs[0]
    size = wanted[1] if wanted[1] == wanted[2] else f"{wanted[1]}x{wanted[2]}"
    found = [*_arriving(ops, x, wanted, at_input), *_padding(ops, x, wanted)]
    if not found:
        return ()
    first, *rest = found
    return (f"{first} gives {size}" + "".join(f", and so does {other}" for other in rest),)


def _arriving(ops: Sequence[Op], x: Shape, wanted: Shape, at_input: bool) -> Iterator[str]:
    near = sorted(range(-NEAR, NEAR + 1), key=abs)
    for more in near:
        other = (x[0], x[1] + more, x[2] + more)
        if more and other[1] > 0 and other[2] > 0 and _sizes(ops, other) == wanted[1:]:
            yield f"`input {dims(other)}`" if at_input else f"{dims(other)} in place of {dims(x)}"
            return


def _padding(ops: Sequence[Op], x: Shape, wanted: Shape) -> Iterator[str]:
    """The least padding of one of the layers that does it."""
    several = sum(hasattr(op, "pad") for op in ops) > 1
    for index, op in enumerate(ops):
        for pad in _paddings(op):
            other = [*ops[:index], pad, *ops[index + 1 :]]
            if _sizes(other, x) == wanted[1:]:
                yield f"`{_written(pad)}`" + _why(pad, ops[:index], x, f" at {op.name}" * several)
                return


def _paddings(op: Op) -> Iterable[Op]:
    """The op with more and more padding, rows and columns alike first."""
    kernel = op.reach().kernel
    if not hasattr(op, "pad") or kernel is None:
        return
    rows, columns = (range(min(size, PADDING_MAX)) for size in kernel)
    pairs = sorted(((r, c) for r in rows for c in columns), key=lambda p: (p[0] != p[1], sum(p)))
    for row, column in pairs:
        yield replace(op, pad=Padding(row, row, column, column))  # type: ignore[call-arg]


def _written(op: Op) -> str:
    pad: Padding = op.pad  # type: ignore[attr-defined]
    return f"pad={pad.top}" if pad.top == pad.left else f"pad={pad.top}x{pad.left}"


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
