"""The file's defaults: what most convolutions carry, and what follows most of them (L19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnnspec.elaborate.paths import following
from cnnspec.importing.holes import Fixed, Hole
from cnnspec.importing.items import Item, Leaf, bodies
from cnnspec.ops.op import Op
from cnnspec.records import MISSING, fields
from cnnspec.values import SAME, Padding, Window

FOLLOWERS = 2
"""The most ops that a default brings along."""
WORTH = 1.5
"""A follower that need not be written, against a `bare` that must."""


@dataclass
class Defaults:
    """Values by op and argument, and the ops that follow every convolution."""

    values: dict[type[Op], dict[str, Any]] = field(default_factory=dict)
    head: type[Op] | None = None
    followers: tuple[type[Op], ...] = ()

    def of(self, op: type[Op]) -> dict[str, Any]:
        """What an argument of an op is where nothing is written."""
        return {**signature(op), **self.values.get(op, {})}


def signature(op: type[Op]) -> dict[str, Any]:
    """The defaults of an op's arguments."""
    found = {}
    for one in fields(op):
        if one.default is not MISSING:
            found[one.name] = one.default
    return found


def constant(slot: Any) -> Any:
    """The value of an argument that is the same in all calls; None where it is not."""
    if isinstance(slot, Hole):
        return slot.expression.value if isinstance(slot.expression, Fixed) else None
    return slot


def plan(rows: Iterable[list[Item]]) -> Defaults:
    """The defaults that save most, over the items of all blocks."""
    lines = [line for row in rows for line in _lines(row)]
    found = Defaults()
    convs = [item for line in lines for item in line if _is_conv(item)]
    if convs:
        found.head = convs[0].op
        found.followers = _followers(lines)
        _vote(found, convs, _conv_values(convs))
    for op in dict.fromkeys(item.op for line in lines for item in line):
        if op.kind in ("norm", "pool"):
            layers = [item for line in lines for item in line if item.op is op]
            _vote(found, layers, _agreed(layers))
    return found


def _vote(found: Defaults, layers: list[Leaf], values: dict[str, Any]) -> None:
    if values:
        found.values[layers[0].op] = values


def _is_conv(item: Leaf) -> bool:
    return item.op.kind == "conv" and "pad_mode" in item.args


def _lines(items: list[Item]) -> Iterator[list[Leaf]]:
    """Stretches of ops that follow one another."""
    line: list[Leaf] = []
    for item in items:
        if isinstance(item, Leaf):
            line.append(item)
            continue
        yield line
        line = []
        for body in bodies(item):
            yield from _lines(body)
    yield line


def _conv_values(convs: Sequence[Leaf]) -> dict[str, Any]:
    """`pad=same` and `bias=false` by majority; a 1x1 window has no say about padding."""
    found: dict[str, Any] = {}
    pads = [_shown(conv.args["pad"]) for conv in convs if not pointwise(conv)]
    if pads and pads.count(str(SAME)) * 2 >= len(pads):
        found["pad"] = SAME
    biased = [constant(conv.args["bias"]) for conv in convs]
    if biased.count(False) > len(biased) / 2:
        found["bias"] = False
    return found


def _shown(slot: Any) -> str:
    return str(constant(slot))


def pointwise(conv: Leaf) -> bool:
    """Whether a convolution's window is 1x1, so that its padding says nothing."""
    window = constant(conv.args["window"])
    kernel = (
        window.kernel if isinstance(window, Window) else getattr(conv.args["window"], "kernel", 0)
    )
    return kernel == (1, 1) and _shown(conv.args["pad"]) in (str(SAME), str(Padding(0, 0, 0, 0)))


def _agreed(layers: Sequence[Leaf]) -> dict[str, Any]:
    """What all layers of an op say, if it is not the op's own default anyway."""
    if len(layers) < 2:
        return {}
    found = {}
    for name, usual in signature(layers[0].op).items():
        if name in ("pad", "window"):
            continue
        values = [constant(layer.args.get(name)) for layer in layers]
        if values[0] is not None and values[0] != usual and all(v == values[0] for v in values):
            found[name] = values[0]
    return found


def _followers(lines: list[list[Leaf]]) -> tuple[type[Op], ...]:
    behind = [
        _behind(line, place) for line in lines for place, item in enumerate(line) if _is_conv(item)
    ]
    best: tuple[float, tuple[type[Op], ...]] = (0, ())
    for ops in behind:
        for count in range(1, FOLLOWERS + 1):
            wanted = ops[:count]
            hits = sum(other[:count] == wanted for other in behind)
            score = hits * count * WORTH - (len(behind) - hits)
            if len(wanted) == count and hits > 1 and score > best[0]:
                best = score, wanted
    return best[1]


def _behind(line: list[Leaf], place: int) -> tuple[type[Op], ...]:
    """The norms and activations behind a convolution, as far as a default can bring them."""
    found: list[type[Op]] = []
    for item in line[place + 1 : place + 1 + FOLLOWERS]:
        if item.op.kind not in ("norm", "activation") or item.read:
            break
        if not brought(line[place], item):
            break
        found.append(item.op)
    return tuple(found)


def brought(conv: Leaf, follower: Leaf) -> bool:
    """Whether a default would give the follower the label that it has (L18)."""
    has_state = (follower.step is not None and follower.step.stateful) or bool(follower.label)
    if not has_state or (not conv.label and not follower.label):
        return True
    if not conv.label or not follower.label:
        return False
    return follower.label == following(conv.label, conv.op.name, follower.op.name)
