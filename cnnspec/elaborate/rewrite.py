"""A call as other tools order its arguments, written anew as the language wants it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from cnnspec import foreign
from cnnspec.ops import ops
from cnnspec.ops.arguments import ArgumentError, bind
from cnnspec.source import Span
from cnnspec.spelling import plain
from cnnspec.syntax import tree as t
from cnnspec.values import Dims, Value, Window, show

if TYPE_CHECKING:
    from cnnspec.ops.op import Op

LARGE = 12
"""From here on a number is one of channels, below it one of a window."""
_WINDOWS = {"kernel", "kernelsize", "kernelshape", "filtersize", "poolsize", "windowsize", "size"}
_STRIDES = {"stride", "strides", "step", "subsample"}


def positional(
    cls: type[Op],
    values: Sequence[Value],
    keywords: Mapping[str, Value],
    spans: Mapping[str | int, Span],
) -> tuple[str, ...]:
    """`conv 3, 64, 3` as `conv 64, 3x3`: the first reading of the arguments that the op takes."""
    readings = chain(_pooled(cls, values), _readings(values))
    for number, (read, why) in enumerate(readings):
        if number == 8:
            break
        if cls.beside and not read:  # it has defaults, and none of them is enough
            continue
        try:
            bind(cls, read, keywords)
        except ArgumentError:
            continue
        words = [*map(show, read), *(spans[k].text for k in keywords if k in spans)]
        call = f"{cls.name} {', '.join(words)}".rstrip()
        return (f"write `{call}`{why}",)
    return ()


def _pooled(cls: type[Op], values: Sequence[Value]) -> Iterator[tuple[list[Value], str]]:
    """`maxpool 2` of other tools moves by its window."""
    if cls.kind == "pool" and len(values) == 1 and (n := _count(values[0])):
        yield [Window((n, n), (n, n), True)], ": the window moves by its own size"


def _readings(values: Sequence[Value]) -> Iterator[tuple[list[Value], str]]:
    """Other meanings of arguments by place, the likeliest first."""
    given = [*values]
    known = ": what arrives is known"
    counts = [_count(v) for v in given]
    if len(given) > 1 and counts[0] and not (counts[1] and counts[1] < LARGE and len(given) == 2):
        if not counts[1] or counts[1] >= LARGE or not isinstance(given[-1], int):
            yield given[1:], known
        if len(given) > 2 and (counts[1] >= LARGE or len(given) > 4):
            yield [given[1], *_windows(given[2:])], known
    for at, value in enumerate(given):
        if (n := _count(value)) and not _window(value):
            if at + 1 < len(given) and (s := counts[at + 1]):
                yield [*given[:at], Window((n, n), (s, s), True), *given[at + 2 :]], _stride(s)
            yield [*given[:at], Dims((n, n)), *given[at + 1 :]], ""
        elif _window(value):
            yield [*given[:at], *_windows(given[at:])], ""
            yield [*given[:at], *_windows(given[at:])[:1]], ""
    if len(given) > 1:
        yield given[1:], known
        yield [given[1], *_windows(given[2:])], known
    yield given[:-1], ""


def _windows(values: Sequence[Value]) -> list[Value]:
    """Kernel, stride as the one word that they are here."""
    first, *rest = values or [0]
    sides = (_count(first), _count(first)) if _count(first) else _window(first)
    if sides is None:
        return [*values]
    if rest and (stride := _count(rest[0])):
        return [Window((sides[0], sides[1]), (stride, stride), True), *rest[1:]]
    return [Dims((sides[0], sides[1])), *rest]


def _window(value: Value) -> tuple[int, int] | None:
    """The sides of a window that came as a list of two."""
    if type(value) is tuple and len(value) == 2 and all(map(_count, value)):
        return value[0], value[1]
    return None


def _count(value: Value) -> int:
    """A number of things, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _stride(stride: int) -> str:
    return f": the window moves by {stride}"


def argument(arg: t.Arg, call: t.Call, known: Sequence[str]) -> str:
    """The sentence beside a keyword that the callee does not take, with the numbers given."""
    keyword = plain(arg.keyword or "")
    given = {plain(a.keyword): a.value.span.text for a in call.args if a.keyword}
    window = next((given[k] for k in given if k in _WINDOWS), "")
    stride = next((given[k] for k in given if k in _STRIDES), "")
    written = next((a.value.span.text for a in call.args if _is_window(a)), "")
    kernel = written or (f"{window}x{window}" if window.isdigit() else "")
    if "window" in known and kernel and keyword in _WINDOWS | _STRIDES:
        whole = f"{kernel}/{stride}" if stride.isdigit() and stride != "1" else kernel
        said = (
            "the stride stands in the window" if keyword in _STRIDES else "the window stands alone"
        )
        return f"{said}: write `{whole}`"
    if (
        foreign.role(arg.keyword or "") == "activation"
        and (value := arg.value.span.text.strip('"')) in ops()
    ):
        return f"an activation follows: `-> {value}`"
    return foreign.meant("arguments", arg.keyword or "", known)


def _is_window(arg: t.Arg) -> bool:
    return isinstance(arg.value, t.Literal) and isinstance(arg.value.value, Dims)
