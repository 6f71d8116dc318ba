"""From the parser's reductions to the syntax tree, without an intermediate tree.

The parser calls one method for each rule, bottom-up, with all its tokens; so nothing recurses
here, and the span of a node is that of its first to its last child.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar, cast

from cnnspec.diagnostics import SpecError, fail
from cnnspec.source import Source, Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.lalr import Token
from cnnspec.syntax.words import check_label, check_name
from cnnspec.values import INT_MAX, SIZE_MAX, Dims, Printed

DEPTH_MAX = 64
"""How deep `- - x`, `a if b else c if ...` and their like may nest (S5)."""
TERMS_MAX = 10_000
"""How many terms one expression may have (S5)."""

EXPONENT_MAX = 400
"""A real has no larger exponent, and exact arithmetic with one has no end."""

_EXPONENT = re.compile(r"[eE]([+-]?)0*([1-9][0-9]*)")
_NUMBER = re.compile(r"(0|[1-9][0-9]*(_[0-9]+)*)(\.[0-9]+)?([eE][+-]?[0-9]+)?[KMGB]?")


NodeT = TypeVar("NodeT", bound=t.Node)


class Builder:
    """One method a rule; `source` is the file being parsed."""

    origin: Source
    shift: int = 0
    """Where the text being parsed begins in the source: not 0 inside `${...}`."""

    def begin(self, source: Source) -> None:
        """Begin a file."""
        self.origin = source
        self.depths: dict[int, int] = {}
        self.wide: dict[int, Span] = {}
        self.stray: list[Span] = []

    # --- places ---

    def at(self, token: Token) -> Span:
        start, end = token.start_pos, token.end_pos
        return Span(self.origin, start + self.shift, end + self.shift)

    def span(self, c: Sequence[Any]) -> Span:
        """From the first to the last child that is there."""
        there = [x for x in c if x is not None and x != ()]
        first, last = there[0], there[-1]
        first = first[0] if isinstance(first, tuple) else first
        last = last[-1] if isinstance(last, tuple) else last
        return Span(self.origin, self.place(first).start, self.place(last).end)

    def place(self, child: Any) -> Span:
        """Where a child stands, with the parentheses around it."""
        if isinstance(child, Token):
            return self.at(child)
        return self.wide.get(id(child)) or cast(Span, child.span)

    def named(self, token: Token) -> tuple[str, Span]:
        span = self.at(token)
        check_name(str(token), span)
        return str(token), span

    def deep(self, node: NodeT, *children: Any) -> NodeT:
        """Bound the recursion that evaluating `node` will take."""
        depth = 1 + max(self.depths.get(id(x), 0) for x in children)
        if depth > DEPTH_MAX:
            raise fail("E0013", f"an expression nested deeper than {DEPTH_MAX}", node.span)
        self.depths[id(node)] = depth
        return node

    # --- declarations ---

    def file(self, c: list[Any]) -> t.File:
        whole = Span(self.origin, 0, len(self.origin.text))
        above: list[str] = []
        declarations = tuple(self.documented(c, above))
        return t.File(whole, declarations, "\n".join(above), tuple(self.stray))

    def documented(self, c: Sequence[Any], above: list[str] | None = None) -> list[Any]:
        """Give each statement the `##` lines right above it.

        Those of an import or a default go to `above` while nothing else is declared, else astray.
        """
        out: list[Any] = []
        doc: list[Token] = []
        for x in c:
            if isinstance(x, Token):
                doc += [x] * (x.type == "DOC")
                continue
            if not isinstance(x, t.Statement | t.Declaration | t.Setting):
                continue
            text = "\n".join(str(line)[2:].strip() for line in doc)
            if not isinstance(x, t.Default | t.Import):
                out.append(_with_doc(x, text) if doc else x)
            else:
                out.append(x)
                if above is None:
                    self.astray(doc)
                elif doc:
                    above.append(text)
            if isinstance(x, t.Block | t.Net | t.Variant | t.Recipe):
                above = None
            doc = []
        self.astray(doc)
        return out

    def astray(self, doc: Sequence[Token]) -> None:
        """Remember `##` lines that document nothing."""
        if doc:
            self.stray.append(self.at(doc[0]).to(self.at(doc[-1])))

    def names(self, c: list[Any]) -> list[Token]:
        return c[::2]

    def import_(self, c: list[Any]) -> t.Import:
        names = tuple((str(n), self.at(n)) for n in c[1])
        return t.Import(self.span([c[0], c[3]]), "", names, str(c[3])[1:-1], self.at(c[3]))

    def source_(self, c: list[Any]) -> t.Cited:
        return t.Cited(self.span(c), "", *self.named(c[1]), c[3])

    def block(self, c: list[Any]) -> t.Block:
        _, name, params, seq, body = c
        return t.Block(self.span(c), "", *self.named(name), params, seq is not None, body)

    def seq_mark(self, c: list[Any]) -> Token:
        return cast(Token, c[0])

    def net(self, c: list[Any]) -> t.Net:
        _, name, params, body = c
        return t.Net(self.span(c[:2] + c[3:]), "", *self.named(name), params or (), body)

    def variant(self, c: list[Any]) -> t.Variant:
        net, name, _, base, _, args, close, body = c
        span = self.span([net, close, body])
        called = (str(base), self.at(base))
        return t.Variant(span, "", *self.named(name), *called, args or (), body)

    def recipe(self, c: list[Any]) -> t.Recipe:
        base = c[3] if c[2] is not None else None
        settings = tuple(self.documented(c))
        name, span = self.named(c[1])
        whole = self.span([c[0], c[-1]])
        if base is None:
            return t.Recipe(whole, "", name, span, None, None, settings)
        return t.Recipe(whole, "", name, span, str(base), self.at(base), settings)

    def setting(self, c: list[Any]) -> t.Setting:
        return t.Setting(self.span(c), str(c[0]), c[2])

    def params(self, c: list[Any]) -> tuple[t.Param, ...]:
        return tuple(x for x in c if isinstance(x, t.Param))

    def param(self, c: list[Any]) -> t.Param:
        name, _ = self.named(c[0])
        return t.Param(self.span(c), name, c[2])

    # --- statements ---

    def body(self, c: list[Any]) -> t.Body:
        return t.Body(self.span([c[0], c[-1]]), tuple(self.documented(c)))

    def let(self, c: list[Any]) -> t.Let:
        return t.Let(self.span(c), "", *self.named(c[1]), c[3])

    def default(self, c: list[Any]) -> t.Default:
        return t.Default(self.span(c), "", c[1], tuple(c[3::2]))

    def require(self, c: list[Any]) -> t.Require:
        message = None if c[3] is None else str(c[3])[1:-1]
        return t.Require(self.span(c), "", c[1], message)

    def input_(self, c: list[Any]) -> t.Input:
        name = None if c[1] is None else self.named(c[1])[0]
        return t.Input(self.span(c), "", name, c[3])

    def output_kind(self, c: list[Any]) -> Token:
        return cast(Token, c[0])

    def output(self, c: list[Any]) -> t.Output:
        name, span = self.named(c[1])
        return t.Output(self.span(c), "", str(c[0]), name, span, c[3])

    def trained(self, c: list[Any]) -> t.Trained:
        return t.Trained(self.span(c), "", str(c[1]))

    def if_(self, c: list[Any]) -> t.If:
        return t.If(self.span(c), "", c[1], c[2], c[4])

    def for_(self, c: list[Any]) -> t.For:
        names = tuple(self.named(n)[0] for n in c[1])
        return t.For(self.span([c[0], c[-1]]), "", names, self.span(c[1]), c[3], c[4])

    def repeat(self, c: list[Any]) -> t.Repeat:
        return t.Repeat(self.span(c), "", c[1], c[2])

    # --- claims ---

    def claim(self, c: list[Any]) -> t.Claim:
        _, left, relation, right, within, cited, but = c
        bound, percent = within or (None, False)
        source, where = (str(cited[0]), cited[1]) if cited else (None, "")
        at = self.at(cited[0]) if cited else None
        parts = [c[0], right, *([bound] if bound else []), *([but] if but else [])]
        span = self.span(parts)
        end = max(span.end, cited[2] if cited else 0, but.span.end if but else 0)
        span = Span(self.origin, span.start, end)
        args = (bound, percent, source, at, where, but)
        return t.Claim(span, "", left, str(relation), right, *args)

    def relation(self, c: list[Any]) -> Token:
        return cast(Token, c[0])

    def within(self, c: list[Any]) -> tuple[Any, bool]:
        return c[1], len(c) == 3

    def cited(self, c: list[Any]) -> tuple[Token, str, int]:
        end = c[2] if c[2] is not None else c[1]
        return c[1], "" if c[2] is None else str(c[2])[1:-1], end.end_pos

    def but(self, c: list[Any]) -> t.But:
        return t.But(self.span(c), c[1], c[3], str(c[4])[1:-1])

    # --- flow ---

    def flow(self, c: list[Any]) -> t.Flow:
        layers, _, asserted = c
        return t.Flow(self.span([*layers, asserted]), "", layers, asserted)

    def chain(self, c: list[Any]) -> tuple[t.Layer, ...]:
        return tuple(c[::2])

    def layer(self, c: list[Any]) -> t.Layer:
        label, _, form = c
        return t.Layer(self.span(c), label, form)

    def call(self, c: list[Any]) -> t.Call:
        return t.Call(self.span(c), str(c[0]), self.at(c[0]), tuple(c[1] or ()))

    def bare(self, c: list[Any]) -> t.Call:
        return t.Call(self.span(c), str(c[1]), self.at(c[1]), tuple(c[2] or ()), bare=True)

    def fork(self, c: list[Any]) -> t.Fork:
        return t.Fork(self.span(c), str(c[0]), self.at(c[0]), c[1])

    def seq(self, c: list[Any]) -> t.Seq:
        return t.Seq(self.span(c), c[1])

    def group(self, c: list[Any]) -> t.Group:
        return t.Group(self.span(c), c[0])

    def from_(self, c: list[Any]) -> t.From:
        return t.From(self.span(c), c[1])

    def share(self, c: list[Any]) -> t.Share:
        return t.Share(self.span(c), c[1])

    def label(self, c: list[Any]) -> t.Label:
        (token,) = c
        span = self.at(token)
        if token.type == "TEMPLATE":
            return t.Label(span, self.template(token))
        check_label(str(token), span)
        return t.Label(span, str(token))

    def template(self, token: Token) -> t.Template:
        """Take `layer${i+1}` apart; the expressions are parsed where they stand."""
        from cnnspec.syntax.parser import parse_expression

        parts: list[str | t.Expr] = []
        start = token.start_pos
        for piece in re.finditer(r"\$\{([^}\n]+)\}|[A-Za-z0-9_]+", str(token)):
            if piece.group(1) is None:
                parts.append(piece.group())
            else:
                parts.append(parse_expression(self, piece.group(1), start + piece.start(1)))
        return t.Template(self.at(token), tuple(parts))

    def path(self, c: list[Any]) -> t.Path:
        parts: list[Any] = []
        for x in c:
            if not isinstance(x, Token):
                parts.append(x)
            elif x.type == "TEMPLATE":
                parts.append(self.template(x))
            elif x.type == "NAME":
                parts.append(str(x))
        return t.Path(self.span(c), tuple(parts))

    def dims(self, c: list[Any]) -> t.ShapeExpr:
        span = self.at(c[0])
        sizes = tuple(t.Literal(span, n, str(n)) for n in self.sizes(c[0]))
        return t.ShapeExpr(span, sizes, *[(None,) * len(sizes)] * 2)

    def vector(self, c: list[Any]) -> t.ShapeExpr:
        return t.ShapeExpr(self.at(c[0]), (self.number(c),), (None,), (None,))

    def shape(self, c: list[Any]) -> t.ShapeExpr:
        sizes = [x if isinstance(x, tuple) else (None, None, x) for x in c[1:-1:2]]
        names, places, values = zip(*sizes, strict=True)
        return t.ShapeExpr(self.span([c[0], c[-1]]), values, names, places)

    def dim(self, c: list[Any]) -> Any:
        return c[0]

    def named_dim(self, c: list[Any]) -> tuple[str, Span, Any]:
        return str(c[0]), self.at(c[0]), c[2]

    # --- expressions ---

    def args(self, c: list[Any]) -> tuple[t.Arg, ...]:
        return tuple(c[::2])

    def arg(self, c: list[Any]) -> t.Arg:
        return t.Arg(c[0].span, None, c[0])

    def keyword(self, c: list[Any]) -> t.Arg:
        return t.Arg(self.span(c), str(c[0]), c[2])

    def choose(self, c: list[Any]) -> t.Choose:
        node = t.Choose(self.span(c), c[0], c[2], c[4])
        return self.deep(node, c[0], c[2], c[4])

    def logic(self, c: list[Any]) -> t.Logic:
        if len(c) > 2 * TERMS_MAX:
            raise _too_many_terms(c[2 * TERMS_MAX].span)
        return t.Logic(self.span(c), str(c[1]), tuple(c[::2]))

    or_ = and_ = logic

    def negate(self, c: list[Any]) -> t.Unary:
        return self.deep(t.Unary(self.span(c), "not", c[1]), c[1])

    def cmp(self, c: list[Any]) -> t.Compare:
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
        return self.deep(t.Unary(self.span(c), "-", c[1]), c[1])

    def power(self, c: list[Any]) -> t.Power:
        return self.deep(t.Power(self.span(c), c[0], c[2]), c[0], c[2])

    def attr(self, c: list[Any]) -> t.Attr:
        return self.deep(t.Attr(self.span(c), c[0], str(c[2])), c[0])

    def index(self, c: list[Any]) -> t.Index:
        return self.deep(t.Index(self.span(c), c[0], c[2]), c[0], c[2])

    def apply(self, c: list[Any]) -> t.Apply:
        return self.deep(t.Apply(self.span(c), c[0], tuple(c[2] or ())), c[0])

    def atom(self, c: list[Any]) -> Any:
        """`(a + b)` is what is inside; a larger expression begins or ends at the parentheses."""
        self.wide[id(c[1])] = self.span(c)
        return c[1]

    def number(self, c: list[Any]) -> t.Literal:
        text, span = str(c[0]), self.at(c[0])
        if not _NUMBER.fullmatch(text):
            raise fail("E0011", f"`{text}` is not a number", span, help=_number_help(text))
        if text.isdigit() and len(text) < 19:
            return t.Literal(span, int(text), text)
        if (power := _EXPONENT.search(text)) and (
            len(power[2]) > 3 or int(power[2]) > EXPONENT_MAX
        ):
            size = "larger than 2^63-1" if power[1] != "-" else f"below 1e-{EXPONENT_MAX}"
            raise fail("E0015", f"{_short(text)} is {size}", span)
        exact = Printed.parse(text).value if len(text) < 400 else None
        if exact is None or abs(exact) > INT_MAX:
            raise fail("E0015", f"{_short(text)} is larger than 2^63-1", span)
        plain = "." not in text and "e" not in text.lower()
        whole = exact.denominator == 1 and (plain or text[-1] in "KMGB")
        return t.Literal(span, int(exact) if whole else float(exact), text)

    def string(self, c: list[Any]) -> t.Literal:
        return t.Literal(self.at(c[0]), str(c[0])[1:-1], str(c[0]))

    def window(self, c: list[Any]) -> t.Literal:
        return t.Literal(self.at(c[0]), Dims(self.sizes(c[0])), str(c[0]))

    def sizes(self, token: Token) -> tuple[int, ...]:
        words = str(token).split("x")
        for word in words:
            if word[0] == "0" and word != "0":
                raise fail("E0011", f"`{_short(word)}` is not a number", self.at(token))
            if len(word) > 10 or int(word) > SIZE_MAX:
                raise fail("E0015", f"{_short(word)} is larger than 2^31-1", self.at(token))
        return tuple(map(int, words))

    def true(self, c: list[Any]) -> t.Literal:
        return t.Literal(self.at(c[0]), True, "true")

    def false(self, c: list[Any]) -> t.Literal:
        return t.Literal(self.at(c[0]), False, "false")

    def none(self, c: list[Any]) -> t.Literal:
        return t.Literal(self.at(c[0]), None, "none")

    def incoming(self, c: list[Any]) -> t.Incoming:
        return t.Incoming(self.at(c[0]))

    def name(self, c: list[Any]) -> t.Name:
        return t.Name(self.at(c[0]), str(c[0]))

    def list_(self, c: list[Any]) -> t.ListOf:
        items = tuple(x for x in c[1:-1] if x is not None and not isinstance(x, Token))
        return t.ListOf(self.span([c[0], c[-1]]), items)


def _too_many_terms(span: Span) -> SpecError:
    return fail("E0016", f"an expression of more than {TERMS_MAX} terms", span)


def _precedence(operator: str) -> bool:
    return operator in "+-"


def _with_doc(node: Any, doc: str) -> Any:
    return type(node)(**vars(node) | {"doc": doc})


def _number_help(text: str) -> tuple[str, ...]:
    """The number that was probably meant: without leading zeros and doubled `_`."""
    meant = re.sub(r"_+", "_", text.lstrip("0_") or "0").strip("_")
    return (f"write `{meant}`",)


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:12]}... ({len(text)} characters)"
