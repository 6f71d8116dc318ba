"""The graph of a net as steps: ops that share one box, in the order of execution."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from cnnspec.draw.parts.parts import Row
from cnnspec.draw.parts.rows import fuses
from cnnspec.ir import Graph, Net, Node, graph
from cnnspec.values import Shape

Kind = Literal["input", "conv", "pool", "linear", "join", "up", "cell"]


@dataclass(slots=True, eq=False)
class Step:
    """Fused ops that are drawn as one row; `training`: they belong to an auxiliary head."""

    row: Row
    training: bool = False
    feeds: tuple[int, ...] = ()
    """The steps that it reads, one for each input of its first op."""
    readers: list[int] = field(default_factory=list)
    """The steps that read it, one for each of their inputs."""

    @property
    def kind(self) -> Kind:
        """What decides its box and how it is laid out."""
        name = self.row.layer.op.name
        if name in ("input", "upsample"):
            return "input" if name == "input" else "up"
        return self.row.kind  # type: ignore[return-value]

    @property
    def resamples(self) -> bool:
        """Whether it does little but change a map's resolution."""
        before, after = self.row.layer.inputs, self.row.layer.shape
        grows = bool(before) and len(after) == len(before[0]) == 3 and after[1] > before[0][1]
        return self.kind in ("up", "pool") or (self.kind == "conv" and grows)

    @property
    def crops(self) -> bool:
        """Whether it cuts the middle out of a map, which changes no resolution."""
        layer = self.row.layer
        maps = len(layer.inputs) == 1 and len(layer.shape) == len(layer.inputs[0]) == 3
        return layer.op.view and maps and layer.shape[1:] != layer.inputs[0][1:]

    @property
    def even(self) -> bool:
        """Whether sizes change but the resolution does not: in a crop, or by a linear layer.

        That acts on the last axis, which holds the channels where axes were exchanged (ConvNeXt).
        """
        return self.crops or self.row.layer.op.kind == "linear"

    @property
    def shape(self) -> Shape:
        """What leaves it, without the batch axis."""
        return self.row.shape

    @property
    def path(self) -> str:
        """The path of the layer that names it."""
        return self.row.paths[max(self.row.main, 0)]


@dataclass(slots=True, eq=False)
class Flow:
    """A net, or a part of it: steps in execution order, so every step reads earlier ones.

    `outputs` are names with the steps that carry them; `aux` are those for training alone;
    `unseen` are the paths of ops that compute nothing.
    """

    steps: list[Step]
    outputs: dict[str, int]
    aux: frozenset[str] = frozenset()
    unseen: tuple[str, ...] = ()
    known: dict[str, tuple[int, int]] = field(default_factory=dict)
    """What `places` found."""

    def places(self) -> dict[str, tuple[int, int]]:
        """The first and the last step in which something of a layer or a call stands, by path."""
        for at, step in enumerate(() if self.known else self.steps):
            for path in step.row.paths:
                for around in (path, *containers(path)):
                    self.known[around] = (self.known.get(around, (at, at))[0], at)
        return self.known

    def link(self) -> Flow:
        """Fill in who reads whom."""
        for step in self.steps:
            step.readers = []
        for index, step in enumerate(self.steps):
            for source in step.feeds:
                self.steps[source].readers.append(index)
        return self


def flow_of(net: Net) -> Flow:
    """The steps of a net: a conv takes the norm and the activation behind it along."""
    return _Fuser(graph(net)).run(net)


def containers(path: str) -> Iterator[str]:
    """The paths of the calls around a layer, the innermost first."""
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


class _Fuser:
    """Walks the flat graph once; every node goes into a step of its own or one that grows."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = graph.nodes
        self.outputs = graph.outputs
        self.stands: list[int] = []
        """Node -> the node that gives its value; another one for ops that compute nothing."""
        for node in graph.nodes:
            vanishes = not node.op.drawn and node.inputs
            self.stands.append(self.stands[node.inputs[0]] if vanishes else node.index)
        self.ends = {self.stands[index] for index in graph.outputs.values()}
        self.readers: Counter[int] = Counter(
            self.stands[source]
            for node in graph.nodes
            if self.stands[node.index] == node.index
            for source in node.inputs
        )
        self.step_of: dict[int, int] = {}
        self.steps: list[Step] = []
        self.under: dict[str, int] = defaultdict(int)

    def run(self, net: Net) -> Flow:
        unseen = []
        for node in self.nodes:
            if self.stands[node.index] != node.index:
                unseen.append(node.path)
                continue
            grown = self._grown(node)
            if grown is None:
                self._begin(node)
            else:
                self._grow(*grown, node)
        outputs = {name: self.step_of[self.stands[at]] for name, at in self.outputs.items()}
        aux = frozenset(branch.name for branch in net.branches if branch.kind == "aux")
        return Flow(self.steps, outputs, aux, tuple(unseen)).link()

    def _begin(self, node: Node) -> None:
        cell = fuses(node.layer)
        row = Row(node.layer.name, (node.layer,), (node.path,), -1 if cell else 0)
        row = replace(row, shares=node.shares)
        feeds = tuple(self.step_of[self.stands[source]] for source in node.inputs)
        self.step_of[node.index] = len(self.steps)
        self.steps.append(Step(row, node.training, feeds))
        for path in containers(node.path):
            self.under[path] += 1

    def _grow(self, step: int, row: Row, node: Node) -> None:
        self.step_of[node.index] = step
        self.steps[step].row = row

    def _grown(self, node: Node) -> tuple[int, Row] | None:
        """The step that takes the node as a further cell, and its row then."""
        if len(node.inputs) != 1:
            return None
        source = self.stands[node.inputs[0]]
        step = self.step_of[source]
        before = self.steps[step]
        own = source in self.ends or self.readers[source] != 1 or before.kind == "input"
        if own or before.training != node.training or not self._beside(source, node):
            return None
        row = before.row
        added = replace(row, layers=(*row.layers, node.layer), paths=(*row.paths, node.path))
        if fuses(node.layer):
            head = node.index in self.ends and node.op.kind == "activation"
            return (step, added) if not head and _takes(row, node) else None
        if row.main < 0 and node.op.kind in ("conv", "linear"):
            return step, replace(added, main=len(row.layers), name=node.layer.name)
        return None

    def _beside(self, source: int, node: Node) -> bool:
        """Whether no call begins between two nodes, and none of more than one step ends."""
        around = node.path.rpartition(".")[0]
        for path in containers(self.nodes[source].path):
            if path == around:
                return True
            if self.under[path] > 1:
                return False
        return not around


def _takes(row: Row, node: Node) -> bool:
    """Whether a norm or an activation still has a place in the row."""
    cells = row.tail if row.main >= 0 else row.layers
    kinds = [layer.op.kind for layer in (*cells, node.layer)]
    if row.kind == "join":
        return kinds == ["activation"]
    fits = kinds in (["norm"], ["activation"], ["norm", "activation"])
    return fits and (row.main < 0 or (row.kind in ("conv", "linear") and not row.lead))
