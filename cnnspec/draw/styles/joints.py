"""Stops without those that need no volume of their own: concats between neighbours, crops on arcs.

A concat of what stands right before it with what comes from afar has its place where the next
volume begins: there the arcs end.  A crop that such an arc alone reads rides on the arc.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from cnnspec.draw.styles.stream import Stop, readers


def joined(stops: Sequence[Stop]) -> list[Stop]:
    """The stops that have a volume; the others are said by their reader."""
    return _without_concats(_without_crops(stops))


def _without_crops(stops: Sequence[Stop]) -> list[Stop]:
    """Crops with one reader, a join right before which they do not stand, ride on its arc."""
    reads = readers(stops)
    out, gone = list(stops), set[int]()
    for index, stop in enumerate(stops):
        (reader, *others) = reads.get(index, [-1])
        if reader < 0 or others or not _crops(stops, index) or not _joins(stops[reader]):
            continue
        source, join = stop.feeds[0], out[reader]
        between = range(source + 1, reader)
        if source in join.feeds or all(_crops(stops, one) for one in between):
            continue
        feeds = tuple(source if feed == index else feed for feed in join.feeds)
        out[reader] = replace(join, feeds=feeds, via={**join.via, source: tuple(stop.paths)})
        gone.add(index)
    return _kept(out, gone)


def _crops(stops: Sequence[Stop], index: int) -> bool:
    """Whether a stop leaves out borders of a map and does nothing else."""
    stop = stops[index]
    if stop.row is None or stop.leaves or stop.row.kind != "cell" or len(stop.feeds) != 1:
        return False
    source = stops[stop.feeds[0]].shape
    same = len(source) == len(stop.shape) == 3 and source[0] == stop.shape[0]
    smaller = same and stop.shape[1] * stop.shape[2] < source[1] * source[2]
    return smaller and stop.row.layer.op.view


def _joins(stop: Stop) -> bool:
    return stop.row is not None and stop.row.kind == "join"


def _without_concats(stops: Sequence[Stop]) -> list[Stop]:
    """Concats that only the next stop reads, and that reads nothing else, begin this stop."""
    reads = readers(stops)
    out, gone = list(stops), set[int]()
    for index in range(1, len(stops) - 1):
        stop, follower = stops[index], stops[index + 1]
        if index - 1 in gone or not _between(stop, index) or reads.get(index) != [index + 1]:
            continue
        if follower.row is None or follower.row.kind == "join" or follower.feeds != (index,):
            continue
        joint = tuple(stop.paths)
        out[index + 1] = replace(follower, feeds=stop.feeds, joint=joint, via=stop.via)
        gone.add(index)
    return _kept(out, gone)


def _between(stop: Stop, index: int) -> bool:
    """Whether a stop joins the channels of the one before it with others' and is read alone."""
    stacks = stop.row is not None and stop.row.layer.op.stacks and len(stop.shape) == 3
    return stacks and not stop.leaves and index - 1 in stop.feeds and len(stop.feeds) > 1


def _kept(stops: Sequence[Stop], gone: Collection[int]) -> list[Stop]:
    """The stops that stay, with the numbers that their feeds have now."""
    kept = [index for index in range(len(stops)) if index not in gone]
    place = {index: number for number, index in enumerate(kept)}
    return [
        replace(
            stops[index],
            feeds=tuple(place[feed] for feed in stops[index].feeds),
            via={place[feed]: paths for feed, paths in stops[index].via.items()},
        )
        for index in kept
    ]
