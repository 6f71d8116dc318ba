"""Terms: numbers for what is computed, equal exactly where the computation is equal.

A term stands for (op, path of its weights, terms of its inputs); the spec's side and the module's
side draw from one table (hash-consing), so that equality of two outputs is equality of numbers.
"""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any, NamedTuple

from cnnspec import ir
from cnnspec.ops.add import Add
from cnnspec.ops.op import Op
from cnnspec.source import Span
from cnnspec.values import Padding, Window, show

NO_PADDING = Padding(0, 0, 0, 0)
ADD = Add()


class Row(NamedTuple):
    """A term: an op, or one of the words `input`, `call` and `pad`."""

    op: Op | str
    path: Any
    inputs: tuple[int, ...]


class Terms:
    """Every term made so far, of both sides; `lines` and `spans` say where each was written."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.lines: dict[int, int] = {}
        self.spans: dict[int, Span] = {}
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._canonical: dict[int, Op] = {}
        self._forms: dict[Op, Op] = {}
        self._alive: list[Op] = []
        self._plain: set[int] = set()
        """Canonical ops of which one at work is one term, by identity."""
        self._of: dict[int, Op] = {}
        """By the identity of a layer, which lives as long as its net."""

    def number(self, op: Op | str, path: Any, inputs: tuple[int, ...]) -> int:
        """The term of a canonical op, or of a word."""
        key = (op if type(op) is str else id(op), path, inputs)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.rows)
            self.rows.append(Row(op, path, inputs))
        return found

    def apply(self, op: Op, path: str, inputs: tuple[int, ...]) -> int:
        """A canonical op at work; the identity is no term, a sum of three is two sums of two."""
        if id(op) in self._plain:
            return self.number(op, path, inputs)
        if op.identity:
            return inputs[0]
        zeros = op.zeros()
        if zeros is not None:
            return self.pad(zeros, inputs[0])
        if op.averages:
            total = self.apply(self.canonical(ADD), "", inputs)
            return self.share(op, len(inputs), total)
        if op.pairwise:
            first, *others = inputs
            for other in others:
                first = self.number(op, "", (first, other))
            return first
        self._plain.add(id(op))
        return self.number(op, path, inputs)

    def share(self, op: Op, count: int, total: int) -> int:
        """A mean: the sum of so many arms by their number."""
        return self.number(op, f"{count} arms", (total,))

    def pad(self, sides: Padding, of: int) -> int:
        """Zeros around a map: what PyTorch's own `padding` cannot say."""
        return of if sides == NO_PADDING else self.number("pad", tuple(sides), (of,))

    def canonical(self, op: Op) -> Op:
        """The canonical form of an op; equal forms are one object, which lives as long as this."""
        found = self._canonical.get(id(op))
        if found is None:
            found = self._forms.get(op)
            if found is None:
                form = op.canonical()
                found = self._forms[op] = self._forms.setdefault(form, form)
            self._canonical[id(op)] = found
            self._alive.append(op)
        return found

    def of(self, layer: ir.Layer) -> Op:
        """The canonical form of a layer's op on what arrives there."""
        found = self._of.get(id(layer))
        if found is None:
            found = self._of[id(layer)] = self.canonical(layer.op.on(*layer.inputs))
        return found

    def unpadded(self, op: Op) -> Op:
        """A canonical op without its padding, where a term `pad` says that."""
        return self.canonical(replace(op, pad=NO_PADDING))  # type: ignore[call-arg]

    def difference(self, mine: int, theirs: int) -> tuple[int, int]:
        """Where two terms part: the deepest pair that both reach by the same way."""
        while True:
            left, right = self.rows[mine], self.rows[theirs]
            same = left.op is right.op or left.op == right.op
            if not same or left.path != right.path or len(left.inputs) != len(right.inputs):
                return mine, theirs
            pairs = zip(left.inputs, right.inputs, strict=True)
            parted = next(((a, b) for a, b in pairs if a != b), None)
            if parted is None:
                return mine, theirs
            mine, theirs = parted

    def shown(self, term: int) -> str:
        """A term in words: `conv 64, 3x3 at conv1, of relu`."""
        row = self.rows[term]
        if row.op == "input":
            return f"the input {row.path}".rstrip()
        if row.op == "call":
            return f"the block at {row.path[0]}, of {self.brief(row.inputs[0])}"
        where = f" at {row.path}" if row.path and isinstance(row.op, Op) else ""
        fed = " and ".join(self.brief(i) for i in row.inputs)
        return f"`{describe(row.op, row.path)}`{where}, of {fed}"

    def brief(self, term: int) -> str:
        """A term in a word or two, as what another is computed from."""
        row = self.rows[term]
        match row.op:
            case "input":
                return f"the input {row.path}".rstrip()
            case "call":
                return str(row.path[0])
            case "pad":
                return "zeros around it"
            case _:
                return str(row.path) or (row.op if isinstance(row.op, str) else row.op.name)


def describe(op: Op | str, path: Any = "") -> str:
    """An op as a spec would say it: `conv 64, 3x3/2, pad=3, bias=false`."""
    if isinstance(op, str):
        return f"pad {Padding(*path)}"
    words = []
    for f in dataclasses.fields(op):
        if f.name == "over":  # a vector has one axis, and nn.Linear is for the last
            continue
        value = getattr(op, f.name)
        if f.default is dataclasses.MISSING:
            words.append(_pair(value))
        elif value != f.default:
            words.append(f"{f.name}={_pair(value)}")
    return f"{op.name} {', '.join(words)}".rstrip()


def _pair(value: Any) -> str:
    """A value as `show` has it; two equal sizes as one."""
    if type(value) is tuple and len(value) == 2 and value[0] == value[1]:
        return show(value[0])
    return show(value) if not isinstance(value, Window) else str(value)
