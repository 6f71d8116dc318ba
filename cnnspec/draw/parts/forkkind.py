"""How a fork is drawn: skips beside a trunk, or branches side by side."""

from __future__ import annotations

from typing import Literal

from cnnspec.draw.parts.parts import Frame, Part, Row, Split
from cnnspec.ir import Call, Fork, Group, Item, Layer

SkipKind = Literal["identity", "projection", "parameter-free", "gate"]


def gate_arm(fork: Fork) -> int:
    """The arm of a `mul` that is a squeeze-and-excitation (Hu et al. 2018); -1 where none is.

    It pools the whole map, computes a number for each channel, and scales the other arm, which is
    the value itself.
    """
    from cnnspec.analyses.depth import gate_arms

    if not fork.join.op.weighs or len(fork.arms) != 2:
        return -1
    gates, arms = gate_arms(fork), [_flow(arm) for arm in fork.arms]
    if sum(gates) != 1 or arms[gates.index(False)] != []:
        return -1
    at = gates.index(True)
    arm = arms[at] or []
    squeezes = bool(arm) and arm[0].op.kind == "pool" and arm[0].shape[1:] == (1, 1)
    learns = any(layer.op.kind in ("conv", "linear") for layer in arm)
    return at if squeezes and learns else -1


def _flow(items: tuple[Item, ...]) -> list[Layer] | None:
    """The layers of an arm, without `skip`; None where it is no plain chain."""
    out: list[Layer] = []
    for item in items:
        match item:
            case Layer():
                out += [item] if not item.op.identity else []
            case Call() | Group():
                inner = _flow(item.module.items if isinstance(item, Call) else item.items)
                if inner is None:
                    return None
                out += inner
            case _:
                return None
    return out


def trunk_arm(split: Split) -> int | None:
    """The arm that goes straight down when all others are skips; None for branches.

    An arm is a skip when it is empty, or has at most two rows, which fit in a box on the wire, and
    learns nothing or is shorter than the trunk: two arms of one convolution each are branches.
    """
    if split.gate >= 0:
        return 1 - split.gate
    sizes = [len(arm) for arm in split.arms]
    full = [index for index, arm in enumerate(split.arms) if arm]
    if not full:
        return None
    if split.join.layer.op.stacks:
        return full[0] if len(full) == 1 else None
    learns = [skip_kind(arm) == "projection" for arm in split.arms]
    longest = max(full, key=lambda index: (learns[index], sizes[index], -index))
    beside = (
        _is_light(arm) and (size < sizes[longest] or not learned)
        for index, (arm, size, learned) in enumerate(zip(split.arms, sizes, learns, strict=True))
        if index != longest
    )
    return longest if all(beside) else None


def _is_light(arm: tuple[Part, ...]) -> bool:
    return len(arm) <= 2 and all(isinstance(part, Row) for part in arm)


def skip_kind(arm: tuple[Part, ...]) -> SkipKind:
    """What an arm beside the trunk does to the value."""
    if not arm:
        return "identity"
    layers = [layer for part in arm if isinstance(part, Row) for layer in part.layers]
    blocks = any(isinstance(part, Frame) and not part.parts for part in arm)
    learns = blocks or any(layer.op.params(layer.inputs[0]) for layer in layers)
    return "projection" if learns else "parameter-free"
