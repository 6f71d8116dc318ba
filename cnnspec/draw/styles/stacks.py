"""Volumes of about one size as one stack: what touches is made from each other.

A net of many layers has no room for a label under each.  A level of it (convolutions, and the pool
that ends it) stands together then, under one label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from cnnspec.draw.styles.stream import Stop
from cnnspec.draw.styles.volume import Volume

_ALIKE = 1.5
"""Maps whose edges differ by less are of one level: unpadded convolutions lose some rows."""
APART = 3.0
"""Points between two in a stack of which one is not made from the other."""


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
    return runs


def _joins(found: Sequence[Volume], index: int) -> bool:
    """Whether a volume is of the level of the one before it; a pool ends a level."""
    before, volume = found[index - 1], found[index]
    if not (before.is_map and volume.is_map) or before.kind in ("pool", "image"):
        return False
    if volume.kind == "pool":
        return index - 1 in volume.feeds
    pairs = zip(before.shape[1:], volume.shape[1:], strict=True)
    return all(max(a, b) < _ALIKE * min(a, b) for a, b in pairs)


def stacked(found: Sequence[Volume]) -> list[list[int]]:
    """Give each stack the label of all its volumes, on the first, as wide as the stack."""
    runs = stacks(found)
    for run in runs:
        first, *others = volumes = [found[index] for index in run]
        if others:
            first.said = _said(volumes)
            for volume in others:
                volume.said = []
    return runs


def span(found: Sequence[Volume], run: Sequence[int]) -> float:
    """How wide a stack is from its first front to its last side."""
    inner = sum(found[index].width for index in run[:-1])
    apart = sum(APART for index in run[1:] if index - 1 not in found[index].feeds)
    return inner + apart + found[run[-1]].reach


def _said(volumes: Sequence[Volume]) -> list[str]:
    """What the stack gives before its pool, then its ops; channels where they differ from that."""
    given = next((volume for volume in reversed(volumes) if volume.kind != "pool"), volumes[-1])
    lines = [given.said[0]]
    for what, equal in groupby(_op(volume, given.shape[0]) for volume in volumes):
        count = len(list(equal))
        lines.append(f"{count} × {what}" if count > 1 else what)
    return lines


def _op(volume: Volume, channels: int) -> str:
    """The line of one volume of a stack."""
    words = ", ".join(volume.said[1:]).replace(", stride ×", " ×").replace(", stride ", " /")
    other = volume.kind != "pool" and volume.shape[0] != channels
    return f"{words}, {volume.shape[0]}" if other else words
