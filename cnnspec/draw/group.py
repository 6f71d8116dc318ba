"""What stands together: equal neighbours as one frame, runs of one map size as a band."""

from __future__ import annotations

from itertools import groupby

from cnnspec.draw.tree import Band, Frame, Part, Row, Split, walk

_FEW = 5
"""So many equal rows are still drawn one by one: VGG-19 has four."""


def counted(parts: list[Part]) -> list[Part]:
    """Equal forks, and long runs of equal rows, as one frame; a few rows stay as they are."""
    out: list[Part] = []
    for key, group in groupby(parts, _key):
        run = tuple(group)
        least = 2 if isinstance(run[0], Split) else _FEW + 1
        counts = bool(key) and not isinstance(run[0], Frame)
        out.extend([_repeat(run)] if counts and len(run) >= least else run)
    return out


def _repeat(run: tuple[Part, ...]) -> Frame:
    first, last = (_paths(part) for part in (run[0], run[-1]))
    name = first[0].rpartition(".")[2]
    return Frame(name, " ".join(first), " ".join(last), run[:1], run[0].shape, len(run))


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
            return tuple((layer.op, layer.inputs, layer.shape) for layer in part.layers)
        case Split():
            arms = tuple(tuple(map(_key, arm)) for arm in part.arms)
            return ("fork", arms, _key(part.join))
        case Frame():
            return ("frame", part.count, *map(_key, part.parts))
        case Band():
            return ()


def banded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Without stages: runs of frames, else of convolutions, on one map size become bands."""
    if any(isinstance(part, Band) for part in parts):
        return parts
    framed = any(isinstance(part, Frame) for part in parts)
    out: list[Part] = []
    for (size, counts), group in groupby(parts, lambda part: _size_key(part, framed)):
        run = tuple(group)
        if counts and size and len(run) > 1:
            out.append(Band("", "", run, run[-1].shape))
        else:
            out.extend(run)
    return tuple(out)


def _size_key(part: Part, framed: bool) -> tuple[tuple[int, ...], bool]:
    """The map size that a part gives, and whether it may stand in a band."""
    counts = isinstance(part, Frame) if framed else isinstance(part, Row) and part.kind == "conv"
    return tuple(part.shape[1:]), counts
