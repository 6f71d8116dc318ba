"""Which numbers of a file are the number of classes: a net's last, and its auxiliary heads'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cnnspec.importing.blocks import Blocks
from cnnspec.importing.defaults import constant
from cnnspec.importing.holes import Hole, Param, Template
from cnnspec.importing.items import Call, Head, Item, Key, Leaf, everything


def last_linears(blocks: Blocks) -> dict[Key, Leaf]:
    """By net the linear that ends it, whose features are its classes."""
    nets = [template for template in blocks.values() if template.nets]
    found = {net.key: _last_linear(net, blocks) for net in nets}
    return {key: last for key, last in found.items() if last is not None}


def _last_linear(net: Template, blocks: Blocks) -> Leaf | None:
    items: list[Item] = [item for item in net.items if not isinstance(item, Head)]
    while items:
        item = items[-1]
        if isinstance(item, Leaf):
            return item if _features(item) is not None else None
        if not isinstance(item, Call) or blocks[item.key].calls > 1:
            return None
        items = blocks[item.key].items
    return None


def _features(item: Item) -> int | None:
    """The features of a linear, where all calls agree on them; one alone is no class."""
    if isinstance(item, Leaf) and item.op.kind == "linear":
        features = constant(item.args.get("features"))
        return features if isinstance(features, int) and features > 1 else None
    return None


def open_heads(blocks: Blocks, last: dict[Key, Leaf]) -> Param:
    """Give auxiliary heads their net's classes where they end in as many; the parameter."""
    classes = Param({}, "classes", [], "classes", "classes")
    calls: dict[Key, list[Call]] = {}
    for net, own in last.items():
        for item in _ends(blocks[net]):
            ends = blocks[item.key].items[-1] if isinstance(item, Call) else item
            if _features(ends) != _features(own):
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
