"""Functions that are one op together: a channel shuffle, TensorFlow's padding, a norm of a map."""

from __future__ import annotations

from typing import Any

from cnnspec.importing.flow import consumers, join, only, remove
from cnnspec.importing.flow import replace as reroute
from cnnspec.importing.made import op
from cnnspec.importing.trace import Raw, Step, Trace, Value, steps
from cnnspec.ops.op import Op
from cnnspec.records import replace
from cnnspec.values import TF_SAME, Padding


def shuffles(trace: Trace) -> None:
    """`view`, exchange of the first two of five axes, `view` back: a channel shuffle."""
    readers = consumers(trace.root)
    for first in [*steps(trace.root)]:
        second = only(readers, first.output)
        third = only(readers, second.output) if second else None
        if second and third and _is_shuffle(first, second, third):
            groups = _shapes(first)[1][1]
            first.op = op("channel_shuffle", groups=groups)
            join(first, third, second)


def _shapes(step: Step) -> tuple[tuple[int, ...], tuple[int, ...]]:
    before, after = step.op.data if isinstance(step.op, Raw) else ((), ())
    return before, after  # type: ignore[return-value]


def _is_shuffle(first: Step, second: Step, third: Step) -> bool:
    names = [step.op.does if isinstance(step.op, Raw) else "" for step in (first, second, third)]
    if names != ["view", "axes", "view"] or second.op != Raw("axes", (0, 2, 1, 3, 4)):
        return False
    before, after = _shapes(first)
    return len(after) == 5 and _shapes(third)[1] == before and after[3:] == before[2:]


def padded(trace: Trace) -> None:
    """A convolution for which a function pads the map first pads it itself.

    Where its own module does it, and as TensorFlow does, that is `pad=tf_same`.
    """
    readers = consumers(trace.root)
    again = {step.shares for step in steps(trace.root)}
    for pad in [*steps(trace.root)]:
        conv = only(readers, pad.output)
        if conv and conv.path in again and conv.path != pad.scope.path:
            continue  # its other uses have borders of their own
        if not (conv and conv.stateful and _pads_for(pad, conv)):
            continue
        assert isinstance(pad.op, Op) and isinstance(conv.op, Op)
        sides = pad.op.zeros()
        assert sides is not None
        dynamic = conv.path == pad.scope.path and _as_tensorflow(pad, conv)
        if dynamic or not sides.symmetric:
            conv.op = replace(conv.op, pad=TF_SAME if dynamic else sides)
            reroute(trace, pad.output, pad.inputs[0])
            remove(pad)


def _pads_for(pad: Step, conv: Step) -> bool:
    """Whether a function puts zeros around the map of a convolution that adds none."""
    zeros = isinstance(pad.op, Op) and pad.op.zeros() is not None
    if pad.path.rpartition(".")[2].isdigit() or (pad.path and pad.scope is not conv.scope):
        return False  # it has a number, or stands in another module
    slides = isinstance(conv.op, Op) and hasattr(conv.op, "pad_mode")
    return zeros and slides and getattr(conv.op, "pad", None) == Padding(0, 0, 0, 0)


def _as_tensorflow(pad: Step, conv: Step) -> bool:
    """Whether a map is padded as much as gives ceil(H / stride), the odd one behind."""
    assert isinstance(pad.op, Op)
    rows, columns = (_sides(pad.inputs[0].shape[axis + 1], conv.op, axis) for axis in (0, 1))
    return pad.op.zeros() == Padding(*rows, *columns)


def _sides(size: int, conv: Any, axis: int) -> tuple[int, int]:
    stride = conv.window.stride[axis]
    span = conv.dilation[axis] * (conv.window.kernel[axis] - 1) + 1
    total = max((-(-size // stride) - 1) * stride + span - size, 0)
    return total // 2, total - total // 2


def means(trace: Trace) -> None:
    """The sum of n maps, divided by n, is their mean."""
    readers = consumers(trace.root)
    for times in [*steps(trace.root)]:
        factor = getattr(times.op, "factor", None)
        first = times.inputs[0].maker if isinstance(times.op, Op) and times.inputs else None
        if not isinstance(factor, float) or first is None:
            continue
        added = _added(first, readers)
        arms = [value for step in reversed(added) for value in step.inputs]
        arms = [value for value in arms if value.maker not in added]
        if added and abs(factor * len(arms) - 1) < 1e-12 and first.scope is times.scope:
            times.op, times.inputs = op("mean"), arms
            for step in added:
                remove(step)


def _added(last: Step, readers: dict[Value, list[Step]]) -> list[Step]:
    """The sums that lead to one, itself the first, as far as nobody else reads them."""
    if not (isinstance(last.op, Op) and last.op.sums and only(readers, last.output)):
        return []
    found = [last]
    before = last.inputs[0].maker
    while before is not None and before.scope is last.scope and (more := _added(before, readers)):
        found += more
        before = more[-1].inputs[0].maker
    return found


LAST, FIRST = (1, 2, 0), (2, 0, 1)
"""The orders of axes that bring the channels behind, and back in front."""


def channels_last(trace: Trace) -> None:
    """A norm over the channels between two exchanges of axes is the norm of a map."""
    readers = consumers(trace.root)
    for first in [*steps(trace.root)]:
        norm = only(readers, first.output)
        last = only(readers, norm.output) if norm else None
        if not (norm and last and isinstance(norm.op, Op) and norm.op.kind == "norm"):
            continue
        if getattr(norm.op, "over", "") != "last":
            continue
        if _order(first) == LAST and _order(last) == FIRST:
            norm.op = replace(norm.op, over="channels")
            norm.inputs = first.inputs
            join(norm, last)
            remove(first)


def _order(step: Step) -> tuple[int, ...]:
    return getattr(step.op, "order", ())
