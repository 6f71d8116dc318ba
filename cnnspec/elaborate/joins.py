"""What errors of forks say: each arm with its shape, the odd one out, and what to type there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cnnspec import ir
from cnnspec.diagnostics import Label, SpecError, fail
from cnnspec.elaborate.later import fitting
from cnnspec.ops.op import OpError
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Shape, Value, dims


class Arm(NamedTuple):
    """One arm of a fork, elaborated: its shape is None after an error."""

    items: list[ir.Item]
    shape: Shape | None
    span: Span


class Ground(NamedTuple):
    """What can be written where a fork stands."""

    value: Callable[[t.Expr], Value]
    """The value of an expression there; None where it has none."""
    params: dict[str, Value]
    """The parameters of the block around it with their values."""


Calls = dict[Span, t.Call]
"""The calls in a fork by their places, which are those of the layers that they made."""


def join_error(error: OpError, fork: t.Fork, arms: list[Arm], ground: Ground) -> SpecError:
    """The arms of a fork do not fit together: show each with its shape; identities say so."""
    own = f": the {fork.name}'s own input"
    labels = [
        Label(arm.span, f"this arm is {dims(arm.shape)}" + own * (not arm.items))
        for arm in arms
        if arm.shape
    ]
    calls = dict(_calls(fork))
    help = _help(error, arms, calls)
    help = tuple(_in_own_words(line, arms, calls, ground) for line in help)
    for arm in arms:
        if arm.shape and not arm.items:
            identity = f"on the {dims(arm.shape)} arm"
            help = tuple(line.replace(identity, "in place of `skip`") for line in help)
    return fail(
        error.code, error.message, fork.name_span, labels=labels, notes=error.notes, help=help
    )


def _help(error: OpError, arms: list[Arm], calls: Calls) -> tuple[str, ...]:
    """What makes the arms fit: at the odd one out where there is one, else where the op says."""
    maps = [arm for arm in arms if arm.shape is not None and len(arm.shape) == 3]
    if error.code not in ("E0310", "E0311") or len(maps) < len(arms):
        return _padded(maps, None) or error.help
    odd = _odd(maps)
    if odd is None:
        several = len({arm.shape[1:] for arm in maps if arm.shape}) > 1 and len(maps) > 2
        general = (f"{len(maps)} arms need one height and width",) if several else error.help
        return _padded(maps, None) or general
    arm, wanted = odd
    assert arm.shape is not None
    if arm.shape[1:] == wanted[1:]:
        where = f"on the {dims(arm.shape)} arm"
        return (f"`conv {wanted[0]}, 1x1` {where} makes it {dims(wanted)}, as the others are",)
    return _padded([arm], wanted) or _strided(arm, wanted, calls) or _other(arm, wanted, error.code)


def _odd(arms: list[Arm]) -> tuple[Arm, Shape] | None:
    """The first arm that differs from most, with the shape of those; None without a majority."""
    sizes = Counter(arm.shape[1:] for arm in arms if arm.shape)
    if len(sizes) == 1:
        sizes = Counter(arm.shape for arm in arms if arm.shape)
    (most, count), *_ = sizes.most_common(1)
    if 2 * count <= len(arms):
        return None
    usual = [arm.shape for arm in arms if arm.shape and most in (arm.shape, arm.shape[1:])]
    odd = [arm for arm in arms if arm.shape and most not in (arm.shape, arm.shape[1:])]
    return (odd[0], usual[0]) if odd and count > 1 else None


def _padded(arms: list[Arm], wanted: Shape | None) -> tuple[str, ...]:
    """The padding that makes the first arm that is smaller than another one as large."""
    for arm in arms:
        for other in [wanted] if wanted else [a.shape for a in arms]:
            shape = arm.shape
            if shape and other and fitting.size_differs(shape, other) and shape[1:] < other[1:]:
                return fitting.arm(arm.items, shape, other)
    return ()


def _strided(arm: Arm, wanted: Shape, calls: Calls) -> tuple[str, ...]:
    """The call of an arm with another stride, as it is to be written."""
    layers = [item for item in arm.items if isinstance(item, ir.Layer)]
    if not layers or len(layers) < len(arm.items) or arm.shape is None:
        return ()
    for index, window in fitting.strides([layer.op for layer in layers], layers[0].inputs[0],
                                         wanted):  # fmt: skip
        call = _call_of(layers[index], calls)
        written = _argument(call, "window", 1 if layers[index].op.kind == "conv" else 0)
        if call is not None and written is not None:
            span, at = call.span, written.span
            text = span.text[: at.start - span.start] + window + span.text[at.end - span.start :]
            size = f"{wanted[1]}x{wanted[2]}"
            return (f"write `{text}` on the {dims(arm.shape)} arm: the others are {size}",)
    return ()


def _other(arm: Arm, wanted: Shape, code: str) -> tuple[str, ...]:
    """What to put on an arm that is so many times as large as the others."""
    assert arm.shape is not None
    where = f"on the {dims(arm.shape)} arm"
    (rows, more), (columns, extra) = (divmod(arm.shape[i], wanted[i]) for i in (1, 2))
    if more or extra or rows != columns or rows < 2:
        return (f"the others are {wanted[1]}x{wanted[2]}: what stands {where} must make that too",)
    if code == "E0310":
        return (f"a projection makes them equal: `conv {wanted[0]}, 1x1/{rows}` {where}",)
    return (f"`avgpool {rows}x{rows}/{rows}` {where} makes it {wanted[1]}x{wanted[2]}",)


_PROJECTION = r"`(conv|linear) (\d+)(?:, 1x1(?:/(\d+))?)?`"


def _in_own_words(line: str, arms: list[Arm], calls: Calls, ground: Ground) -> str:
    """A projection with the names that make its numbers: `conv c, 1x1/stride`, not those of a call.

    A block is called with several values: a number would mend one of its calls.
    """

    def named(match: re.Match[str]) -> str:
        count, stride = int(match[2]), int(match[3] or 1)
        found = [arm for arm in arms if arm.shape and arm.shape[0] == count and arm.items]
        layers = [layer for arm in found for layer in _layers(arm.items)]
        channels = _count(count, layers, calls, ground)
        if match[1] == "linear":
            return f"`linear {channels}`"
        return f"`conv {channels}, 1x1{_stride(stride, layers, calls, ground)}`"

    return re.sub(_PROJECTION, named, line)


def _count(count: int, layers: list[ir.Layer], calls: Calls, ground: Ground) -> str:
    """A number of channels as the last layer that makes it has it, or as a parameter is called."""
    for layer in reversed(layers):
        name = {"conv": "channels", "linear": "features"}.get(layer.op.kind)
        written = _argument(_call_of(layer, calls), name, 0) if name else None
        if written is not None and ground.value(written) == count:
            return written.span.text
    same = [name for name, value in ground.params.items() if value == count and value is not True]
    return same[0] if len(same) == 1 else str(count)


def _stride(stride: int, layers: list[ir.Layer], calls: Calls, ground: Ground) -> str:
    """A stride as the only window of these layers that is written with a name has it."""
    args = [arg for layer in layers if (call := _call_of(layer, calls)) for arg in call.args]
    windows = [arg.value for arg in args if isinstance(arg.value, t.Chain)]
    strides = [window.rest[-1][1] for window in windows if window.rest[-1][0] == "/"]
    named = [expr for expr in strides if not isinstance(expr, t.Literal)]
    if len({expr.span.text for expr in named}) == 1 and ground.value(named[0]) == stride:
        return f"/{named[0].span.text}"
    return f"/{stride}" if stride > 1 else ""


def _layers(items: list[ir.Item]) -> list[ir.Layer]:
    """The layers of an arm's own level, in order."""
    return [item for item in items if isinstance(item, ir.Layer)]


def _call_of(layer: ir.Layer, calls: Calls) -> t.Call | None:
    """The call that made a layer; None for what follows by a default."""
    call = calls.get(layer.span)
    return call if call is not None and call.name == layer.op.name else None


def _argument(call: t.Call | None, name: str, position: int) -> t.Expr | None:
    """An argument of a call as written, by its keyword or its place."""
    args = call.args if call else ()
    by_place = [arg for arg in args if arg.keyword is None]
    found = next((arg for arg in args if arg.keyword == name), None)
    if found is None and position < len(by_place):
        found = by_place[position]
    return None if found is None else found.value


def _calls(fork: t.Fork) -> Iterator[tuple[Span, t.Call]]:
    waiting: list[t.Node] = [fork.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, t.Call):
            yield node.span, node
        waiting += node.children()
