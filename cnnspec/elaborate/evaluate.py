"""Expressions to values (L21): exact integers, finite reals, no side effects, always an end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cnnspec.diagnostics import SpecError, fail
from cnnspec.elaborate.arithmetic import (
    Poison,
    arithmetic,
    compare,
    equal,
    is_list,
    need_number,
    symbolic,
    window,
)
from cnnspec.elaborate.functions import FUNCTIONS, check_arguments
from cnnspec.elaborate.later import foreign, misuse, unfound
from cnnspec.elaborate.limits import Limits, check_turns
from cnnspec.elaborate.records import RECORDS
from cnnspec.elaborate.scope import BlockValue, Missing, Scope
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import KEYWORDS, Dims, Record, Shape, Size, Value, Window, type_name

AXES = {"channels": 0, "height": 1, "width": 2}
"""What `in` can be asked for, as an index into a shape (L13)."""


NOWHERE: Shape = ()
"""What arrives where nothing flows: at the top of a file, in a recipe, in the call of a variant."""


class Poisoned(Exception):
    """A value depends on something already reported; say nothing more."""


def unknown_name(name: str, span: Span, scope: Scope) -> SpecError:
    """E0101: a word that has no value here, perhaps a call without its parentheses."""
    return unfound.no_value(name, span, scope)


def no_condition(value: Value, span: Span) -> SpecError:
    """E0201: only `true` and `false` decide."""
    return fail("E0201", f"a condition is true or false, and {type_name(value)} came", span)


class Read(NamedTuple):
    """One reading of `in.channels`, for the lint of chains (L13)."""

    name: str
    value: int
    span: Span


class _Reading:
    """`with evaluator.reading() as reads`: a class, because every layer enters one."""

    __slots__ = ("evaluator", "outer")

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def __enter__(self) -> list[Read]:
        self.outer, self.evaluator.reads = self.evaluator.reads, []
        return self.evaluator.reads

    def __exit__(self, *_: object) -> None:
        self.evaluator.reads = self.outer


class Evaluator:
    """Evaluates expressions in a scope; `arriving` is what `in` means (L13)."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.reads: list[Read] = []
        self.rules: dict[type, Callable[[Any, Scope, Shape | None], Value]] = {
            t.Literal: lambda e, s, a: e.value,
            t.Name: self.name,
            t.Incoming: self.incoming,
            t.ListOf: lambda e, s, a: tuple(self.value(x, s, a) for x in e.items),
            t.Attr: self.attr,
            t.Index: self.index,
            t.Slice: self.slice,
            t.Apply: self.apply,
            t.Unary: self.unary,
            t.Chain: self.chain,
            t.Power: self.power,
            t.Compare: self.compare,
            t.Logic: self.logic,
            t.Choose: self.choose,
            t.Template: self.template,
        }

    def value(self, expr: t.Expr, scope: Scope, arriving: Shape | None = NOWHERE) -> Value:
        """Evaluate; raises SpecError at the place of a defect, Poisoned after a reported one.

        `arriving` is None where an error left the shape unknown.
        """
        self.limits.add_expression(expr.span)
        return self.rules[type(expr)](expr, scope, arriving)

    def reading(self) -> _Reading:
        """Collect what is read of `in` until the end of the `with`."""
        return _Reading(self)

    def name(self, expr: t.Name, scope: Scope, arriving: Shape | None) -> Value:
        """The value of a name; raises SpecError where there is none, Poisoned where it is wrong."""
        value = scope.find(expr.name)
        if value is Missing:
            if expr.name in KEYWORDS:
                return KEYWORDS[expr.name]
            raise unknown_name(expr.name, expr.span, scope)
        if isinstance(value, Poison):
            raise Poisoned
        return value

    def template(self, expr: t.Template, scope: Scope, arriving: Shape | None) -> Value:
        """`layer${i}` is no value (E0201): it stands in the path of a claim."""
        help = ("a label with numbers in it stands before `:`, after `from` or in `params(...)`",)
        raise fail("E0201", f"`{expr.span.text}` is a label, no value", expr.span, help=help)

    def incoming(self, expr: t.Incoming, scope: Scope, arriving: Shape | None) -> Value:
        """`in` without an axis is an error (E0206)."""
        raise fail(
            "E0206",
            "`in` alone is no value",
            expr.span,
            help=("`in.channels`, `in.height` and `in.width` are the shape that arrives",),
        )

    def attr(self, expr: t.Attr, scope: Scope, arriving: Shape | None) -> Value:
        """`in.channels`, `in.height`, `in.width`: an axis of what arrives."""
        if not isinstance(expr.of, t.Incoming):
            of = type_name(self.value(expr.of, scope, arriving))
            raise fail("E0207", f"{of} has no `.{expr.name}`", expr.span)
        if expr.name not in AXES:
            notes = ("the shape that arrives is in.channels x in.height x in.width",)
            meant = foreign.meant("axes", expr.name, AXES)
            raise fail("E0207", f"`in` has no `.{expr.name}`", expr.span, note=meant, notes=notes)
        if arriving is None:
            raise Poisoned
        axis = AXES[expr.name]
        if arriving == NOWHERE:
            raise fail("E0206", "`in` is what arrives at an op, and nothing flows here", expr.span)
        if axis >= len(arriving):
            message = f"a vector of {arriving[0]} arrives here: it has no {expr.name}"
            raise fail("E0207", message, expr.span, help=("`in.channels` is its size",))
        self.reads.append(Read(expr.name, arriving[axis], expr.span))
        return arriving[axis]

    def index(self, expr: t.Index, scope: Scope, arriving: Shape | None) -> Value:
        """`depths[0]`, counted from 0; raises SpecError E0205 beyond the end."""
        items = self.value(expr.of, scope, arriving)
        if not self.listed(items):
            raise fail("E0201", f"{type_name(items)} cannot be indexed", expr.of.span)
        return self.item(items, self.whole(expr.index, scope, arriving), expr)

    def item(self, items: Value, at: Value, expr: t.Index) -> Value:
        """One item of a list."""
        if not 0 <= at < len(items):
            has = f"items 0 to {len(items) - 1}" if items else "no items"
            message = f"there is no item {at} in a list of {len(items)}: it has {has}"
            raise fail("E0205", message, expr.index.span)
        return items[at]

    def slice(self, expr: t.Slice, scope: Scope, arriving: Shape | None) -> Value:
        """`depths[1:]` as Python's: an end below 0 counts from behind, one outside is the end."""
        items = self.value(expr.of, scope, arriving)
        if not self.listed(items):
            raise fail("E0201", f"{type_name(items)} has no part: a list has", expr.of.span)
        ends = [
            None if end is None else self.whole(end, scope, arriving)
            for end in (expr.start, expr.stop)
        ]
        return self.part(items, ends, expr)

    def part(self, items: Value, ends: list[Any], expr: t.Slice) -> Value:
        """A part of a list."""
        return items[ends[0] : ends[1]]

    def apply(self, expr: t.Apply, scope: Scope, arriving: Shape | None) -> Value:
        """A call of a function, or of a record such as `sgd(lr=0.1)`."""
        if not isinstance(expr.function, t.Name):
            raise fail("E0208", "this is no function", expr.function.span)
        name = expr.function.name
        if name in FUNCTIONS:
            check_arguments(name, expr.args, expr.span)
            values = [self.value(arg.value, scope, arriving) for arg in expr.args]
            return self.applied(name, values, expr)
        if name in RECORDS:
            return self.record(name, expr.args, scope, arriving)
        block = scope.find(name)
        if isinstance(block, Poison):
            raise Poisoned
        if isinstance(block, BlockValue):
            return self.bound(block, expr, scope, arriving)
        raise unfound.no_function(name, expr.function.span)

    def applied(self, name: str, values: list[Value], expr: t.Apply) -> Value:
        """What a function makes of its arguments."""
        return FUNCTIONS[name](name, values, expr.span)

    def record(
        self, name: str, args: tuple[t.Arg, ...], scope: Scope, arriving: Shape | None
    ) -> Record:
        """A record with its arguments evaluated."""
        positional, keywords = [], {}
        for arg in args:
            value = self.value(arg.value, scope, arriving)
            if arg.keyword is None:
                positional.append(value)
            elif arg.keyword in keywords:
                raise fail("E0106", f"`{arg.keyword}` is given twice", arg.span)
            else:
                keywords[arg.keyword] = value
        return Record(name, tuple(positional), tuple(keywords.items()))

    def bound(
        self, block: BlockValue, expr: t.Apply, scope: Scope, arriving: Shape | None
    ) -> BlockValue:
        """`basic(option="B")`: the block with that argument set (L35)."""
        values: dict[str, Value] = {}
        known = {param.name for param in block.params}
        for arg in expr.args:
            if arg.keyword is None or arg.keyword in values or arg.keyword not in known:
                raise misuse.binding(block, arg, values)
            values[arg.keyword] = self.value(arg.value, scope, arriving)
        return block.bind(values)

    def unary(self, expr: t.Unary, scope: Scope, arriving: Shape | None) -> Value:
        """`-x` or `not x`."""
        return self.signed(expr, self.value(expr.operand, scope, arriving))

    def signed(self, expr: t.Unary, value: Value) -> Value:
        """The opposite of a number or condition."""
        if expr.operator == "not":
            if not isinstance(value, bool):
                raise no_condition(value, expr.operand.span)
            return not value
        need_number(value, "-", expr.operand.span)
        return -value

    def chain(self, expr: t.Chain, scope: Scope, arriving: Shape | None) -> Value:
        """Operands of one precedence from the left; `3x3 / 2` is a window."""
        value = self.value(expr.first, scope, arriving)
        for operator, operand in expr.rest:
            other = self.value(operand, scope, arriving)
            if operator == "/" and isinstance(value, Dims | Window):
                value = self.window(value, other, operand.span)
                continue
            places = (expr.first.span, operand.span)
            value = self.combine(operator, value, other, places, operand.span)
        return value

    def power(self, expr: t.Power, scope: Scope, arriving: Shape | None) -> Value:
        """`base ^ exponent`."""
        base = self.value(expr.base, scope, arriving)
        exponent = self.value(expr.exponent, scope, arriving)
        places = (expr.base.span, expr.exponent.span)
        return self.combine("^", base, exponent, places, expr.span)

    def combine(
        self, operator: str, left: Value, right: Value, places: tuple[Span, Span], span: Span
    ) -> Value:
        """One operation on two numbers, which stand at `places`; its own errors are at `span`."""
        need_number(left, operator, places[0])
        need_number(right, operator, places[1])
        return arithmetic(operator, left, right, span)

    def window(self, kernel: Dims | Window, stride: Value, span: Span) -> Window:
        """A kernel with its stride."""
        return window(kernel, stride, span)

    def compare(self, expr: t.Compare, scope: Scope, arriving: Shape | None) -> Value:
        """A comparison."""
        left = self.value(expr.left, scope, arriving)
        right = self.value(expr.right, scope, arriving)
        return self.compared(expr, left, right)

    def compared(self, expr: t.Compare, left: Value, right: Value) -> Value:
        """Whether two values compare so; a symbolic size has no answer (E0120)."""
        for side, span in ((left, expr.left.span), (right, expr.right.span)):
            if isinstance(side, Size):
                raise symbolic("a condition", side, span)
        if expr.operator == "==":
            return equal(left, right)
        if expr.operator == "!=":
            return not equal(left, right)
        need_number(left, expr.operator, expr.left.span)
        need_number(right, expr.operator, expr.right.span)
        return compare(expr.operator, left, right)

    def logic(self, expr: t.Logic, scope: Scope, arriving: Shape | None) -> Value:
        """`and` or `or`, whose operands are evaluated up to the one that decides."""
        stop = expr.operator == "or"
        result: Value = not stop
        for operand in expr.operands:
            result = self.both(expr.operator, result, self.truth(operand, scope, arriving))
            if result is stop:
                return stop
        return result

    def both(self, operator: str, undecided: Value, value: Value) -> Value:
        """What `and` or `or` is behind operands that have not decided it."""
        return value

    def choose(self, expr: t.Choose, scope: Scope, arriving: Shape | None) -> Value:
        """`a if condition else b`: only the value that is taken is evaluated."""
        return self.chosen(expr, self.truth(expr.condition, scope, arriving), scope, arriving)

    def chosen(
        self, expr: t.Choose, condition: Value, scope: Scope, arriving: Shape | None
    ) -> Value:
        """The value that a condition takes."""
        return self.value(expr.then if condition else expr.other, scope, arriving)

    # --- values of one type ---

    def listed(self, value: Value) -> bool:
        """Whether a value is a list."""
        return is_list(value)

    def truth(self, expr: t.Expr, scope: Scope, arriving: Shape | None) -> bool:
        """A condition: only `true` and `false` will do."""
        value = self.value(expr, scope, arriving)
        if not isinstance(value, bool):
            raise no_condition(value, expr.span)
        return value

    def whole(self, expr: t.Expr, scope: Scope, arriving: Shape | None) -> int:
        """A whole number that no symbolic size decides."""
        return self.whole_of(self.value(expr, scope, arriving), expr.span)

    def whole_of(self, value: Value, span: Span) -> int:
        """A value as a whole number."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise fail("E0201", f"a whole number is needed, and {type_name(value)} came", span)
        if isinstance(value, Size):
            raise symbolic("a count", value, span)
        return value

    def items(self, expr: t.Expr, scope: Scope, arriving: Shape | None) -> Sequence[Value]:
        """A finite list to loop over."""
        value = self.value(expr, scope, arriving)
        if not is_list(value):
            counts = isinstance(value, int) and not isinstance(value, bool)
            help = (f"`range({expr.span.brief()})` counts",) if counts else ()
            message = f"a list is needed, and {type_name(value)} came"
            raise fail("E0201", message, expr.span, help=help)
        check_turns(len(value), expr.span)
        items: Sequence[Value] = value
        return items
