"""What a body must cost at the least: one that cannot end within the limits does not begin (S5).

Only what is known before anything flows counts: numbers, lists and conditions that no `in` decides,
ops, and blocks with the arguments that they are called with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cnnspec.diagnostics import SpecError
from cnnspec.elaborate.arithmetic import Poison
from cnnspec.elaborate.evaluate import Evaluator, Poisoned
from cnnspec.elaborate.limits import (
    CALLS_MAX,
    EXPRESSIONS_MAX,
    LimitReached,
    Limits,
    check_turns,
)
from cnnspec.elaborate.scope import BlockValue, Missing, Scope
from cnnspec.ops import ops
from cnnspec.syntax import tree as t
from cnnspec.values import Value, key

STEPS_MAX = 20_000
"""Statements and layers that are looked at; what stands behind them counts as nothing."""
ITEMS_A_STEP = 64
"""How many items of a list cost as much as a step."""
EVALUATED_MAX = 20_000
"""Expressions evaluated ahead."""

UNKNOWN = Poison()
"""A value that only the flow decides."""


class Effort(NamedTuple):
    """Layers made, and expressions evaluated or turns of loops taken."""

    layers: int = 0
    expressions: int = 0

    def plus(self, other: Effort) -> Effort:
        """One after the other."""
        return Effort(self.layers + other.layers, self.expressions + other.expressions)

    def times(self, turns: int) -> Effort:
        """So many turns, each of which is counted too."""
        return Effort(self.layers * turns, (self.expressions + 1) * turns)


class Foresight:
    """The least costs of one net's bodies; a block's is found once for the same arguments."""

    def __init__(self) -> None:
        self.evaluator = Evaluator(Limits(expressions=EXPRESSIONS_MAX - EVALUATED_MAX))
        self.blocks: dict[object, int] = {}
        self.depth = self.steps = 0

    def body(self, body: t.Body, scope: Scope) -> Effort:
        """The least that one run through a body costs, in a scope made for it."""
        total = Effort()
        for statement in body.statements:
            total = total.plus(self.statement(statement, scope))
        return total

    def statement(self, statement: t.Statement, scope: Scope) -> Effort:
        """The least that a statement costs; nothing more is foreseen after STEPS_MAX steps."""
        self.steps += 1
        if self.steps > STEPS_MAX:
            return Effort()
        match statement:
            case t.Flow():
                return self.flow(statement.layers, scope)
            case t.Output():
                return self.flow(statement.flow.layers, scope)
            case t.Let():
                scope.values[statement.name] = self.value(statement.value, scope)
                return Effort(expressions=1)
            case t.Repeat() | t.For():
                return self.loop(statement, scope)
            case t.If():
                return self.conditional(statement, scope)
            case _:
                return Effort()

    def loop(self, loop: t.Repeat | t.For, scope: Scope) -> Effort:
        """The least of all turns of a loop; nothing where their number is not known."""
        turns = self.turns(loop, scope)
        if turns == 0:
            return Effort()
        return self.turn(loop, scope).times(turns)

    def turn(self, loop: t.Repeat | t.For, scope: Scope) -> Effort:
        """The least of one turn of a loop, whichever."""
        inner = scope.inner()
        if isinstance(loop, t.For):
            inner.values.update(dict.fromkeys(loop.names, UNKNOWN))
        return self.body(loop.body, inner)

    def allow(self, steps: int) -> None:
        """Look further ahead by as much as is really done."""
        self.steps = max(0, self.steps - steps)

    def turns(self, loop: t.Repeat | t.For, scope: Scope) -> int:
        """How many turns a loop takes; 0 where that is not known."""
        if isinstance(loop, t.Repeat):
            count = self.value(loop.count, scope)
            return count if type(count) is int and count > 0 else 0
        items = self.value(loop.iterable, scope)
        count = len(items) if isinstance(items, Sequence) and not isinstance(items, str) else 0
        self.steps += count // ITEMS_A_STEP
        return count

    def conditional(self, statement: t.If, scope: Scope) -> Effort:
        """The way that is taken, else the cheapest; an `if` without `else` may make nothing."""
        condition = self.value(statement.condition, scope)
        here, there = statement.body, statement.other
        if condition is True:
            least = self.body(here, scope.inner())
        elif condition is False:
            least = self.other(there, scope)
        else:
            ways = self.body(here, scope.inner()), self.other(there, scope)
            least = Effort(*(min(each) for each in zip(*ways, strict=True)))
        return least.plus(Effort(expressions=1))

    def other(self, other: t.Body | t.If | None, scope: Scope) -> Effort:
        """The least of the other way of an `if`."""
        if other is None:
            return Effort()
        if isinstance(other, t.If):
            return self.conditional(other, scope)
        return self.body(other, scope.inner())

    def flow(self, layers: Iterable[t.Layer], scope: Scope) -> Effort:
        """The least that a chain of layers costs."""
        total = Effort()
        for layer in layers:
            self.steps += 1
            match layer.form:
                case t.Call():
                    total = total.plus(Effort(self.call(layer.form, scope)))
                case t.Fork(body=body):
                    joins = sum(isinstance(s, t.Flow) for s in body.statements) > 1
                    total = total.plus(self.body(body, scope.inner())).plus(Effort(int(joins)))
                case t.Seq(body=body) | t.Group(body=body):
                    total = total.plus(self.body(body, scope.inner()))
                case _:
                    pass
        return total

    def call(self, call: t.Call, scope: Scope) -> int:
        """The layers of a call; a block that is remembered evaluates nothing again."""
        value = scope.find(call.name)
        if isinstance(value, BlockValue):
            return self.block(value, self.arguments(value, call.args, scope))
        return int(value is Missing and call.name in ops() and not ops()[call.name].identity)

    def arguments(self, block: BlockValue, args: Sequence[t.Arg], scope: Scope) -> Scope:
        """The scope of a block's body, with what is known of its parameters."""
        inner = block.unit.scope.inner()
        params, bound = block.block.params, dict(block.bound)
        written = dict(zip((p.name for p in block.params), args, strict=False))
        written |= {arg.keyword: arg for arg in args if arg.keyword is not None}
        for param in params:
            arg = written.get(param.name)
            if param.name in bound:
                inner.values[param.name] = bound[param.name]
            elif arg is not None and arg.keyword in (None, param.name):
                inner.values[param.name] = self.value(arg.value, scope)
            elif param.default is None:
                inner.values[param.name] = UNKNOWN
            else:
                inner.values[param.name] = self.value(param.default, inner)
        return inner

    def block(self, value: BlockValue, scope: Scope) -> int:
        """The least layers of a block's body; nothing is said of what nests too deep."""
        asked = id(value.block), *map(key, scope.values.values())
        if asked not in self.blocks and self.depth < CALLS_MAX and self.steps < STEPS_MAX:
            self.blocks[asked] = 0  # one that calls itself is an error of its own
            self.depth += 1
            self.blocks[asked] = self.body(value.block.body, scope).layers
            self.depth -= 1
        return self.blocks.get(asked, 0)

    def value(self, expr: t.Expr, scope: Scope) -> Value:
        """The value of an expression where nothing has to flow for it."""
        try:
            return self.evaluator.value(expr, scope, None)
        except (SpecError, Poisoned, LimitReached):
            return UNKNOWN


def ahead(limits: Limits, foresight: Foresight, net: t.Net, scope: Scope) -> None:
    """Refuse a net before its first layer when it is sure to go over a limit."""
    place: t.Node
    inner, so_far = scope.inner(), Limits(limits.layers, limits.expressions)
    for statement in net.body.statements:
        cost = foresight.statement(statement, inner)
        place, turns = statement, 0
        if isinstance(statement, t.Repeat | t.For):
            turns = foresight.turns(statement, inner)
            place = statement.count if isinstance(statement, t.Repeat) else statement.iterable
        check_turns(turns, place.span)
        so_far.foresee(turns, cost.layers, cost.expressions, place.span)
        so_far.layers += cost.layers
        so_far.expressions += cost.expressions
