"""The intermediate representation: a tree that keeps the hierarchy, and the flat graph in it.

A block called twice with equal arguments on equal shapes is *one* `Module`, referenced by two
`Call`s: ResNet-1202 has 4,208 layers and six kinds of block.  Names in a `Module` are relative to
it; `graph` gives every layer its whole path, which is its state_dict key (L18).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from cnnspec.records import field, record

if TYPE_CHECKING:
    from cnnspec.ops.op import Op
    from cnnspec.source import Span
    from cnnspec.values import Shape, Value


class Turn(NamedTuple):
    """A turn of a `for` or `repeat`: the loop in the text, how many turns it has, which this is.

    `open` says that a parameter of the block or net decides the number.
    """

    loop: Span
    turns: int
    number: int
    open: bool


@record(frozen=True, eq=False)
class Layer:
    """One op at work: a leaf of the tree. Shapes have no batch axis.

    `turns` are those of the loops that it was made in, outermost first.
    """

    name: str
    op: Op
    inputs: tuple[Shape, ...]
    shape: Shape
    span: Span
    turns: tuple[Turn, ...] = ()


@record(frozen=True, eq=False)
class Call:
    """A block, `seq` or labelled group at work: opens the level `name`."""

    name: str
    module: Module
    span: Span
    turns: tuple[Turn, ...] = ()


@record(frozen=True, eq=False)
class Fork:
    """Arms that start from one value and meet in `join`; an empty arm is the identity (L10)."""

    arms: tuple[tuple[Item, ...], ...]
    join: Layer


@record(frozen=True, eq=False)
class Group:
    """Unlabelled braces: layers that belong together without a level of their own."""

    items: tuple[Item, ...]


PLACES = "indices"
"""What the places of a pool's maxima are called: nothing else stands inside a pool."""


@record(frozen=True, eq=False)
class Tap:
    """`from path`: the flow goes on from the layer or call at `path` (L14).

    `path` is relative to the module, or to the one `up` levels around it: an inline `seq` or
    group sees the labels of the block or net that it stands in.  The arm beside an empty one is
    a tap where an op takes a second value by its path (L39).
    """

    path: str
    shape: Shape
    span: Span
    up: int = 0
    places: bool = False
    """The places of a pool's maxima, which count in the map that arrived there; not its output."""

    @property
    def read(self) -> str:
        """The path of the value that it reads: a pool gives two."""
        return f"{self.path}.{PLACES}" if self.places else self.path


@record(frozen=True, eq=False)
class Shared:
    """`share path`: `item` once more with the weights it has at `path` (L17).

    `path` is relative to the module; the layers get `name` for their own, parameter-free paths.
    """

    name: str
    path: str
    item: Layer | Call
    span: Span


@record(frozen=True, eq=False)
class Branch:
    """`output fine: ...` or `aux aux1: ...`: leaves the flow and does not change it (L15).

    `head` is a softmax or sigmoid that ends it (L16); it is also the last of `items`.
    """

    name: str
    kind: Literal["output", "aux"]
    items: tuple[Item, ...]
    shape: Shape
    head: Layer | None
    span: Span


Item = Layer | Call | Fork | Group | Tap | Shared | Branch

Named = Layer | Call | Shared
"""What has a path of its own: a layer, the join of a fork among them, a call, a further use."""


def bodies(item: Item) -> tuple[tuple[Item, ...], ...]:
    """The rows of items inside an item that stand on its own level: arms, braces, an output."""
    match item:
        case Fork():
            return item.arms
        case Group() | Branch():
            return (item.items,)
    return ()


def everything(items: Iterable[Item]) -> Iterator[Item]:
    """Every item of one level in the order of the flow; what holds others stands behind them."""
    for item in items:
        for body in bodies(item):
            yield from everything(body)
        yield item


def members(items: Iterable[Item]) -> Iterator[Named | Branch]:
    """The named things of one level in order: forks and braces are opened, calls are not.

    A fork's join stands behind its arms, a `Branch` behind what it consists of.
    """
    for item in everything(items):
        if isinstance(item, Fork):
            yield item.join
        elif isinstance(item, Layer | Call | Shared | Branch):
            yield item


@record(frozen=True, eq=False)
class Module:
    """A block's, seq's, group's or net's body with every shape known.

    `block` is the declared name ("" for an inline `seq` or labelled group); `args` are the
    arguments in the order of the parameters; `seq` says that children are numbered.
    """

    block: str
    args: tuple[tuple[str, Value], ...]
    items: tuple[Item, ...]
    input: Shape
    output: Shape
    seq: bool
    span: Span
    doc: str = ""


@record(frozen=True, eq=False)
class Input:
    """A net's input: its name and shape, with the symbols of its symbolic sizes."""

    name: str
    shape: Shape
    span: Span


@record(frozen=True, eq=False)
class Net:
    """One net, elaborated: what analyses and figures are made from.

    `name` is the declared name, `family` the net whose body it is (itself, or what a variant
    calls), `body` the tree.  `head` is the softmax or sigmoid at the end of `logits`; a net that
    ends in an `output` has no logits, and `logits` is None.
    """

    name: str
    family: str
    body: Module
    inputs: tuple[Input, ...]
    logits: Shape | None
    head: Layer | None
    span: Span
    doc: str = ""

    @property
    def branches(self) -> list[Branch]:
        """The further outputs and auxiliary heads, in order."""
        return [item for item in self.body.items if isinstance(item, Branch)]

    @property
    def outputs(self) -> dict[str, Shape]:
        """Every output by name: `logits` first, then those of `output` and `aux`."""
        named = {b.name: b.shape for b in self.branches}
        return named if self.logits is None else {"logits": self.logits, **named}


def modules(net: Net) -> Iterator[Module]:
    """Every module of a net, each once, the net's body first, in the order of their first calls."""
    seen: set[int] = set()
    waiting = [net.body]
    while waiting:
        module = waiting.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        yield module
        inner = [item.item if isinstance(item, Shared) else item for item in members(module.items)]
        waiting += [item.module for item in reversed(inner) if isinstance(item, Call)]


# --- the flat view ----------------------------------------------------------------------------


@record(frozen=True, eq=False)
class Node:
    """A layer with its whole path and its place in the data flow.

    `inputs` are indices into `Graph.nodes`.  `training` marks auxiliary heads; `shares` is the
    path whose weights it uses, else empty.  The inputs of the net are nodes whose op is `input`.
    """

    index: int
    path: str
    layer: Layer
    inputs: tuple[int, ...]
    training: bool = False
    shares: str = ""

    @property
    def op(self) -> Op:
        """The op with its arguments."""
        return self.layer.op

    @property
    def shape(self) -> Shape:
        """The output's shape."""
        return self.layer.shape


@record
class Graph:
    """All layers in execution order: the inputs of a node stand before it."""

    nodes: list[Node] = field(default_factory=list)
    outputs: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    """Path of every layer and call -> the node that carries its output."""

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)


def measured(graph: Graph, node: Node) -> tuple[int, ...]:
    """The nodes whose shapes an op's own rule takes.

    They are those that feed it, but for the places of a pool's maxima: these count in the map that
    arrived at the pool.
    """
    if not node.op.places:
        return node.inputs
    x, pool = node.inputs
    return x, graph.nodes[pool].inputs[0]


def graph(net: Net) -> Graph:
    """Flatten the tree; linear in the number of layers."""
    return _Flattener(net).run()


class _Flattener:
    """Walks the tree once, carrying the node that the flow stands at."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.graph = Graph()
        self.training = False
        self.levels = [""]
        """The prefixes of the modules around the current one, outermost first."""
        self.shares: tuple[str, str] | None = None
        """(prefix of this use, prefix of the weights) inside a `share`."""

    def run(self) -> Graph:
        from cnnspec.ops.input import Input as InputOp

        for entry in self.net.inputs:
            layer = Layer(entry.name, InputOp(), (), entry.shape, entry.span)
            self.add(entry.name, layer, ())
        end = self.items(self.net.body.items, 0, "")
        if self.net.logits is not None:
            self.graph.outputs = {"logits": end, **self.graph.outputs}
        return self.graph

    def add(self, path: str, layer: Layer, inputs: tuple[int, ...]) -> int:
        nodes = self.graph.nodes
        shares = ""
        if self.shares:
            mine, theirs = self.shares
            shares = theirs + path[len(mine) :]
        nodes.append(Node(len(nodes), path, layer, inputs, self.training, shares))
        self.graph.ends[path] = len(nodes) - 1
        return len(nodes) - 1

    def items(self, items: tuple[Item, ...], at: int, prefix: str) -> int:
        for item in items:
            at = self.item(item, at, prefix)
        return at

    def item(self, item: Item, at: int, prefix: str) -> int:
        match item:
            case Layer():
                return self.add(prefix + item.name, item, (at,))
            case Call():
                return self.call(item.module, prefix + item.name, at)
            case Fork():
                ends = tuple(self.items(arm, at, prefix) for arm in item.arms)
                return self.add(prefix + item.join.name, item.join, ends)
            case Group():
                return self.items(item.items, at, prefix)
            case Tap():
                return self.graph.ends[self.levels[-1 - item.up] + item.path]
            case Shared():
                return self.shared(item, at, prefix)
            case Branch():
                self.branch(item, at, prefix)
                return at

    def call(self, module: Module, path: str, at: int) -> int:
        self.levels.append(path + ".")
        end = self.items(module.items, at, path + ".")
        self.levels.pop()
        self.graph.ends[path] = end
        return end

    def shared(self, item: Shared, at: int, prefix: str) -> int:
        outer, name = self.shares, prefix + item.name
        weights = prefix + item.path
        if outer and (weights + ".").startswith(outer[0] + "."):  # of a block that is shared itself
            weights = outer[1] + weights[len(outer[0]) :]
        self.shares = (name, weights)
        if isinstance(item.item, Layer):
            end = self.add(name, item.item, (at,))
        else:
            end = self.call(item.item.module, name, at)
        self.shares = outer
        return end

    def branch(self, item: Branch, at: int, prefix: str) -> None:
        self.training = item.kind == "aux"
        end = self.items(item.items, at, prefix)
        self.training = False
        self.graph.outputs[item.name] = self.graph.ends[item.name] = end
