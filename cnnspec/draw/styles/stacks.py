"""Volumes of about one size as one stack: what touches is made from each other.

A level of a net (convolutions, and the pool that ends it) stands together.  The input stands behind
what is made from it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from cnnspec.draw.styles.arcs import tied
from cnnspec.draw.styles.stream import Stop
from cnnspec.draw.styles.volume import Volume

_ALIKE = 1.5
"""Maps whose edges differ by less are of one level: unpadded convolutions lose some rows."""


def beside(stops: Sequence[Stop]) -> list[Stop]:
    """The stops with what is made from the one before it right behind it, where order is free."""
    order = list(range(len(stops)))
    for place in range(1, len(order) - 1):
        before, here, after = order[place - 1 : place + 2]
        feeds = stops[after].feeds
        if before in feeds and here not in feeds and before not in stops[here].feeds:
            order[place : place + 2] = [after, here]
    at = {index: place for place, index in enumerate(order)}
    return [
        replace(stops[index], feeds=tuple(at[feed] for feed in stops[index].feeds))
        for index in order
    ]


def stacks(found: Sequence[Volume]) -> list[list[int]]:
    """The volumes in runs of one level each."""
    runs: list[list[int]] = []
    for index in range(len(found)):
        if runs and _joins(found, index):
            runs[-1].append(index)
        else:
            runs.append([index])
    ends = tied(found)
    return [part for run in runs for part in _seen(found, run, ends)]


def _seen(found: Sequence[Volume], run: list[int], ends: Collection[int]) -> list[list[int]]:
    """A stack in parts so that no volume that an arc leaves stands before a larger one."""
    for at, index in enumerate(run):
        larger = (far for far in range(at) if not _alike(found[run[far]], found[index]))
        if index in ends and (last := max(larger, default=-1)) >= 0:
            return [run[: last + 1], *_seen(found, run[last + 1 :], ends)]
    return [run]


def _joins(found: Sequence[Volume], index: int) -> bool:
    """Whether a volume is of the level of the one before it, made from it; a pool ends a level."""
    before, volume = found[index - 1], found[index]
    if not (before.is_map and volume.is_map) or index - 1 not in volume.feeds:
        return False
    if before.kind == "pool" or volume.kind == "linear":
        return False
    if volume.kind == "pool" or before.is_input:
        return all(a >= b for a, b in zip(before.shape[1:], volume.shape[1:], strict=True))
    return _alike(before, volume)


def _alike(one: Volume, other: Volume) -> bool:
    pairs = zip(one.shape[1:], other.shape[1:], strict=True)
    return all(max(a, b) < _ALIKE * min(a, b) for a, b in pairs)
