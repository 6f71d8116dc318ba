"""The stretches of a densely connected net's trunk: dense blocks, transitions, single ops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnspec.draw.tree import Band, Frame, Part, Plan, Row, walk


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the trunk: channels at its ends, and the parts that it stands for."""

    parts: tuple[Part, ...]
    name: str
    begin: int
    end: int
    size: tuple[int, ...]
    dense: Frame | None = None

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
        return self.dense.stands if self.dense else tuple(self.paths.split())

    @property
    def paths(self) -> str:
        """The paths of every op in it."""
        rows = [part for part in walk(self.parts) if isinstance(part, Row)]
        return " ".join(path for row in rows for path in row.paths)


def pieces(plan: Plan) -> Iterator[Piece]:
    """Dense blocks, the frames between them as one piece each, and every other row."""
    channels = plan.shape[0]
    for part in plan.parts:
        inner = part.parts if isinstance(part, Band) else (part,)
        name = part.name if isinstance(part, Band) else ""
        for one in inner:
            end, size = one.shape[0], tuple(one.shape[1:])
            if isinstance(one, Frame) and one.growth:
                yield Piece((one,), name or one.name, one.start[0], end, size, one)
            elif not isinstance(one, Row) or one.main >= 0:
                yield Piece((one,), getattr(one, "name", ""), channels, end, size)
            channels = end


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
