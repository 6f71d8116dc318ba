"""Which numbers of a file are the number of classes: a net's last, and its auxiliary heads'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cnnspec.importing.blocks import Blocks
from cnnspec.importing.defaults import constant
from cnnspec.importing.holes import Hole, Param, Template
from cnnspec.importing.items import Call, Head, Item, Key, Leaf, everything
from cnnspec.ops.op import Op


@dataclass(frozen=True)
class Last:
    """The layer that ends a net, whose features are its classes.

    `ends` are the items of the net from the one that it stands in, which give as many channels.
    """

    leaf: Leaf
    classes: int
    ends: tuple[Item, ...]


def last_layers(blocks: Blocks) -> dict[Key, Last]:
    """By net the layer that ends it in classes: a linear, or a convolution that a pool follows."""
    nets = [template for template in blocks.values() if template.nets]
    found = {net.key: _last_layer(net, blocks) for net in nets}
    return {key: last for key, last in found.items() if last is not None}


def _last_layer(net: Template, blocks: Blocks) -> Last | None:
    """The last layer with weights of a net, where it gives classes."""
    flow = [item for item in net.items if not isinstance(item, Head)]
    behind: list[Leaf] = []
    for place in reversed(range(len(flow))):
        leaf = _ending(flow[place], blocks, behind)
        if leaf is not None:
            classes = _features(leaf) if _classifies(leaf, behind) else None
            return Last(leaf, classes, (*flow[place:],)) if classes else None
        if not behind or behind[-1] is not flow[place]:
            return None
    return None


def _ending(item: Item, blocks: Blocks, behind: list[Leaf]) -> Leaf | None:
    """The last layer with weights in an item; ops without any go to `behind`."""
    items = [item]
    while items:
        last = items.pop()
        if isinstance(last, Leaf) and last.op.kind in ("linear", "conv"):
            return last
        if isinstance(last, Leaf) and _passes(last.op):
            behind.append(last)
        elif isinstance(last, Call) and blocks[last.key].calls == 1:
            items = [*blocks[last.key].items]
        else:
            return None
    return None


def _passes(op: type[Op]) -> bool:
    """Whether an op behind a classifier leaves its classes as they are."""
    return op.passes or op.kind in ("activation", "pool", "shape")


def _classifies(leaf: Leaf, behind: Sequence[Leaf]) -> bool:
    """Whether a last layer gives classes: a convolution only where one number a map is left."""
    if leaf.op.kind == "linear":
        return all(one.op.kind == "activation" for one in behind)
    return bool(behind) and behind[0].shape == (_features(leaf),)


def _features(item: Item) -> int | None:
    """The features of a layer, where all calls agree on them; one alone is no class."""
    if isinstance(item, Leaf) and item.op.kind in ("linear", "conv"):
        features = constant(item.args.get("features", item.args.get("channels")))
        return features if isinstance(features, int) and features > 1 else None
    return None


def open_heads(blocks: Blocks, last: Mapping[Key, Last]) -> Param:
    """Give auxiliary heads their net's classes where they end in as many; the parameter."""
    classes = Param({}, "classes", [], "classes", "classes")
    calls: dict[Key, list[Call]] = {}
    for net, own in last.items():
        for item in _ends(blocks[net]):
            ends = blocks[item.key].items[-1] if isinstance(item, Call) else item
            if _features(ends) != own.classes or own.leaf.op.kind != "linear":
                continue
            if isinstance(item, Call):
                calls.setdefault(item.key, []).append(item)
            elif isinstance(item, Leaf):
                _open(item, "features", classes)
    sites = Counter(one.key for block in blocks.values() for one in _calls(block))
    for key, found in calls.items():
        if sites[key] == len(found):  # no call elsewhere, which would mean just this number
            leaf = blocks[key].items[-1]
            assert isinstance(leaf, Leaf)
            _open(leaf, "features", classes)
            blocks[key].params.append(classes)
            for call in found:
                _open(call, "classes", classes)
    return classes


def _ends(net: Template) -> list[Item]:
    """The last item of each auxiliary head."""
    return [
        item.items[-1]
        for item in net.items
        if isinstance(item, Head) and item.kind == "aux" and item.items
    ]


def _calls(block: Template) -> Iterator[Call]:
    return (item for item in everything(block.items) if isinstance(item, Call))


def _open(item: Leaf | Call, name: str, classes: Param) -> None:
    item.args[name] = Hole({}, "classes", "classes", expression=classes)
