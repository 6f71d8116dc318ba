"""The stretches of a densely connected net's trunk: dense blocks, transitions, single ops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cnnspec.draw.parts.parts import Band, Frame, Part, Plan, Row, walk
from cnnspec.draw.parts.paths import listed, paths_in


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the trunk: channels at its ends, and the parts that it stands for."""

    parts: tuple[Part, ...]
    name: str
    begin: int
    end: int
    size: tuple[int, ...]
    dense: Frame | None = None
    quiet: tuple[str, ...] = ()
    """Norms and activations behind it, or before the first piece, which are no piece themselves."""

    @property
    def kind(self) -> str:
        """`dense`, or the kind of its last op; a transition is a pool."""
        if self.dense:
            return "dense"
        rows = [part for part in walk(self.parts) if isinstance(part, Row)]
        kinds = [row.kind for row in rows]
        return "pool" if "pool" in kinds else kinds[-1]

    @property
    def stands(self) -> tuple[str, ...]:
        """What it stands for in the IR: a dense block's layers, else its ops."""
        own = self.dense.stands if self.dense else tuple(paths_in(self.paths))
        return (*own, *self.quiet)

    @property
    def head(self) -> str:
        """The activation that ends an output in it."""
        last = list(walk(self.parts))[-1]
        return last.head if isinstance(last, Row) else ""

    @property
    def paths(self) -> str:
        """The paths of every op in it."""
        rows = [part for part in walk(self.parts) if isinstance(part, Row)]
        return listed(path for row in rows for path in row.paths)


def pieces(plan: Plan) -> list[Piece]:
    """Dense blocks, the frames between them as one piece each, and every other row."""
    channels, waiting, out = plan.shape[0], tuple[str, ...](), list[Piece]()
    for part in plan.parts:
        inner = part.parts if isinstance(part, Band) else (part,)
        name = part.name if isinstance(part, Band) else ""
        for one in inner:
            end, size = one.shape[0], tuple(one.shape[1:])
            if isinstance(one, Row) and one.main < 0 and not one.head:
                waiting += one.paths
                if out:
                    out[-1], waiting = replace(out[-1], quiet=(*out[-1].quiet, *waiting)), ()
                continue
            dense = one if isinstance(one, Frame) and one.growth else None
            begin = dense.start[0] if dense else channels
            called = (name if dense else "") or getattr(one, "name", "")
            out.append(Piece((one,), called, begin, end, size, dense, waiting))
            channels, waiting = end, ()
    return out


def shared(weights: Sequence[int], room: float, least: float) -> list[float]:
    """Shares of the room in proportion to the weights, none under `least`."""
    small: set[int] = set()
    while True:
        free = room - least * len(small)
        total = sum(weight for index, weight in enumerate(weights) if index not in small)
        sizes = [least if i in small else free * w / total for i, w in enumerate(weights)]
        short = {index for index, size in enumerate(sizes) if size < least - 1e-9} - small
        if not short:
            return sizes
        small |= short
