"""The inputs that a net works on, and what comes out (S8, S9).

The weights are those of the declared size, so a `linear` fixes how many features may arrive.  The
answer comes from the ops' own shape rules, run once on a size that is open (`formula.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from cnnspec import ir
from cnnspec.analyses.formula import Condition, Form, Open, Poly
from cnnspec.analyses.solve import SizeSet, solve
from cnnspec.ops.op import OpError
from cnnspec.records import record
from cnnspec.values import Shape, Size, dims

OpenShape = tuple[int | Form | Poly, ...]
"""A shape whose heights and widths are formulas."""


@record(frozen=True)
class Failure:
    """Why a size does not work: the layer, one sentence, and the arithmetic on the way there."""

    size: tuple[int, int]
    path: str
    reason: str
    arithmetic: tuple[tuple[str, str], ...]
    """(path, formula with numbers) of the layers that change the size."""


class Sizes:
    """The input sizes that a net works on. A net on vectors has none that could change."""

    def __init__(self, net: ir.Net, graph: ir.Graph) -> None:
        self.net, self.graph = net, graph
        shape = net.inputs[0].shape
        self.is_map = len(shape) == 3
        self.declared = (int(shape[1]), int(shape[2])) if self.is_map else (1, 1)

    @cached_property
    def _walked(self) -> tuple[list[OpenShape], list[tuple[int, Condition]]]:
        walk = _Walk(self.graph, self.net.inputs[0].shape)
        return walk.shapes, walk.conditions

    @property
    def shapes(self) -> list[OpenShape]:
        """The shape of every node, with formulas."""
        return self._walked[0]

    def conditions(self, *, training: bool, weights: bool = True) -> list[Condition]:
        """What must hold; `training` with auxiliary heads, `weights` with those of `linear`."""
        found = (
            condition
            for index, condition in self._walked[1]
            if (training or not self.graph.nodes[index].training)
            and (weights or not condition.weights)
        )
        return list(dict.fromkeys(found))

    def square(self, *, training: bool = False, weights: bool = True) -> SizeSet:
        """The n for which n x n works."""
        conditions = self.conditions(training=training, weights=weights)
        return solve(conditions, lambda n: {"H": n, "W": n})

    def height(self) -> SizeSet:
        """The heights that work at the declared width."""
        width = self.declared[1]
        return solve(self.conditions(training=False), lambda n: {"H": n, "W": width})

    def width(self) -> SizeSet:
        """The widths that work at the declared height."""
        height = self.declared[0]
        return solve(self.conditions(training=False), lambda n: {"H": height, "W": n})

    @property
    def has_heads(self) -> bool:
        """Whether auxiliary heads exist, which training runs too."""
        return any(node.training for node in self.graph)

    @property
    def last_map(self) -> int:
        """The last node at inference whose height is still a formula, else the input."""
        for node in reversed(self.graph.nodes):
            shape = self.shapes[node.index]
            if not node.training and len(shape) == 3 and not isinstance(shape[1], int):
                return node.index
        return 0

    def failure(self, size: tuple[int, int], *, training: bool = False) -> Failure | None:
        """Why an input of this size fails, or None."""
        shapes: list[Shape] = []
        steps: list[tuple[str, str]] = []
        for node in self.graph:
            if node.training and not training:
                shapes.append(node.shape)
                continue
            inputs = [shapes[i] for i in ir.measured(self.graph, node)]
            try:
                shapes.append(node.op.shape(*inputs) if inputs else self._entry(node, size))
            except OpError as error:
                return Failure(size, node.path, error.message, tuple(steps))
            wrong = _misfit(node, inputs)
            if wrong:
                return Failure(size, node.path, wrong, tuple(steps))
            if inputs and inputs[0][1:] != shapes[-1][1:]:
                steps += [(node.path, line) for line in node.op.why(*inputs)]
        return None

    def _entry(self, node: ir.Node, size: tuple[int, int]) -> Shape:
        """An input of this size; one that is not as large as the first stays as declared.

        Another size than the declared one is as an open one: the module has no numbers for it.
        """
        if node.shape[1:] != self.declared:
            return node.shape
        sizes = size if size == self.declared else (Size(size[0], "H"), Size(size[1], "W"))
        return int(node.shape[0]), *sizes


def _misfit(node: ir.Node, inputs: list[Shape]) -> str | None:
    """What is wrong where weights of the declared size meet what arrives."""
    if not inputs or node.op.params(inputs[0]) == node.op.params(node.layer.inputs[0]):
        return None
    wanted = node.layer.inputs[0][0]
    return f"its weights are for {int(wanted):,} features, and {dims(inputs[0])} arrives"


class _Walk:
    """Runs every op's shape rule on open sizes; equal layers on equal shapes once."""

    def __init__(self, graph: ir.Graph, entry: Shape) -> None:
        self.shapes: list[OpenShape] = []
        self.conditions: list[tuple[int, Condition]] = []
        self.index: int
        self._entry, self._graph = entry, graph
        self._known: dict[tuple[object, ...], OpenShape] = {}
        for node in graph:
            self.index = node.index
            self.shapes.append(self.node(node))

    def note(self, condition: Condition) -> None:
        """Keep what an op's rule asked of a size."""
        self.conditions.append((self.index, condition))

    def node(self, node: ir.Node) -> OpenShape:
        if not node.inputs:
            return self.entry(node)
        arriving = tuple(self.shapes[i] for i in ir.measured(self._graph, node))
        key = (id(node.layer), node.training, arriving)
        if key not in self._known:
            self._known[key] = self.run(node, arriving)
        return self._known[key]

    def entry(self, node: ir.Node) -> OpenShape:
        """The input's own shape; a further input of the same size varies with the first."""
        if len(node.shape) != 3 or node.shape[1:] != self._entry[1:]:
            return tuple(int(n) for n in node.shape)
        return int(node.shape[0]), Form("H"), Form("W")

    def run(self, node: ir.Node, arriving: tuple[OpenShape, ...]) -> OpenShape:
        declared = zip(arriving, node.layer.inputs, strict=True)
        inputs = [self.opened(shape, as_declared) for shape, as_declared in declared]
        shape = node.op.shape(*inputs)
        kept = {**node.op.params(inputs[0]), **node.op.buffers(inputs[0])}
        for size in (n for tensor in kept.values() for n in tensor):
            if isinstance(size, Open):
                self.note(Condition("==", size.of, int(size), weights=True))
        return tuple(n.of if isinstance(n, Open) else int(n) for n in shape)

    def opened(self, shape: OpenShape, declared: Iterable[int]) -> Shape:
        return tuple(
            n if isinstance(n, int) else Open(int(value), n, self.note)
            for n, value in zip(shape, declared, strict=True)
        )
