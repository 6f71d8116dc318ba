"""What stands together: equal neighbours as one frame, runs of one map size as a band."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from cnnspec.draw.parts.equality import alike
from cnnspec.draw.parts.parts import Band, Frame, Part, Row, Split, between, walk
from cnnspec.draw.parts.paths import listed
from cnnspec.draw.parts.renames import ranged, rates

_FEW = 5
"""So many equal rows are still drawn one by one: VGG-19 has four."""


_GROUP = re.compile(r"(.*\d)(?:[a-z]|[._]\d+)")
"""A label such as `inception4a`, `conv5_2` or `stage3.1`: what comes before the last letter or
number is the author's group."""


_LONGEST = 8
"""So many rows a pattern that repeats has at most."""


def counted(parts: list[Part], pinned: Callable[[Part], bool]) -> list[Part]:
    """Patterns, equal forks and long runs of equal rows as one frame; a few rows stay.

    `pinned` parts are never counted.
    """

    def key_of(part: Part) -> tuple[object, ...]:
        return () if pinned(part) else _key(part)

    out: list[Part] = []
    for key, group in groupby(_patterns(parts, key_of), key_of):
        run = tuple(group)
        least = 2 if isinstance(run[0], Split) else _FEW + 1
        counts = bool(key) and not isinstance(run[0], Frame)
        out.extend([_repeat(run)] if counts and len(run) >= least else run)
    return out


def _patterns(parts: list[Part], key: Callable[[Part], tuple[object, ...]]) -> list[Part]:
    """Several rows that stand three times or more in a row, conv and pool say, as one frame."""
    keys, out, at = [key(part) for part in parts], list[Part](), 0
    while at < len(parts):
        for length in range(2, _LONGEST + 1):
            times = _times(keys, at, length)
            if times > 2:
                out.append(_repeat(tuple(parts[at : at + length * times]), length))
                at += length * times
                break
        else:
            out.append(parts[at])
            at += 1
    return out


def _times(keys: list[tuple[object, ...]], at: int, length: int) -> int:
    """How often the next `length` rows stand there; 1 when they are equal to each other.

    Most rows are unlike the row `length` behind them, which is seen before anything is sliced.
    """
    if at + length >= len(keys) or keys[at + length] != keys[at]:
        return 1
    unit = keys[at : at + length]
    flat = all(key and key[0] != "frame" for key in unit)
    if not flat or len(set(unit)) == 1:
        return 1
    times = 1
    while keys[at + times * length : at + (times + 1) * length] == unit:
        times += 1
    return times


def _repeat(run: tuple[Part, ...], length: int = 1) -> Frame:
    begin, end = run[:length], run[len(run) - length :]
    first, last = ([path for part in side for path in _paths(part)] for side in (begin, end))
    name = first[0].rpartition(".")[2]
    members = tuple(path for part in run for path in _paths(part))
    ends = (listed(first), listed(last))
    rows = (row for part in run for row in walk((part,)) if isinstance(row, Row))
    begin = ranged(begin, rates(layer for row in rows for layer in row.layers))
    count, given = len(run) // length, _called(run) if length == 1 else ""
    return Frame(name, *ends, begin, end[-1].shape, count, members=members, given=given)


def _called(run: tuple[Part, ...]) -> str:
    """What rows that go by the names of their calls are called together: `1–13`."""
    first, last = run[0], run[-1]
    if not isinstance(first, Row) or not isinstance(last, Row):
        return ""
    layer = first.paths[max(first.main, 0)].rpartition(".")[2]
    return "" if first.name in ("", layer) else between(first.name, last.name)


def _paths(part: Part) -> list[str]:
    """The paths of all layers of a row or fork; the join, which names a fork, comes first."""
    rows = [row for row in walk((part,)) if isinstance(row, Row)]
    if isinstance(part, Split):
        rows = rows[-1:] + rows[:-1]
    return [path for row in rows for path in row.paths]


def _key(part: Part) -> tuple[object, ...]:
    """What makes two rows or forks equal; empty for what is never counted here."""
    match part:
        case Row():
            ops = tuple((alike(layer.op), layer.inputs, layer.shape) for layer in part.layers)
            return (*ops, part.shares) if part.shares else ops
        case Split():
            arms = tuple(tuple(map(_key, arm)) for arm in part.arms)
            return ("fork", arms, _key(part.join))
        case Frame():
            return ("frame", part.count, *map(_key, part.parts))
        case _:
            return ()


def banded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Without stages: runs of frames, else of convolutions, on one map size become bands."""
    if any(isinstance(part, Band) for part in parts):
        return parts
    framed = any(isinstance(part, Frame) for part in parts)
    out: list[Part] = []
    for (size, _, counts), group in groupby(parts, lambda part: _size_key(part, framed)):
        run = tuple(group)
        if counts and size and len(run) > 1:
            out.append(Band("", "", run, run[-1].shape))
        else:
            out.extend(run)
    return tuple(out)


def _size_key(part: Part, framed: bool) -> tuple[tuple[int, ...], str, bool]:
    """The map size that a part gives, its author's group, and whether it may stand in a band."""
    counts = isinstance(part, Frame) if framed else isinstance(part, Row) and part.kind == "conv"
    group = _GROUP.fullmatch(part.name) if isinstance(part, Frame | Row) else None
    return tuple(part.shape[1:]), group[1] if group else "", counts
