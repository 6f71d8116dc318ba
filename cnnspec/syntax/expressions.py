"""Expressions: their nodes, one method a rule, and the parser of one that stands alone."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

from cnnspec.diagnostics import SpecError, fail
from cnnspec.source import Source, Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.labels import template
from cnnspec.syntax.lalr import Parser, Repair, Stop, Token, Unexpected
from cnnspec.syntax.numbers import number, sizes
from cnnspec.syntax.spans import Spans
from cnnspec.values import Dims

DEPTH_MAX = 64
"""How deep `- - x`, `a if b else c if ...` and their like may nest (S5)."""
TERMS_MAX = 10_000
"""How many terms one expression may have (S5)."""

NodeT = TypeVar("NodeT", bound=t.Node)


def parse_expression(source: Source, text: str, shift: int) -> t.Expr:
    """Parse the expression that begins `shift` characters into the source; raises SpecError."""
    parser, builder = _parser()
    builder.begin(source, shift)
    try:
        return cast("t.Expr", parser.parse(parser.tokens(text), "expr", _raise))
    except Unexpected as error:
        from cnnspec.syntax import faults

        raise faults.of_expression(source, error, shift) from None


@cache
def _parser() -> tuple[Parser, Expressions]:
    builder = Expressions()
    return Parser(builder), builder


def _raise(error: Exception, stop: Stop) -> Repair | None:
    raise error


class Expressions(Spans):
    """The rules of expressions."""

    def begin(self, source: Source, shift: int = 0) -> None:
        """Begin a text of a source, `shift` characters into it."""
        super().begin(source, shift)
        self.depths: dict[int, int] = {}

    def deep(self, node: NodeT, *children: Any) -> NodeT:
        """Bound the recursion that evaluating `node` will take."""
        depth = 1 + max(self.depths.get(id(x), 0) for x in children)
        if depth > DEPTH_MAX:
            raise fail("E0013", f"an expression nested deeper than {DEPTH_MAX}", node.span)
        self.depths[id(node)] = depth
        return node

    def args(self, c: list[Any]) -> tuple[t.Arg, ...]:
        """Arguments, without the commas."""
        return tuple(c[::2])

    def arg(self, c: list[Any]) -> t.Arg:
        """An argument by its place."""
        return t.Arg(c[0].span, None, c[0])

    def keyword(self, c: list[Any]) -> t.Arg:
        """`pad=same`: an argument by its name."""
        return t.Arg(self.span(c), str(c[0]), c[2])

    def choose(self, c: list[Any]) -> t.Choose:
        """`a if wide else b`."""
        node = t.Choose(self.span(c), c[0], c[2], c[4])
        return self.deep(node, c[0], c[2], c[4])

    def logic(self, c: list[Any]) -> t.Logic:
        """`a and b and c`, or the same with `or`; raises SpecError E0016 beyond TERMS_MAX terms."""
        if len(c) > 2 * TERMS_MAX:
            raise _too_many_terms(c[2 * TERMS_MAX].span)
        return t.Logic(self.span(c), str(c[1]), tuple(c[::2]))

    or_ = and_ = logic

    def negate(self, c: list[Any]) -> t.Unary:
        """`not a`."""
        return self.deep(t.Unary(self.span(c), "not", c[1]), c[1])

    def cmp(self, c: list[Any]) -> t.Compare:
        """`a < b`."""
        return t.Compare(self.span(c), c[0], str(c[1]), c[2])

    def sum_(self, c: list[Any]) -> t.Chain:
        """Grow a chain of one precedence in place: 10,000 terms stay flat (S5)."""
        first, operator, operand = c
        if isinstance(first, t.Chain) and _precedence(first.rest[0][0]) == _precedence(operator):
            first.rest.append((str(operator), operand))
            if len(first.rest) >= TERMS_MAX:
                raise _too_many_terms(operand.span)
            return t.Chain(self.span(c), first.first, first.rest)
        return t.Chain(self.span(c), first, [(str(operator), operand)])

    term = sum_

    def minus(self, c: list[Any]) -> t.Unary:
        """`-a`."""
        return self.deep(t.Unary(self.span(c), "-", c[1]), c[1])

    def power(self, c: list[Any]) -> t.Power:
        """`a ^ b`, from the right."""
        return self.deep(t.Power(self.span(c), c[0], c[2]), c[0], c[2])

    def attr(self, c: list[Any]) -> t.Attr | t.Index:
        """`in.channels`; in the path of a claim also `convs.${i}` and `trunk."block1-0"`."""
        if c[2].type == "NAME":
            return self.deep(t.Attr(self.span(c), c[0], str(c[2])), c[0])
        word = self.templated(c[2:]) if c[2].type == "TEMPLATE" else self.string(c[2:])
        return self.deep(t.Index(self.span(c), c[0], word), c[0])

    def templated(self, c: list[Any]) -> t.Template:
        """`layer${i}`, which only the path of a claim can have."""
        return template(self.origin, str(c[0]), self.at(c[0]).start, parse_expression)

    def index(self, c: list[Any]) -> t.Index:
        """`depths[0]`."""
        return self.deep(t.Index(self.span(c), c[0], c[2]), c[0], c[2])

    def slice_(self, c: list[Any]) -> t.Slice:
        """`depths[1:]`; an end that is not written is None."""
        _, _, start, _, stop, _ = c
        ends = [end for end in (start, stop) if end is not None]
        return self.deep(t.Slice(self.span(c), c[0], start, stop), c[0], *ends)

    def apply(self, c: list[Any]) -> t.Apply:
        """`min(a, b)`."""
        return self.deep(t.Apply(self.span(c), c[0], tuple(c[2] or ())), c[0])

    def atom(self, c: list[Any]) -> Any:
        """`(a + b)` is what is inside; a larger expression begins or ends at the parentheses."""
        self.wide[id(c[1])] = self.span(c)
        return c[1]

    def number(self, c: list[Any]) -> t.Literal:
        """`64`, `1.28M`, `1e-4`."""
        text, span = str(c[0]), self.at(c[0])
        return t.Literal(span, number(text, span), text)

    def string(self, c: list[Any]) -> t.Literal:
        """`"nearest"`, without the quotation marks."""
        return t.Literal(self.at(c[0]), str(c[0])[1:-1], str(c[0]))

    def window(self, c: list[Any]) -> t.Literal:
        """`3x3`, as the sizes that it says."""
        span = self.at(c[0])
        return t.Literal(span, Dims(sizes(c[0], span)), str(c[0]))

    def true(self, c: list[Any]) -> t.Literal:
        """`true`."""
        return t.Literal(self.at(c[0]), True, "true")

    def false(self, c: list[Any]) -> t.Literal:
        """`false`."""
        return t.Literal(self.at(c[0]), False, "false")

    def none(self, c: list[Any]) -> t.Literal:
        """`none`."""
        return t.Literal(self.at(c[0]), None, "none")

    def incoming(self, c: list[Any]) -> t.Incoming:
        """`in`: what arrives at the op."""
        return t.Incoming(self.at(c[0]))

    def name(self, c: list[Any]) -> t.Name:
        """A name; what it stands for is known when it is evaluated."""
        return t.Name(self.at(c[0]), str(c[0]))

    def list_(self, c: list[Any]) -> t.ListOf:
        """`[3, 4, 6, 3]`."""
        items = tuple(x for x in c[1:-1] if x is not None and not isinstance(x, Token))
        return t.ListOf(self.span([c[0], c[-1]]), items)


def _too_many_terms(span: Span) -> SpecError:
    return fail("E0016", f"an expression of more than {TERMS_MAX} terms", span)


def _precedence(operator: str) -> bool:
    return operator in "+-"
