"""A net as one line of steps, for the styles that show no cells: every op a row, skips as spans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cnnspec.draw.errors import DrawError
from cnnspec.draw.parts.forkkind import SkipKind, skip_kind, trunk_arm
from cnnspec.draw.parts.parts import Band, Chain, Frame, Mark, Part, Plan, Row, Split


@dataclass(slots=True)
class Step:
    """A row on the line; `opens` says that a block begins, `inside` that it stands in one.

    `paths` are the ops that the row stands for, `via` those on the wire behind it.
    """

    row: Row
    paths: list[str]
    opens: bool
    inside: bool
    via: list[str] = field(default_factory=list)

    @property
    def size(self) -> tuple[int, ...]:
        """The map that leaves it; a vector is one pixel."""
        return tuple(self.row.shape[1:]) or (1, 1)

    @property
    def end(self) -> str:
        """The path of the last op that the row or the wire behind it stands for."""
        return (self.via or self.paths)[-1]


@dataclass(frozen=True, slots=True)
class Span:
    """A skip from before step `first` to behind step `last`; `depth` is 0 for inner ones."""

    first: int
    last: int
    kind: SkipKind
    src: str
    join: str
    via: tuple[str, ...]
    depth: int


class Line:
    """The steps and skips of a net; refuses what is no line."""

    def __init__(self, plan: Plan, style: str) -> None:
        self.plan, self.style = plan, style
        self.steps: list[Step] = []
        self.spans: list[Span] = []
        if plan.heads:
            self._refuse("a further output")
        self._parts(plan.parts, inside=False)
        if not self.steps:
            self._refuse("nothing to draw")

    def _refuse(self, what: str) -> None:
        name, style = self.plan.name, self.style
        raise DrawError(f"{name} has {what}: style {style} has no place for it, style block has")

    def _parts(self, parts: Iterable[Part], *, inside: bool) -> int:
        """Add parts; returns how deep their skips lie."""
        depth, opens = 0, True
        for part in parts:
            match part:
                case Row():
                    self._row(part, opens=opens, inside=inside)
                case Split():
                    depth = max(depth, self._split(part, opens=opens))
                case Frame():
                    self._parts(part.parts, inside=True)
                case Band():
                    self._parts(part.parts, inside=inside)
                case Chain() | Mark():
                    self._refuse(self.plan.knot)
            opens = not inside
        return depth

    def _row(self, row: Row, *, opens: bool, inside: bool) -> None:
        """Rows of norm and activation alone, and dropout, belong to the row before."""
        quiet = row.main < 0 or row.layer.op.passes
        if quiet and self.steps:
            self._behind(row.paths)
        else:
            self.steps.append(Step(row, list(row.paths), opens, inside))

    def _behind(self, paths: Iterable[str]) -> None:
        step = self.steps[-1]
        (step.via if step.via else step.paths).extend(paths)

    def _split(self, split: Split, *, opens: bool) -> int:
        """A residual unit: its trunk goes on the line, the other arms become spans."""
        trunk = trunk_arm(split)
        if trunk is None or not split.join.layer.op.sums:
            self._refuse("branches side by side" if trunk is None else "joins that do not add")
        assert trunk is not None
        first = len(self.steps)
        src = self.steps[-1].end if self.steps else self.plan.input
        depth = self._parts(split.arms[trunk], inside=True)
        if len(self.steps) == first:
            self._refuse("a skip round nothing")
        self.steps[first].opens = opens
        self.steps[-1].via.extend(split.join.paths)
        for index, arm in enumerate(split.arms):
            if index != trunk:
                via = tuple(path for row in arm if isinstance(row, Row) for path in row.paths)
                ends = (src, split.join.paths[0])
                last = len(self.steps) - 1
                self.spans.append(Span(first, last, skip_kind(arm), *ends, via, depth))
        return depth + 1
