"""The language's expressions over values that may be open: numbers stay, structure is decided.

Everything that is known is left to the elaborator's own evaluator; only what meets a `Sym` is
handled here.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.python import symbols
from cnnspec.backends.torch.python.lists import OpenList, Turns, holds_sym, numbers_in
from cnnspec.backends.torch.python.names import ARRIVES
from cnnspec.backends.torch.python.symbols import Code, Sym
from cnnspec.elaborate.arithmetic import need_number
from cnnspec.elaborate.evaluate import Evaluator, no_condition
from cnnspec.elaborate.limits import Limits
from cnnspec.elaborate.scope import BlockValue, Scope
from cnnspec.nesting import UNROLLED
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Dims, Shape, Value, Window


class OpenEvaluator(Evaluator):
    """Evaluates to plain values where it can, else to expressions."""

    def __init__(self) -> None:
        super().__init__(Limits())

    def attr(self, expr: t.Attr, scope: Scope, arriving: Shape | None) -> Value:
        value = super().attr(expr, scope, arriving)
        if value is None:
            what = f"`in.{expr.name}` differs between calls and has no expression"
            raise BackendError(what, expr.span, numbers=ARRIVES)
        return value

    def item(self, items: Value, at: Value, expr: t.Index) -> Value:
        if isinstance(items, OpenList):
            return symbols.item(items.code, at) if isinstance(at, Sym) else items.entries[at]
        if isinstance(items, Turns) or isinstance(at, Sym):
            return symbols.item(_entries(items, expr.of.span), at)
        return super().item(items, at, expr)

    def part(self, items: Value, ends: list[Any], expr: t.Slice) -> Value:
        if holds_sym(tuple(ends)):
            what = "a part of a list whose ends are open"
            raise BackendError(what, expr.span, numbers=numbers_in(tuple(ends)))
        if isinstance(items, OpenList):
            return items.part(*ends)
        known = items if isinstance(items, range) else _entries(items, expr.of.span)
        return super().part(known, ends, expr)

    def applied(self, name: str, values: list[Value], expr: t.Apply) -> Value:
        if any(map(holds_sym, values)):
            return _apply_open(name, values, expr)
        return super().applied(name, values, expr)

    def signed(self, expr: t.Unary, value: Value) -> Value:
        if isinstance(value, Sym):
            return symbols.unary("not" if expr.operator == "not" else "neg", value)
        return super().signed(expr, value)

    def bound(
        self, block: BlockValue, expr: t.Apply, scope: Scope, arriving: Shape | None
    ) -> BlockValue:
        """A block as an argument is structure: what is bound to it must be known."""
        made = super().bound(block, expr, scope, arriving)
        values = tuple(value for _, value in made.bound)
        if holds_sym(values):
            what = "an argument that is bound to a block is open"
            raise BackendError(what, expr.span, numbers=numbers_in(values))
        return made

    def combine(
        self, operator: str, left: Value, right: Value, places: tuple[Span, Span], span: Span
    ) -> Value:
        if not isinstance(left, Sym) and not isinstance(right, Sym):
            return super().combine(operator, left, right, places, span)
        _need_numbers(operator, (left, places[0]), (right, places[1]))
        return symbols.binary("**" if operator == "^" else operator, left, right)

    def window(self, kernel: Dims | Window, stride: Value, span: Span) -> Window:
        if not holds_sym((kernel, stride)):
            return super().window(kernel, stride, span)
        return _window(kernel, stride)

    def compared(self, expr: t.Compare, left: Value, right: Value) -> Any:
        if isinstance(left, Sym) or isinstance(right, Sym):
            return symbols.binary(expr.operator, left, right)
        if None not in (left, right) and holds_sym((left, right)):
            what = "a comparison of lists or windows with open numbers"
            raise BackendError(what, expr.span, numbers=numbers_in((left, right)))
        return super().compared(expr, left, right)

    def both(self, operator: str, undecided: Value, value: Value) -> Value:
        """The rest stays: `option == "B" and changes` is `changes`."""
        return symbols.binary(operator, undecided, value)

    def chosen(
        self, expr: t.Choose, condition: Value, scope: Scope, arriving: Shape | None
    ) -> Value:
        if isinstance(condition, bool):
            return super().chosen(expr, condition, scope, arriving)
        then = self.value(expr.then, scope, arriving)
        other = self.value(expr.other, scope, arriving)
        if not all(isinstance(v, Sym | int | float) for v in (then, other)):
            what = "a condition on open numbers chooses between structures"
            raise BackendError(what, expr.span, numbers=numbers_in(condition))
        return symbols.either(then, condition, other)

    def listed(self, value: Value) -> bool:
        return super().listed(value) or isinstance(value, OpenList | Turns)

    def whole(self, expr: t.Expr, scope: Scope, arriving: Shape | None) -> Any:
        """A whole number, open or not."""
        value = self.value(expr, scope, arriving)
        return value if isinstance(value, Sym) else self.whole_of(value, expr.span)

    def truth(self, expr: t.Expr, scope: Scope, arriving: Shape | None) -> Any:
        """A condition, open or not."""
        value = self.value(expr, scope, arriving)
        if not isinstance(value, bool | Sym):
            raise no_condition(value, expr.span)
        return value

    def turns(self, expr: t.Expr, scope: Scope, arriving: Shape | None) -> Turns:
        """What a `for` runs over."""
        value = self.value(expr, scope, arriving)
        if isinstance(value, Turns):
            return value
        if isinstance(value, OpenList):
            return Turns(value.code, value.size, value.entries, None)
        entries = tuple(value)
        if isinstance(value, range):
            ends = (value.start, value.stop) if value.start else (value.stop,)
            return Turns(symbols.Function("range", ends), len(entries), entries, value.start)
        over, start = _spelt(entries)
        return Turns(over, len(entries), entries, start)


def _window(kernel: Dims | Window, stride: Value) -> Window:
    size = kernel.kernel if isinstance(kernel, Window) else kernel.sizes
    rows, columns = stride.sizes if isinstance(stride, Dims) else (stride, stride)
    return Window((size[0], size[1]), (rows, columns), written=True)


def _need_numbers(operator: str, *sides: tuple[Value, Span]) -> None:
    """Refuse what is neither a number nor open: only an arm that no call takes has such."""
    for value, span in sides:
        if not isinstance(value, Sym):
            need_number(value, operator, span)


def _entries(items: Value, span: Span) -> tuple[Value, ...]:
    """The elements of a list, where their number is known."""
    entries = items.entries if isinstance(items, OpenList | Turns) else tuple(items)
    if entries is None:
        what = "a list of open length is only looped over"
        raise BackendError(what, span, numbers=numbers_in(items))
    return entries


def _apply_open(name: str, values: list[Value], expr: t.Apply) -> Value:
    first = values[0]
    if name in ("min", "max"):
        return symbols.call(name, *(_entries(first, expr.span) if len(values) == 1 else values))
    if name == "kernel":
        return Window((values[0], values[1]))
    if name == "round" and len(values) == 2 and all(map(symbols.is_whole, values)):
        return symbols.call(symbols.MULTIPLE, *values)
    if name in ("ceil", "round"):
        what = f"{name} of an open number"
        raise BackendError(what, expr.span, numbers=numbers_in(tuple(values)))
    if name == "sum":
        return functools.reduce(operator.add, _entries(first, expr.span), 0)
    if name == "zip":
        lists = [_entries(value, expr.span) for value in values]
        return tuple(zip(*lists, strict=True))
    if name == "len":
        return first.count if isinstance(first, Turns) else len(_entries(first, expr.span))
    if name == "range":
        start, stop = (0, first) if len(values) == 1 else values
        return Turns(symbols.Function("range", tuple(values)), stop - start, start=start)
    entries = _entries(first, expr.span)
    over = symbols.Function("enumerate", (first.code,)) if isinstance(first, OpenList) else None
    return Turns(over, len(entries), tuple(enumerate(entries)))


def _spelt(entries: tuple[Value, ...]) -> tuple[Code, Code]:
    """A list of numbers, or of rows of them, as Python; numbered ones by `enumerate`."""
    if len(entries) <= UNROLLED or not all(map(_plain, entries)):
        return None, None
    pairs = [e for e in entries if isinstance(e, tuple) and len(e) == 2]
    if len(pairs) == len(entries) and [p[0] for p in pairs] == list(range(len(entries))):
        return symbols.Function("enumerate", (tuple(p[1] for p in pairs),)), 0
    return entries, None


def _plain(value: Value) -> bool:
    """Numbers, and rows of numbers."""
    return type(value) in (int, float) or (type(value) is tuple and all(map(_plain, value)))
