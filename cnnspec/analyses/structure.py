"""A net as a sequence of parts that two nets can be aligned by: structure first, names beside it.

Braces and labelled groups only name things, so they are opened.  Of a sum, and of a concat with an
identity arm, the longest arm is the trunk: it flows in the sequence, and a `Join` behind it has the
other arms.  So a residual block is its plain twin with one part more.  Equal parts have equal keys.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from cnnspec import ir
from cnnspec.analyses.connections import is_identity
from cnnspec.analyses.numbering import as_built
from cnnspec.ops.op import Op
from cnnspec.ops.sliding import resolve
from cnnspec.records import fields, record, replace
from cnnspec.values import TF_SAME, Keyword, Padding, Value, Window

WEIGHT = {"conv": 4, "linear": 4, "pool": 2, "join": 2}
"""How much a layer weighs when the shortest list of differences is looked for; others 1."""


@record(frozen=True, eq=False)
class Leaf:
    """One layer; `name` is relative to the block or net around it.

    `keyed` says of any part that its name is one in the state_dict, or that of an output.
    """

    name: str
    op: Op
    key: int
    weight: int
    keyed: bool


@record(frozen=True, eq=False)
class Join:
    """The end of a fork: the arms beside the trunk, an empty one is a skip."""

    name: str
    op: Op
    arms: tuple[tuple[Part, ...], ...]
    key: int
    weight: int
    keyed = False


@record(frozen=True, eq=False)
class Block:
    """A declared block at work."""

    name: str
    block: str
    parts: tuple[Part, ...]
    key: int
    weight: int
    keyed: bool


@record(frozen=True, eq=False)
class Side:
    """A flow beside the trunk: an output, an auxiliary head, a `from` or a `share`."""

    name: str
    word: str
    parts: tuple[Part, ...]
    key: int
    weight: int
    keyed: bool


Part = Leaf | Join | Block | Side


class Structure:
    """Turns nets into parts; one object for all nets that are compared, so that keys agree."""

    def __init__(self) -> None:
        self._keys: dict[Hashable, int] = {}
        self._blocks: dict[int, tuple[ir.Module, tuple[Part, ...]]] = {}

    def net(self, net: ir.Net) -> tuple[Part, ...]:
        """The parts of a net."""
        return tuple(self.items(net.body.items, ""))

    def key(self, what: Hashable) -> int:
        """A number that equal things share."""
        return self._keys.setdefault(what, len(self._keys))

    def items(self, items: Iterable[ir.Item], prefix: str) -> Iterator[Part]:
        """The parts of a body, in order; `prefix` is the path of the body with a dot at its end."""
        for item in items:
            yield from self.item(item, prefix)

    def item(self, item: ir.Item, prefix: str) -> Iterator[Part]:
        """The parts of one item: a module that is no named block is opened, braces too.

        What does nothing, a `skip` that has a number, is no part.
        """
        match item:
            case ir.Layer() if item.op.identity:
                return
            case ir.Layer():
                yield self.leaf(item, prefix)
            case ir.Group():
                yield from self.items(item.items, prefix)
            case ir.Call() if not item.module.block:
                yield from self.items(item.module.items, f"{prefix}{item.name}.")
            case ir.Call():
                yield self.block(item, prefix)
            case ir.Fork():
                yield from self.fork(item, prefix)
            case ir.Branch():
                parts = tuple(self.items(item.items, prefix))
                yield self.side(prefix + item.name, item.kind, parts)
            case ir.Tap():
                yield self.side("", f"from {item.path}", ())
            case ir.Shared():
                parts = tuple(self.item(item.item, prefix))
                yield self.side(prefix + item.name, f"share {item.path}", parts)

    def leaf(self, layer: ir.Layer, prefix: str) -> Leaf:
        """A layer; its key is its op and the arguments that make the architecture.

        Two spellings of one module have one key: a global pool is an adaptive one of 1x1.
        """
        op = layer.op
        same = as_built(op, layer.inputs)
        told = (Leaf, same.name, tuple(arguments(same).items()))
        keyed = op.keeps(layer.inputs[0])
        return Leaf(prefix + layer.name, op, self.key(told), WEIGHT.get(op.kind, 1), keyed)

    def block(self, call: ir.Call, prefix: str) -> Block:
        """A named block; a module that is called often is looked at once."""
        known = self._blocks.get(id(call.module))
        if known is None:
            known = call.module, tuple(self.items(call.module.items, ""))
            self._blocks[id(call.module)] = known
        parts = known[1]
        key = self.key((Block, tuple(part.key for part in parts)))
        name, block = prefix + call.name, call.module.block
        return Block(name, block, parts, key, weigh(parts), keyed(parts))

    def side(self, name: str, word: str, parts: tuple[Part, ...]) -> Side:
        """What stands beside the trunk: a head, an output, a tap, or a shared layer."""
        key = self.key((Side, word, tuple(part.key for part in parts)))
        return Side(name, word, parts, key, 1 + weigh(parts), word in ("output", "aux"))

    def fork(self, fork: ir.Fork, prefix: str) -> Iterator[Part]:
        """The trunk's parts, then a join with the other arms; branches of a concat are all arms."""
        arms = [tuple(self.items(arm, prefix)) for arm in fork.arms]
        trunk = None
        if not fork.join.op.stacks or any(map(is_identity, fork.arms)):
            trunk = max(range(len(arms)), key=lambda i: weigh(arms[i]))
            yield from arms[trunk]
        others = tuple(arm for i, arm in enumerate(arms) if i != trunk)
        keys = tuple(tuple(part.key for part in arm) for arm in others)
        key = self.key((Join, fork.join.op.name, keys))
        weight = WEIGHT["join"] + sum(map(weigh, others))
        yield Join(prefix + fork.join.name, fork.join.op, others, key, weight)


def keyed(parts: Iterable[Part]) -> bool:
    """Whether there is a tensor in a row of parts, so that its name is in the state_dict."""
    return any(
        any(map(keyed, part.arms)) if isinstance(part, Join) else part.keyed for part in parts
    )


def weigh(parts: Iterable[Part]) -> int:
    """The weight of a row of parts."""
    return sum(part.weight for part in parts)


def flat(parts: Iterable[Part], prefix: str = "") -> Iterator[Part]:
    """The parts with all blocks opened, under their whole names."""
    for part in parts:
        if isinstance(part, Block):
            yield from flat(part.parts, f"{prefix}{part.name}.")
        else:
            yield replace(part, name=prefix + part.name)


def arguments(op: Op) -> dict[str, Value]:
    """The arguments that make the architecture: no initial weights, and `same` as a number."""
    found = {f.name: getattr(op, f.name) for f in fields(op) if f.name not in op.begins}
    window, pad = found.get("window"), found.get("pad")
    if isinstance(window, Window):
        found["window"] = Window(window.kernel, window.stride)
        if isinstance(pad, Padding | Keyword) and pad != TF_SAME:
            found["pad"] = resolve(pad, window, found.get("dilation", (1, 1)))
    return found
