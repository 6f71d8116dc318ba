"""What all boxes of a figure share: columns of cells, shades, and how much a fork shows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cnnspec.draw.page.labels import Label, joined, label_width, narrowest, op_label, words
from cnnspec.draw.page.measures import LABEL, ROOM, Columns, Room
from cnnspec.draw.parts.forkkind import trunk_arm
from cnnspec.draw.parts.parts import Band, Chain, Frame, Part, Row, Split, convs
from cnnspec.ir import Layer

SHADES = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """The look of one figure.

    `levels` are the channel counts at which the shade changes, empty when the kernel decides.
    `strips`: a module of branches is shown collapsed, as a strip of its output channels.
    """

    columns: Columns
    levels: tuple[int, ...]
    strips: bool = False
    staged: bool = False
    """Whether a shade tells the widest map of a stage, not that of a convolution."""
    lane: float = 0
    """The width of the boxes on skips: that of the widest."""
    strip: float = 0
    """The width of the strips: that of the widest."""
    closed: float = 0
    """The width of the boxes that stand for closed blocks."""
    space: Room = ROOM
    told: bool = False
    """Whether the key of the figure that it is a part of says what shades mean."""

    @property
    def by_kernel(self) -> bool:
        """Whether the shade of a convolution tells its kernel."""
        return not self.levels

    def shade(self, layer: Layer, stage: int = 0) -> str:
        """The fill of a convolution: its own, or that of the stage with `stage` channels."""
        if self.by_kernel:
            kernel = max(getattr(layer.op, "window").kernel)  # noqa: B009 - conv's own field
            return f"conv{min(kernel // 2, SHADES - 1) + 1}"
        rank = bisect_left(self.levels, stage or layer.shape[0])
        return self._of_rank(min(rank, len(self.levels) - 1))

    def row(self, row: Row, stage: int = 0) -> str:
        """The fill of a row's convolution; none where it stands for several with other channels."""
        return "background" if row.among and not self.by_kernel else self.shade(row.layer, stage)

    def card(self, widest: int) -> str:
        """The fill of a closed block: that of its stage, where shades tell channels."""
        if self.by_kernel or not widest:
            return "background"
        return self._of_rank(min(bisect_left(self.levels, widest), len(self.levels) - 1))

    def _of_rank(self, rank: int) -> str:
        return f"conv{rank * SHADES // max(len(self.levels), SHADES) + 1}"

    def ranges(self) -> list[tuple[str, int, int]]:
        """The fills in use, each with the least and the most channels that it stands for."""
        found: dict[str, list[int]] = {}
        for rank, level in enumerate(self.levels):
            found.setdefault(self._of_rank(rank), []).append(level)
        ranges = [(fill, levels[0], levels[-1]) for fill, levels in found.items()]
        return ranges if len(ranges) > 1 else []


def shade_levels(parts: tuple[Part, ...]) -> tuple[int, ...]:
    """The widest channels of each stage and of rows that are wider still, sorted; none where
    branches make the kernel speak.
    """
    if any(isinstance(part, Split) and trunk_arm(part) is None for part in _all(parts)):
        return ()
    widest = {stage_channels((part,)) for part in stages(parts) or _rows(parts)} - {0}
    alone = {stage_channels((part,)) for part in parts if isinstance(part, Row)}
    return tuple(sorted(widest | {most for most in alone if most > max(widest, default=0)}))


def stages(parts: tuple[Part, ...]) -> list[Part]:
    """The stages and blocks with convolutions, whose widest maps decide the shades."""
    found = [part for part in parts if isinstance(part, Frame) or _named(part)]
    return [part for part in found if stage_channels((part,))]


def _rows(parts: Iterable[Part]) -> list[Row]:
    return [part for part in _all(parts) if isinstance(part, Row)]


def _named(part: Part) -> bool:
    return isinstance(part, Band) and bool(part.name)


def stage_channels(parts: tuple[Part, ...]) -> int:
    """The most channels that a convolution of a stage gives, in closed blocks too."""
    closed = (part.widest for part in _all(parts) if isinstance(part, Frame))
    return max([0, *closed, *(layer.shape[0] for layer in convs(parts))])


def _all(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        yield part
        if isinstance(part, Frame | Band | Chain):
            yield from _all(part.parts)
        elif isinstance(part, Split):
            for arm in part.arms:
                yield from _all(arm)


def branched(parts: tuple[Part, ...]) -> list[Frame]:
    """The frames whose inside is one fork of several branches."""
    frames = [part for part in _all(parts) if isinstance(part, Frame)]
    return [frame for frame in frames if module_fork(frame) is not None]


def module_fork(frame: Frame) -> Split | None:
    """The concat that a module consists of, when its branches stand side by side."""
    only = frame.parts[0] if len(frame.parts) == 1 and not frame.opened else None
    if not isinstance(only, Split) or not only.join.layer.op.stacks:
        return None
    return only if trunk_arm(only) is None else None


def cell_rows(parts: Iterable[Part], strips: bool) -> Iterator[Row]:
    """The rows that are set in the figure's columns of cells."""
    for part in parts:
        match part:
            case Row():
                yield part
            case Band() | Chain():
                yield from cell_rows(part.parts, strips)
            case Frame():
                if not (strips and module_fork(part)):
                    yield from cell_rows(part.parts, strips)
            case Split():
                arm = trunk_arm(part)
                if arm is not None:
                    yield from cell_rows(part.arms[arm], strips)
                yield part.join


def main_label(row: Row) -> Label:
    """What the main cell says; a row without a main op names all of its ops."""
    if row.said:
        return _stressed(words(row.said))
    if row.shares:
        return joined([op_label(row.layer), words(f"weights of {row.shares}")])
    if row.main < 0:
        return joined(op_label(layer) for layer in row.layers)
    if row.kind == "join":
        op = row.layer.op
        return () if op.sign else words(f"{op.name}, {row.layer.shape[0]}")
    return op_label(row.layer)


def _stressed(label: Label) -> Label:
    """A label with its stride in bold."""
    return tuple(
        tuple(run._replace(bold=bool(_STRIDE.match(run.text))) for run in word) for word in label
    )


_STRIDE = re.compile(r"[/×][\ds]")


def main_width(row: Row, tight: bool = False) -> float:
    """Room for the main label; a pool's sides slant, and `tight` takes two lines."""
    measure = narrowest if tight else label_width
    return measure(main_label(row), LABEL) + (5 if row.kind == "pool" else 0)


def make_columns(rows: Iterable[Row], inset: float = ROOM.inset) -> Columns:
    """Columns as wide as their widest label, rounded up to half a point."""
    widest = dict.fromkeys(("lead_norm", "lead_act", "main", "norm", "act"), 0.0)
    free = 0.0
    for row in rows:
        has_norm = any(layer.op.kind == "norm" for layer in row.tail)
        width = main_width(row) + 2 * inset
        if has_norm:
            widest["main"] = max(widest["main"], width)
        else:
            free = max(free, width)
        for column, layers in (("lead_", row.lead), ("", row.tail)):
            for layer in layers:
                key = column + ("norm" if layer.op.kind == "norm" else "act")
                label = label_width(op_label(layer), LABEL) + 2 * inset
                widest[key] = max(widest[key], label)
    widest = {key: round(2 * width + 0.499) / 2 for key, width in widest.items()}
    widest["main"] = max(widest["main"], round(2 * free + 0.499) / 2 - widest["norm"], 24)
    return Columns(**widest)


def reductions(split: Split) -> str:
    """`reduce 96, 16`: the 1×1 convolutions at the head of longer branches."""
    heads = [list(convs(arm)) for arm in split.arms]
    found = [
        str(layers[0].shape[0])
        for layers in heads
        if len(layers) > 1 and getattr(layers[0].op, "window").kernel == (1, 1)  # noqa: B009
    ]
    return f"reduce {', '.join(found)}" if found else ""
