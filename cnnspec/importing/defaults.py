"""The file's defaults: what most convolutions carry, and what follows most of them (L19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from cnnspec.elaborate.paths import following
from cnnspec.importing.holes import Fixed, Hole
from cnnspec.importing.items import Item, Leaf, bodies
from cnnspec.ops.op import Op
from cnnspec.records import MISSING, fields
from cnnspec.values import SAME, Padding, Window

FOLLOWERS = 2
"""The most ops that a default brings along."""


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
    """The defaults with which the items of all blocks are shortest to write."""
    lines = [line for row in rows for line in _lines(row)]
    found = Defaults()
    for op in dict.fromkeys(item.op for line in lines for item in line):
        if op.kind in ("norm", "pool"):
            layers = [item for line in lines for item in line if item.op is op]
            _vote(found, layers, _agreed(layers))
    places = [
        (item, _behind(found, line, place))
        for line in lines
        for place, item in enumerate(line)
        if _is_conv(item)
    ]
    if places:
        conv = places[0][0].op
        values, followers = min(_choices(places), key=lambda one: _length(places, *one))
        if followers:
            found.head, found.followers = conv, followers
        if values:
            found.values = {conv: values, **found.values}
    return found


Place = tuple[Leaf, tuple[type[Op], ...]]
"""A convolution, and the ops behind it that a default can bring."""


def _choices(places: Sequence[Place]) -> Iterator[tuple[dict[str, Any], tuple[type[Op], ...]]]:
    """What a default of convolutions may say, the most first: that is meant where two are even."""
    rows = [behind[:count] for _, behind in places for count in range(FOLLOWERS + 1)]
    for pad, bias in product(({"pad": SAME}, {}), ({"bias": False}, {})):
        for followers in sorted(dict.fromkeys(rows), key=len, reverse=True):
            yield {**pad, **bias}, followers


def _length(
    places: Sequence[Place], values: dict[str, Any], followers: tuple[type[Op], ...]
) -> int:
    """How many letters a default and what it leaves to be written have."""
    behind = sum(len(f" -> {op.name}") for op in followers)
    given = {"pad": len(" pad=same"), "bias": len(" bias=false,")}
    said = behind + sum(given[name] for name in values)
    found = said + len("default conv\n") if said else 0
    for conv, own in places:
        found += _padded(conv, "pad" in values) + _biased(conv, "bias" in values)
        if followers:
            found += -behind if own[: len(followers)] == followers else len("bare ")
    return found


def _padded(conv: Leaf, same: bool) -> int:
    """What the padding of a convolution takes; a 1x1 window has no say about it."""
    said = _shown(conv.args["pad"])
    if pointwise(conv) or said == str(SAME if same else Padding(0, 0, 0, 0)):
        return 0
    return len(", same" if said == str(SAME) else ", pad=0")


def _biased(conv: Leaf, without: bool) -> int:
    """What it takes to say whether a convolution has a bias."""
    said = constant(conv.args["bias"])
    return len(f", bias={str(said).lower()}") if said is without else 0


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


def _behind(found: Defaults, line: list[Leaf], place: int) -> tuple[type[Op], ...]:
    """The norms and activations behind a convolution, as far as a default can bring them."""
    behind: list[type[Op]] = []
    for item in line[place + 1 : place + 1 + FOLLOWERS]:
        usual = found.of(item.op)
        plain = all(constant(slot) == usual.get(name) for name, slot in item.args.items())
        if item.op.kind not in ("norm", "activation") or item.read or not plain:
            break
        if not brought(line[place], item):
            break
        behind.append(item.op)
    return tuple(behind)


def brought(conv: Leaf, follower: Leaf) -> bool:
    """Whether a default would give the follower the label that it has (L18)."""
    has_state = (follower.step is not None and follower.step.stateful) or bool(follower.label)
    if not has_state or (not conv.label and not follower.label):
        return True
    if not conv.label or not follower.label:
        return False
    return follower.label == following(conv.label, conv.op.name, follower.op.name)
