"""How a fork is drawn: skips beside a trunk, or branches side by side."""

from __future__ import annotations

from typing import Literal

from cnnspec.draw.tree import Part, Row, Split

SkipKind = Literal["identity", "projection", "parameter-free"]


def trunk_arm(split: Split) -> int | None:
    """The arm that goes straight down when all others are skips; None for branches.

    An arm is a skip when it is empty or holds at most two rows that fit in a box on the wire.
    """
    sizes = [len(arm) for arm in split.arms]
    full = [index for index, arm in enumerate(split.arms) if arm]
    if not full:
        return None
    if split.join.layer.op.name == "concat":
        return full[0] if len(full) == 1 else None
    longest = max(full, key=lambda index: (sizes[index], -index))
    others = (arm for index, arm in enumerate(split.arms) if index != longest)
    return longest if all(_is_light(arm) for arm in others) else None


def _is_light(arm: tuple[Part, ...]) -> bool:
    return len(arm) <= 2 and all(isinstance(part, Row) for part in arm)


def skip_kind(arm: tuple[Part, ...]) -> SkipKind:
    """What an arm beside the trunk does to the value."""
    if not arm:
        return "identity"
    layers = [layer for part in arm if isinstance(part, Row) for layer in part.layers]
    learns = any(layer.op.params(layer.inputs[0]) for layer in layers)
    return "projection" if learns else "parameter-free"
