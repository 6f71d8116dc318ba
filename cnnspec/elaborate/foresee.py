"""What a loop must cost at the least: one that cannot end within the limits does not begin (S5).

Only what stands in the text counts: ops, the blocks of the file, loops whose turns are a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cnnspec.elaborate.limits import CALLS_MAX
from cnnspec.elaborate.scope import BlockValue, Missing, Scope
from cnnspec.ops import ops
from cnnspec.syntax import tree as t


class Cost(NamedTuple):
    """Layers made, and expressions evaluated or turns of loops taken."""

    layers: int = 0
    expressions: int = 0

    def plus(self, other: Cost) -> Cost:
        return Cost(self.layers + other.layers, self.expressions + other.expressions)

    def times(self, turns: int) -> Cost:
        """So many turns, each of which is counted too."""
        return Cost(self.layers * turns, (self.expressions + 1) * turns)


Hidden = frozenset[str]
"""Names that a body gives to values of its own: what they call is not known before."""


class Foresight:
    """The least costs of one net's bodies; a block's is found once."""

    def __init__(self) -> None:
        self.blocks: dict[int, Cost] = {}
        self.depth = 0

    def body(self, body: t.Body, scope: Scope, hidden: Hidden = frozenset()) -> Cost:
        """The least that one run through a body costs."""
        hidden |= {s.name for s in body.statements if isinstance(s, t.Let)}
        total = Cost()
        for statement in body.statements:
            total = total.plus(self.statement(statement, scope, hidden))
        return total

    def statement(self, statement: t.Statement, scope: Scope, hidden: Hidden) -> Cost:
        match statement:
            case t.Flow():
                return self.flow(statement.layers, scope, hidden)
            case t.Output():
                return self.flow(statement.flow.layers, scope, hidden)
            case t.Let():
                return Cost(expressions=1)
            case t.Repeat():
                turns = _number(statement.count, scope, hidden)
                return self.body(statement.body, scope, hidden).times(turns)
            case t.For():
                inner = self.body(statement.body, scope, hidden | set(statement.names))
                return inner.times(_length(statement.iterable, scope, hidden))
            case t.If():
                return self.conditional(statement, scope, hidden)
            case _:
                return Cost()

    def conditional(self, statement: t.If, scope: Scope, hidden: Hidden) -> Cost:
        """The cheapest way through an `if`; one without an `else` may make nothing."""
        costs, branch = [], statement
        while True:
            costs.append(self.body(branch.body, scope, hidden))
            if not isinstance(branch.other, t.If):
                break
            branch = branch.other
        costs.append(Cost() if branch.other is None else self.body(branch.other, scope, hidden))
        layers, expressions = (min(each) for each in zip(*costs, strict=True))
        return Cost(layers, expressions + 1)

    def flow(self, layers: Iterable[t.Layer], scope: Scope, hidden: Hidden) -> Cost:
        total = Cost()
        for layer in layers:
            match layer.form:
                case t.Call(name=name):
                    total = total.plus(self.call(name, scope, hidden))
                case t.Fork(body=body):
                    total = total.plus(self.body(body, scope, hidden)).plus(Cost(1))
                case t.Seq(body=body) | t.Group(body=body):
                    total = total.plus(self.body(body, scope, hidden))
                case _:
                    pass
        return total

    def call(self, name: str, scope: Scope, hidden: Hidden) -> Cost:
        value = Missing if name in hidden else scope.find(name)
        if isinstance(value, BlockValue):
            return self.block(value)
        plain = value is Missing and name not in hidden and name != "skip"
        return Cost(int(plain and name in ops()))

    def block(self, value: BlockValue) -> Cost:
        """The least of a block, whatever its arguments; nothing is said of what nests too deep."""
        key = id(value.block)
        if key not in self.blocks and self.depth < CALLS_MAX:
            self.blocks[key] = Cost()  # one that calls itself is an error of its own
            self.depth += 1
            hidden = frozenset(parameter.name for parameter in value.block.params)
            self.blocks[key] = self.body(value.block.body, value.unit.scope, hidden)
            self.depth -= 1
        return self.blocks.get(key, Cost())


def _number(expr: t.Expr, scope: Scope, hidden: Hidden) -> int:
    """A count that is written as one, or by a name of one; 0 for what must be evaluated."""
    value = expr.value if isinstance(expr, t.Literal) else None
    if isinstance(expr, t.Name) and expr.name not in hidden:
        value = scope.find(expr.name)
    return value if type(value) is int and value > 0 else 0


def _length(expr: t.Expr, scope: Scope, hidden: Hidden) -> int:
    """How long `range(5)` or a written list is; 0 for what must be evaluated."""
    match expr:
        case t.ListOf(items=items):
            return len(items)
        case t.Apply(function=t.Name(name="range"), args=(arg,)):
            return _number(arg.value, scope, hidden)
        case _:
            return 0
