"""Value numbering: what a net computes, however it is written.

Two values have one number where one op makes them, with the same arguments and the same weights,
of values that have one number each.  A fork and a `from`, a block and its layers one by one, are
two ways to write one thing: the numbers do not tell them apart.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from cnnspec import ir
from cnnspec.ops.op import Op
from cnnspec.records import fields, record, replace
from cnnspec.values import Shape


class Made(NamedTuple):
    """What makes a value: the op as a module can say it, its inputs, and whose weights it has."""

    op: Hashable
    came: tuple[int, ...]
    shapes: tuple[Shape, ...]
    weights: Hashable


class Numbers:
    """The numbers of values; one object for all nets that are compared."""

    def __init__(self) -> None:
        self.made: dict[int, Made] = {}
        self._found: dict[Made, int] = {}

    def input(self, which: Hashable, shape: Shape) -> int:
        """The number of an input of a net."""
        return self._number(Made(("input", which), (), (_plain(shape),), None))

    def layer(self, op: Op, shapes: Sequence[Shape], came: Sequence[int], weights: Hashable) -> int:
        """The number of what a layer gives; one that computes nothing gives what came.

        `weights` say whose tensors it has; of an op without tensors that is no matter.
        """
        if op.idle(*shapes) or _keeps_size(op, came):
            return came[0]
        op, shapes, came = self._bordered(op, tuple(map(_plain, shapes)), tuple(came))
        said = as_built(op, shapes)
        return self._number(Made(said, came, shapes, weights if op.keeps(shapes[0]) else None))

    def _bordered(
        self, op: Op, shapes: tuple[Shape, ...], came: tuple[int, ...]
    ) -> tuple[Op, tuple[Shape, ...], tuple[int, ...]]:
        """An op without its border, where that is a layer of its own to a module."""
        both = op.bordered()
        if both is None:
            return op, shapes, came
        border, rest = both
        number = self._number(Made(border.canonical(), came, shapes, None))
        return rest, (border.shape(*shapes),), (number,)

    def behind(self, ends: Iterable[int]) -> frozenset[int]:
        """All values that some are made of, they among them."""
        found: set[int] = set()
        waiting = [*ends]
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += self.made[number].came
        return frozenset(found)

    def _number(self, made: Made) -> int:
        number = self._found.setdefault(made, len(self._found))
        self.made[number] = made
        return number


def as_built(op: Op, shapes: Sequence[Shape]) -> Op:
    """The op as an architecture has it on these inputs: in one spelling, without a beginning."""
    same = op.on(*shapes).canonical()
    usual = {one.name: one.default for one in fields(same) if one.name in same.begins}
    return replace(same, **usual) if usual else same


def _keeps_size(op: Op, came: Sequence[int]) -> bool:
    """Whether a map is brought to its own size."""
    return bool(op.beside) and not op.places and len({*came}) == 1 < len(came)


def _plain(shape: Shape) -> Shape:
    return tuple(map(int, shape))


# --- whole nets ------------------------------------------------------------------------------


@record(frozen=True)
class Numbered:
    """A net in numbers.

    `outputs` are those of its outputs by name, with whether they exist in training only; `values`
    are all that there is, what no output needs too.  `weights` are the paths of the layers with
    tensors: those of equal nets stand for each other place by place.
    """

    outputs: dict[str, tuple[int, bool]]
    values: frozenset[int]
    weights: tuple[str, ...]

    def same(self, other: Numbered) -> bool:
        """Whether two nets are one."""
        return self.outputs == other.outputs and self.values == other.values


def numbered(net: ir.Net, numbers: Numbers) -> Numbered:
    """A net in numbers.

    Layers with tensors are told apart by the order in which the outputs need them, and not by
    their names: two nets are equal whatever their layers are called.
    """
    flat = ir.graph(net)
    alike = _Walk(flat, numbers)
    alike.enter(range(len(flat.nodes)), told=False)
    walk = _Walk(flat, numbers)
    walk.enter(_needed(flat, alike.made), told=True)
    trained = {branch.name for branch in net.branches if branch.kind == "aux"}
    outputs = {name: (walk.made[i], name in trained) for name, i in flat.outputs.items()}
    return Numbered(outputs, numbers.behind(walk.made.values()), tuple(walk.weights))


class _Walk:
    """Numbers the nodes of a net: `made` has the number of each by its index."""

    def __init__(self, flat: ir.Graph, numbers: Numbers) -> None:
        self.flat, self.numbers = flat, numbers
        self.made: dict[int, int] = {}
        self.weights: dict[str, int] = {}

    def enter(self, order: Iterable[int], *, told: bool) -> None:
        """Enter nodes in an order; `told` apart are layers by whose weights they have."""
        for index in order:
            node = self.flat.nodes[index]
            if node.layer.inputs:
                self.made[index] = self._layer(node, told)
            else:
                self.made[index] = self.numbers.input(index, node.shape)

    def _layer(self, node: ir.Node, told: bool) -> int:
        shapes, came = node.layer.inputs, [self.made[one] for one in node.inputs]
        key = None
        if told and node.op.keeps(shapes[0]):
            key = self.weights.setdefault(node.shares or node.path, len(self.weights))
        if node.op.exchanges():
            places = sorted(range(len(came)), key=came.__getitem__)
            came = [came[place] for place in places]
            shapes = tuple(shapes[place] for place in places)
        return self.numbers.layer(node.op, shapes, came, key)


def _needed(flat: ir.Graph, alike: dict[int, int]) -> Iterator[int]:
    """Indices of nodes, each behind its inputs, as the outputs need them one after the other.

    Arms that may change places are taken in the order of what they are `alike`; what no output
    needs stands behind.
    """
    seen: set[int] = set()
    ends = [flat.outputs[name] for name in sorted(flat.outputs)]
    for end in [*ends, *range(len(flat.nodes))]:
        waiting = [(end, False)]
        while waiting:
            index, ready = waiting.pop()
            if ready:
                yield index
            elif index not in seen:
                seen.add(index)
                waiting.append((index, True))
                node = flat.nodes[index]
                arms = list(node.inputs)
                if node.op.exchanges():
                    arms.sort(key=alike.__getitem__)
                waiting += [(one, False) for one in reversed(arms)]
