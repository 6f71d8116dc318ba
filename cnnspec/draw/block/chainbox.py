"""A chain on one axis: wires that go back or far run on lanes to its left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cnnspec.draw.block.box import TAP, Box, Port, link
from cnnspec.draw.block.framebox import align
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.pen import Pen, Point
from cnnspec.draw.parts.parts import Chain, Feed, Mark, Part, Row

_ENTER, _FIRST, _NEXT, _END, _WIDEST = 5.0, 9.0, 7.0, 1.0, 45.0
"""Wires enter so far above a box and leave below; the first lane's way, and each further one's; the
height of an end, and half of the widest name."""


class MarkBox:
    """A name on the axis: a further input, or an output; nothing at the end of a chain."""

    forks = False

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        half = text_width(mark.text, measures.NAME, bold=True) / 2
        self.left = self.right = min(half, _WIDEST)
        self.height = 9.0 if mark.text else _END

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Write the mark; see `Box.place`."""
        mark = self.mark
        path = mark.name or src
        if mark.text:
            muted = mark.kind != "input"
            shown = shorten(mark.text, measures.NAME, 2 * self.left, bold=not muted)
            half = text_width(shown, measures.NAME, bold=not muted) / 2
            room = 2 * self.left + 0.1
            stands = (mark.name,) if mark.kind == "input" else ()
            at = (x - half, y + 4.5, mark.text)
            pen.name(*at, size=measures.NAME, width=room, muted=muted, stands=stands)
        return Port(y, y + self.height, path, path, arrow=bool(mark.text))


@dataclass(slots=True)
class _Lane:
    """The wires that leave one layer sideways: from which part, to which, and how far out."""

    feed: Feed
    targets: list[int] = field(default_factory=list)
    rank: int = 0


class ChainBox:
    """Parts under each other in order of execution, each fed by what the chain says."""

    forks = True

    def __init__(self, chain: Chain, boxes: Sequence[Box]) -> None:
        self.chain, self.boxes = chain, boxes
        align(boxes)
        self.lanes = _lanes(chain)
        far = {target for lane in self.lanes for target in lane.targets}
        self.sideways = {index for index in far if not joins(chain.parts[index])}
        """The parts into whose tops a wire from a lane bends."""
        self.gaps = [self._gap(index) for index in range(1, len(boxes))]
        reach = max(box.left for box in boxes)
        ranks = max((lane.rank for lane in self.lanes), default=-1)
        self.edge = reach
        self.left = reach + (_FIRST + _NEXT * ranks if self.lanes else 0)
        self.right = max(box.right for box in boxes)
        self.above = measures.FORK + (_ENTER if 0 in self.sideways else 0)
        self.height = self.above + sum(box.height for box in boxes) + sum(self.gaps)

    def _gap(self, index: int) -> float:
        return measures.SPACE + (_ENTER if index in self.sideways else 0)

    def tops(self, y: float) -> list[float]:
        """The top of every part when the chain begins at `y`."""
        out = [y + self.above]
        for box, gap in zip(self.boxes, self.gaps, strict=False):
            out.append(out[-1] + box.height + gap)
        return out

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw the parts and the wires beside them; see `Box.place`."""
        tops, ports = self.tops(y), list[Port]()
        feet = [top + box.height for top, box in zip(tops, self.boxes, strict=True)]
        for index, (box, top) in enumerate(zip(self.boxes, tops, strict=True)):
            paths = [self._path(feed, ports, src) for feed in self.chain.feeds[index]]
            ports.append(box.place(pen, x, top, paths[0] if paths else src))
            if box.height > _END:
                pen.taps[ports[-1].last] = (x, feet[index] + TAP)
            if index and _straight(self.chain, index):
                link(pen, x, ports[-2].bottom, ports[-1], ports[-2].last)
                less = _less(self.chain, index)
                if less and less.at == index - 1 and less.whole:
                    pen.less((x + 4, top - 3.5))
        for lane in self.lanes:
            self._lane(pen, lane, x, self._leaves(pen, lane.feed, (x, y), feet), ports, src)
        first, last = ports[0], ports[-1]
        enters = _straight(self.chain, 0)
        top = first.top if enters else y
        path = self._path(self.chain.feeds[-1][0], ports, src) if _ends(self.chain) else last.last
        begin = first.first if enters else self._first(ports)
        return Port(top, last.bottom, begin, path, first.arrow and enters)

    def _first(self, ports: Sequence[Port]) -> str:
        """The first layer that what flows in comes to."""
        fed = (i for i, feeds in enumerate(self.chain.feeds) if any(f.at < 0 for f in feeds))
        return ports[next(fed, 0)].first

    def _path(self, feed: Feed, ports: Sequence[Port], src: str) -> str:
        """The layer that a feed comes from, as the picture names it."""
        if feed.at < 0:
            return src
        return ports[feed.at].last if feed.whole else feed.path

    def _leaves(self, pen: Pen, feed: Feed, begin: Point, feet: Sequence[float]) -> Point:
        """Where a lane begins."""
        if feed.at < 0:
            return begin
        if not feed.whole and feed.path in pen.taps:
            return pen.taps[feed.path]
        return begin[0], feet[feed.at] + TAP

    def _lane(
        self, pen: Pen, lane: _Lane, x: float, start: Point, ports: Sequence[Port], src: str
    ) -> None:
        """The wires of one lane, a dot at every fork."""
        path = self._path(lane.feed, ports, src)
        out = x - self.edge - _FIRST - _NEXT * lane.rank
        if lane.feed.at >= 0 and lane.feed.whole:
            pen.wire([(x, ports[lane.feed.at].bottom), start], arrow=False)
        if self._goes_on(lane.feed):
            pen.dot(start)
        for turn, target in enumerate(lane.targets):
            port = ports[target]
            end = self._enters(lane, target, x, port)
            ends = (("src", path), ("dst", port.first))
            data = (*ends, ("skip", "tap"))
            arrow = joins(self.chain.parts[target]) or port.arrow
            pen.wire([start, (out, start[1]), (out, end[0][1]), *end], arrow=arrow, data=data)
            if _less(self.chain, target) == lane.feed:
                low = end[-1][1] > (port.top + port.bottom) / 2 + 0.1
                pen.less((end[-1][0] - 3, end[-1][1] + (3 if low else -3.5)))
            if turn < len(lane.targets) - 1:
                pen.dot((out, end[0][1]))

    def _goes_on(self, feed: Feed) -> bool:
        """Whether a straight wire leaves the same point."""
        following = feed.at + 1
        return not feed.whole or (following < len(self.boxes) and _straight(self.chain, following))

    def _enters(self, lane: _Lane, target: int, x: float, port: Port) -> list[Point]:
        """The end of a wire from a lane: into the side of a join, else from above."""
        if not joins(self.chain.parts[target]):
            above = port.top - (measures.FORK if self.boxes[target].forks else 0) - _ENTER
            return [(x, above), (x, port.top)]
        beside = [other for other in self.lanes if target in other.targets]
        box = self.boxes[target]
        step = box.height / (len(beside) + 1)
        return [(x - box.left, port.top + step * (beside.index(lane) + 1))]


def joins(part: Part) -> bool:
    """Whether a part is a join, which wires enter from the side."""
    return isinstance(part, Row) and part.kind == "join"


def _less(chain: Chain, index: int) -> Feed | None:
    """What a part takes away, where it is a difference."""
    part = chain.parts[index]
    ordered = isinstance(part, Row) and part.layer.op.ordered
    return chain.feeds[index][1] if ordered and joins(part) else None


def _straight(chain: Chain, index: int) -> bool:
    """Whether the wire on the axis leads into a part."""
    return any(feed.at == index - 1 and feed.whole for feed in chain.feeds[index])


def _ends(chain: Chain) -> bool:
    last = chain.parts[-1]
    return isinstance(last, Mark) and last.kind == "end"


def _lanes(chain: Chain) -> list[_Lane]:
    """A lane for every layer that feeds parts not right under it; short ones lie inside."""
    found: dict[tuple[int, str], _Lane] = {}
    for index, feeds in enumerate(chain.feeds):
        near = _straight(chain, index)
        for feed in feeds:
            if near and feed.at == index - 1 and feed.whole:
                near = False
                continue
            lane = found.setdefault((feed.at, "" if feed.whole else feed.path), _Lane(feed))
            lane.targets += [index] if index not in lane.targets else []
    return _ranked(list(found.values()))


def _ranked(lanes: list[_Lane]) -> list[_Lane]:
    """Each as far in as the ones beside it allow; inner ones first."""
    placed: list[_Lane] = []
    for lane in sorted(lanes, key=lambda one: (one.targets[-1] - one.feed.at, one.feed.at)):
        taken = {other.rank for other in placed if _meet(lane, other)}
        lane.rank = next(rank for rank in range(len(lanes)) if rank not in taken)
        placed.append(lane)
    return sorted(placed, key=lambda lane: lane.rank)


def _meet(a: _Lane, b: _Lane) -> bool:
    return a.feed.at <= b.targets[-1] and b.feed.at <= a.targets[-1]
