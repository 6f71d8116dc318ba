"""From the parser's reductions to the syntax tree, without an intermediate tree.

The parser calls one method for each rule, bottom-up, with all its tokens; so nothing recurses
here, and the span of a node is that of its first to its last child.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

from cnnspec.source import Source, Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.expressions import Expressions, parse_expression
from cnnspec.syntax.lalr import Token
from cnnspec.syntax.numbers import sizes
from cnnspec.syntax.words import check_label


class TreeBuilder(Expressions):
    """One method a rule: those of declarations, statements and layers, over the expressions'."""

    def begin(self, source: Source, shift: int = 0) -> None:
        """Begin a file."""
        super().begin(source, shift)
        self.stray: list[Span] = []

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
        parts: list[str | t.Expr] = []
        start = token.start_pos
        for piece in re.finditer(r"\$\{([^}\n]+)\}|[A-Za-z0-9_]+", str(token)):
            if piece.group(1) is None:
                parts.append(piece.group())
            else:
                parts.append(parse_expression(self.origin, piece.group(1), start + piece.start(1)))
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
        values = tuple(t.Literal(span, n, str(n)) for n in sizes(c[0], span))
        return t.ShapeExpr(span, values, *[(None,) * len(values)] * 2)

    def vector(self, c: list[Any]) -> t.ShapeExpr:
        return t.ShapeExpr(self.at(c[0]), (self.number(c),), (None,), (None,))

    def shape(self, c: list[Any]) -> t.ShapeExpr:
        named = [x if isinstance(x, tuple) else (None, None, x) for x in c[1:-1:2]]
        names, places, values = zip(*named, strict=True)
        return t.ShapeExpr(self.span([c[0], c[-1]]), values, names, places)

    def dim(self, c: list[Any]) -> Any:
        return c[0]

    def named_dim(self, c: list[Any]) -> tuple[str, Span, Any]:
        return str(c[0]), self.at(c[0]), c[2]


def _with_doc(node: Any, doc: str) -> Any:
    return type(node)(**vars(node) | {"doc": doc})
