"""Shades of convolutions by channels, where a figure has no stages of its own."""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.draw.block.look import SHADES
from cnnspec.ir import Layer

_LINES = {"conv": "conv-line", "linear": "linear-line", "pool": "pool-line"}


class Shades:
    """Channels -> shade: each its own while there are few, else ranges of neighbours."""

    def __init__(self, channels: Iterable[int]) -> None:
        self.levels = sorted(set(channels))

    def shade(self, channels: int) -> str:
        """The role of a convolution's fill."""
        rank = self.levels.index(channels)
        return f"conv{rank * SHADES // max(len(self.levels), SHADES) + 1}"

    def paint(self, layer: Layer, kind: str) -> tuple[str, str]:
        """Fill and outline of a box."""
        fill = self.shade(layer.shape[0]) if kind == "conv" else kind
        return ("background" if fill == "join" else fill), _LINES.get(kind, "cell-line")

    def entries(self) -> list[tuple[str, str]]:
        """What the key says: a role and its channels."""
        ranges: dict[str, list[int]] = {}
        for level in self.levels:
            ranges.setdefault(self.shade(level), []).append(level)
        return [
            (role, str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}")
            for role, found in ranges.items()
        ]
