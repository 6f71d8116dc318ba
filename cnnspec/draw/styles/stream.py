"""A net as stops in order of execution, each fed by earlier ones: any graph, whatever its forks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cnnspec.draw.parts.parts import Plan, Row, walk
from cnnspec.ir import Net, Node, graph
from cnnspec.values import Shape


@dataclass(slots=True)
class Stop:
    """An input (without a row) or a row: what it gives, what it stands for, what feeds it."""

    row: Row | None
    paths: list[str]
    shape: Shape
    feeds: tuple[int, ...] = ()
    head: str = ""
    """The activation that ends an output here."""
    leaves: tuple[str, ...] = ()
    """What leaves the net here besides its logits: `output edges`, `aux early`."""
    behind: list[Row] = field(default_factory=list)
    """Rows of norms and activations that leave the shape as it is."""
    joint: tuple[str, ...] = ()
    """The layers of a concat of its feeds, where that has no stop of its own (`joints`)."""
    via: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """The layers of a crop between a feed and this stop, where that has no stop of its own."""


def stream(plan: Plan, net: Net) -> list[Stop]:
    """The stops of a plan at level layer; an input stands right before what first reads it.

    A row of norm, activation or dropout alone belongs to the stop that feeds it, for it leaves the
    shape as it is.
    """
    return _Stream(plan, graph(net).nodes).stops


class _Stream:
    """Walks the rows once, and knows at which stop every layer is."""

    def __init__(self, plan: Plan, nodes: Sequence[Node]) -> None:
        self.nodes, self.stops = nodes, list[Stop]()
        self.at: dict[int, int] = {}
        number = {node.path: node.index for node in nodes}
        for row in sorted(_rows(plan), key=lambda row: number[row.paths[0]]):
            self.row(row, [number[path] for path in row.paths])
        for head in plan.heads:
            rows = [part for part in walk(head.parts) if isinstance(part, Row)]
            last = number[rows[-1].paths[-1] if rows else head.layer]
            stop = self.stops[self.stop(self.seen(last))]
            stop.leaves += (f"{head.kind} {head.name}",)

    def row(self, row: Row, own: list[int]) -> None:
        """Add a row, or let it belong to the stop that feeds it."""
        feeds = dict.fromkeys(
            self.stop(source)
            for index in own
            for source in map(self.seen, self.nodes[index].inputs)
            if source not in own
        )
        if _quiet(row, self.nodes[own[0]]) and len(feeds) == 1:
            (here,) = feeds
            self.stops[here].paths += row.paths
            self.stops[here].behind.append(row)
            self.stops[here].head = row.head or self.stops[here].head
        else:
            here = len(self.stops)
            self.stops.append(Stop(row, list(row.paths), row.shape, tuple(feeds), row.head))
        self.at.update(dict.fromkeys(own, here))

    def seen(self, index: int) -> int:
        """The layer, or what it passes on where it computes nothing."""
        while not self.nodes[index].op.drawn and self.nodes[index].inputs:
            (index,) = self.nodes[index].inputs
        return index

    def stop(self, source: int) -> int:
        """The stop of a layer; what the figure does not hold is an input of it."""
        if source not in self.at:
            node = self.nodes[source]
            self.stops.append(Stop(None, [node.path], node.shape))
            self.at[source] = len(self.stops) - 1
        return self.at[source]


def _quiet(row: Row, node: Node) -> bool:
    """Whether a row leaves the shape as it is, and is no layer that a reader counts."""
    same = row.shape == node.layer.inputs[0] and row.kind == "cell"
    return same or row.main < 0 or row.layer.op.passes


def _rows(plan: Plan) -> Iterator[Row]:
    for parts in (plan.parts, *(head.parts for head in plan.heads)):
        yield from (part for part in walk(parts) if isinstance(part, Row))


def readers(stops: Sequence[Stop]) -> dict[int, list[int]]:
    """The stops that each stop feeds."""
    out: dict[int, list[int]] = {}
    for index, stop in enumerate(stops):
        for feed in stop.feeds:
            out.setdefault(feed, []).append(index)
    return out
