"""Places on a line as near to wanted ones as separations allow (pool adjacent violators)."""

from __future__ import annotations

from collections.abc import Sequence


def apart(wanted: Sequence[float], gaps: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The places that keep order and gaps with the least weighted squares from those wanted.

    `gaps[i]` is the least way from place `i` to place `i + 1`.
    """
    if len(wanted) == 1:
        return [wanted[0]]
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks: list[tuple[float, float, int]] = []
    for want, offset, weight in zip(wanted, offsets, weights, strict=True):
        blocks.append((want - offset, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            blocks.append(_pooled(blocks.pop(-2), blocks.pop()))
    found = [value for value, _, count in blocks for _ in range(count)]
    return [value + offset for value, offset in zip(found, offsets, strict=True)]


def _pooled(a: tuple[float, float, int], b: tuple[float, float, int]) -> tuple[float, float, int]:
    weight = a[1] + b[1]
    return (a[0] * a[1] + b[0] * b[1]) / weight, weight, a[2] + b[2]
