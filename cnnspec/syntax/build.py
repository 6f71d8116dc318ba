"""From the parser's reductions to the syntax tree, without an intermediate tree.

The parser calls one method for each rule, bottom-up, with all its tokens; so nothing recurses
here, and the span of a node is that of its first to its last child.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from cnnspec.source import Source, Span
from cnnspec.syntax import labels
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
        """A whole file. `##` lines above its first declaration are its own documentation."""
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
            if not isinstance(x, t.Statement | t.Declaration | t.Setting | t.Look):
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
            if isinstance(x, t.Block | t.Net | t.Variant | t.Recipe | t.Figure):
                above = None
            doc = []
        self.astray(doc)
        return out

    def astray(self, doc: Sequence[Token]) -> None:
        """Remember `##` lines that document nothing."""
        if doc:
            self.stray.append(self.at(doc[0]).to(self.at(doc[-1])))

    def names(self, c: list[Any]) -> list[Token]:
        """`lenet, alexnet`: the names of an import or of a loop, without the commas."""
        return c[::2]

    def import_(self, c: list[Any]) -> t.Import:
        """`import basic, bottleneck from "blocks.cnn"`."""
        names = tuple((str(n), self.at(n)) for n in c[1])
        return t.Import(self.span([c[0], c[3]]), "", names, str(c[3])[1:-1], self.at(c[3]))

    def source_(self, c: list[Any]) -> t.Cited:
        """`source paper = arxiv("1512.03385")`."""
        return t.Cited(self.span(c), "", *self.named(c[1]), c[3])

    def block(self, c: list[Any]) -> t.Block:
        """`block basic(c, stride = 1) { ... }`, with `seq` before the body for a Sequential."""
        _, name, params, seq, body = c
        return t.Block(self.span(c), "", *self.named(name), params, seq is not None, body)

    def seq_mark(self, c: list[Any]) -> Token:
        """The word `seq` of a block."""
        return cast(Token, c[0])

    def net(self, c: list[Any]) -> t.Net:
        """`net lenet(classes = 10) { ... }`."""
        _, name, params, body = c
        return t.Net(self.span(c[:2] + c[3:]), "", *self.named(name), params or (), body)

    def variant(self, c: list[Any]) -> t.Variant:
        """`net resnet18 = resnet([2, 2, 2, 2]) { claim ... }`."""
        net, name, _, base, _, args, close, body = c
        span = self.span([net, close, body])
        called = (str(base), self.at(base))
        return t.Variant(span, "", *self.named(name), *called, args or (), body)

    def recipe(self, c: list[Any]) -> t.Recipe:
        """`recipe short = long { epochs = 10 }`; behind `=` stands the recipe it starts from."""
        base = c[3] if c[2] is not None else None
        settings = tuple(self.documented(c))
        name, span = self.named(c[1])
        whole = self.span([c[0], c[-1]])
        if base is None:
            return t.Recipe(whole, "", name, span, None, None, settings)
        return t.Recipe(whole, "", name, span, str(base), self.at(base), settings)

    def setting(self, c: list[Any]) -> t.Setting:
        """`epochs = 90`: one line of a recipe."""
        return t.Setting(self.span(c), str(c[0]), c[2])

    def figure(self, c: list[Any]) -> t.Figure:
        """`figure overview of resnet34 { level = block }`."""
        name, span = self.named(c[1])
        looks = tuple(self.documented(c[4:]))
        return t.Figure(self.span([c[0], c[-1]]), "", name, span, str(c[3]), self.at(c[3]), looks)

    def look(self, c: list[Any]) -> t.Look:
        """`label layer1 = "conv2_x"`: one line of a figure."""
        key, marks, _, values = c
        span = self.span([x for x in c if x is not None])
        return t.Look(span, str(key), self.at(key), marks or (), values or ())

    def marks(self, c: list[Any]) -> tuple[t.Mark, ...]:
        """What a line is about, without the commas."""
        return tuple(c[::2])

    def values(self, c: list[Any]) -> tuple[t.Mark | t.Listed, ...]:
        """What stands behind its `=`, without the commas."""
        return tuple(c[::2])

    def listed(self, c: list[Any]) -> t.Listed:
        """`[left, right]`."""
        return t.Listed(self.span([c[0], c[-1]]), tuple(c[1:-1:2]))

    def dotted(self, c: list[Any]) -> t.Mark:
        """`layer4.0.downsample`: a path."""
        return self.marked(c, "path")

    def range_(self, c: list[Any]) -> t.Mark:
        """`enc1..enc4`: all from one path to another."""
        return self.marked(c, "path")

    def quoted(self, c: list[Any]) -> t.Mark:
        """`"conv2_x"`, without the quotation marks."""
        return t.Mark(self.at(c[0]), str(c[0])[1:-1], "text")

    def measure(self, c: list[Any]) -> t.Mark:
        """`6.9in`, `8pt`, `2`."""
        return self.marked([x for x in c if x is not None], "measure")

    def marked(self, c: list[Any], kind: str) -> t.Mark:
        """A word as it is written, without the blanks in it."""
        span = self.span(c)
        return t.Mark(span, "".join(span.text.split()), kind)

    def params(self, c: list[Any]) -> tuple[t.Param, ...]:
        """`(c, stride = 1)`: the parameters, without the brackets."""
        return tuple(x for x in c if isinstance(x, t.Param))

    def param(self, c: list[Any]) -> t.Param:
        """`stride = 1`, or a name alone, which every call must give."""
        name, _ = self.named(c[0])
        return t.Param(self.span(c), name, c[2])

    # --- statements ---

    def body(self, c: list[Any]) -> t.Body:
        """`{ ... }` with the statements in it."""
        return t.Body(self.span([c[0], c[-1]]), tuple(self.documented(c)))

    def let(self, c: list[Any]) -> t.Let:
        """`let width = 64 * k`."""
        return t.Let(self.span(c), "", *self.named(c[1]), c[3])

    def default(self, c: list[Any]) -> t.Default:
        """`default conv pad=same -> bn -> relu`: arguments, and the layers that follow."""
        return t.Default(self.span(c), "", c[1], tuple(c[3::2]))

    def require(self, c: list[Any]) -> t.Require:
        """`require depth % 6 == 2, "6n + 2 layers"`."""
        message = None if c[3] is None else str(c[3])[1:-1]
        return t.Require(self.span(c), "", c[1], message)

    def input_(self, c: list[Any]) -> t.Input:
        """`input 3x224x224`, or `input left: 3x224x224`."""
        name = None if c[1] is None else self.named(c[1])[0]
        return t.Input(self.span(c), "", name, c[3])

    def output_kind(self, c: list[Any]) -> Token:
        """The word `output` or `aux`."""
        return cast(Token, c[0])

    def output(self, c: list[Any]) -> t.Output:
        """`output boxes: conv 4, 1x1`, or `aux head: ...` for one that training alone has."""
        name: str | t.Template
        if c[1].type == "TEMPLATE":
            name = self.template(c[1])
            return t.Output(self.span(c), "", str(c[0]), name, name.span, c[3])
        name, span = self.named(c[1])
        return t.Output(self.span(c), "", str(c[0]), name, span, c[3])

    def trained(self, c: list[Any]) -> t.Trained:
        """`recipe short` in a net: the recipe that it is trained by."""
        return t.Trained(self.span(c), "", str(c[1]))

    def if_(self, c: list[Any]) -> t.If:
        """`if stride > 1 { ... } else { ... }`; the other arm is None where there is none."""
        return t.If(self.span(c), "", c[1], c[2], c[4])

    def for_(self, c: list[Any]) -> t.For:
        """`for i, depth in enumerate(depths) { ... }`."""
        names = tuple(self.named(n)[0] for n in c[1])
        return t.For(self.span([c[0], c[-1]]), "", names, self.span(c[1]), c[3], c[4])

    def repeat(self, c: list[Any]) -> t.Repeat:
        """`repeat 3 { ... }`."""
        return t.Repeat(self.span(c), "", c[1], c[2])

    # --- claims ---

    def claim(self, c: list[Any]) -> t.Claim:
        """`claim params ~ 25.6M within 1% from paper "table 1"`, its span up to its last word."""
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
        """The sign of a claim: `=`, `~` or a comparison."""
        return cast(Token, c[0])

    def within(self, c: list[Any]) -> tuple[Any, bool]:
        """`within 1%`: the bound, and whether it is a percentage."""
        return c[1], len(c) == 3

    def cited(self, c: list[Any]) -> tuple[Token, str, int]:
        """`from paper "table 1"`: the source, where in it, and the offset at which it ends."""
        end = c[2] if c[2] is not None else c[1]
        return c[1], "" if c[2] is None else str(c[2])[1:-1], end.end_pos

    def but(self, c: list[Any]) -> t.But:
        """`but MEASURED because CAUSE "reason"`."""
        return t.But(self.span(c), c[1], c[3], str(c[4])[1:-1])

    # --- flow ---

    def flow(self, c: list[Any]) -> t.Flow:
        """Layers chained by `->`, and the shape asserted behind `=>`."""
        layers, _, asserted = c
        return t.Flow(self.span([*layers, asserted]), "", layers, asserted)

    def chain(self, c: list[Any]) -> tuple[t.Layer, ...]:
        """The layers of a chain, without the arrows."""
        return tuple(c[::2])

    def layer(self, c: list[Any]) -> t.Layer:
        """`stem: conv 64, 7x7/2`: a label or None, and what it stands for."""
        label, _, form = c
        return t.Layer(self.span(c), label, form)

    def call(self, c: list[Any]) -> t.Call:
        """`conv 64, 3x3`: an op or a block with its arguments."""
        return t.Call(self.span(c), str(c[0]), self.at(c[0]), tuple(c[1] or ()))

    def bare(self, c: list[Any]) -> t.Call:
        """`bare conv 64, 3x3`: without the layers that a default lets follow."""
        return t.Call(self.span(c), str(c[1]), self.at(c[1]), tuple(c[2] or ()), bare=True)

    def fork(self, c: list[Any]) -> t.Fork:
        """`add { ... }`: an op whose statements are its arms."""
        return t.Fork(self.span(c), str(c[0]), self.at(c[0]), c[1])

    def seq(self, c: list[Any]) -> t.Seq:
        """`seq { ... }`: a module of its own around layers."""
        return t.Seq(self.span(c), c[1])

    def group(self, c: list[Any]) -> t.Group:
        """`{ ... }` in a chain: layers that stay in the module around them."""
        return t.Group(self.span(c), c[0])

    def from_(self, c: list[Any]) -> t.From:
        """`from stem.conv`: go on with the output of an earlier layer."""
        return t.From(self.span(c), c[1])

    def share(self, c: list[Any]) -> t.Share:
        """`share stem.conv`: an earlier layer used once more, with its weights."""
        return t.Share(self.span(c), c[1])

    def label(self, c: list[Any]) -> t.Label:
        """A name, a dotted name, a number, a quoted key, or a template before `:`."""
        (token,) = c
        span = self.at(token)
        if token.type == "STRING":
            return t.Label(span, labels.quoted(span, parse_expression))
        if "$" in token:
            return t.Label(span, self.template(token))
        if token.type == "NUMBER":
            return t.Label(span, labels.position(str(token), span))
        check_label(str(token), span)
        return t.Label(span, str(token))

    def template(self, token: Token) -> t.Template:
        """`layer${i+1}`: words and expressions in turn."""
        return labels.template(self.origin, str(token), token.start_pos, parse_expression)

    def path(self, c: list[Any]) -> t.Path:
        """`stem.conv`, `layer${i}[0].conv`: names, templates and indices, in order."""
        parts: list[Any] = []
        for x in c:
            if not isinstance(x, Token):
                parts.append(x)
            elif x.type == "TEMPLATE":
                parts.append(self.template(x))
            elif x.type == "STRING":
                parts.append(labels.quoted(self.at(x), parse_expression))
            elif x.type == "NUMBER":
                parts.append(labels.position(str(x), self.at(x)))
            elif x.type == "NAME":
                parts.append(str(x))
        return t.Path(self.span(c), tuple(parts))

    def dims(self, c: list[Any]) -> t.ShapeExpr:
        """`3x224x224` as a shape."""
        span = self.at(c[0])
        values = tuple(t.Literal(span, n, str(n)) for n in sizes(c[0], span))
        return t.ShapeExpr(span, values, *[(None,) * len(values)] * 2)

    def vector(self, c: list[Any]) -> t.ShapeExpr:
        """`10` as a shape: a vector of ten features."""
        return t.ShapeExpr(self.at(c[0]), (self.number(c),), (None,), (None,))

    def shape(self, c: list[Any]) -> t.ShapeExpr:
        """`[c, h, w = 7]`: sizes as expressions, each with its name and its place, or None."""
        named = [x if isinstance(x, tuple) else (None, None, x) for x in c[1:-1:2]]
        names, places, values = zip(*named, strict=True)
        return t.ShapeExpr(self.span([c[0], c[-1]]), values, names, places)

    def dim(self, c: list[Any]) -> Any:
        """A size of a shape that has no name."""
        return c[0]

    def named_dim(self, c: list[Any]) -> tuple[str, Span, Any]:
        """`w = 7`: a name, its place, and the size."""
        return str(c[0]), self.at(c[0]), c[2]


def _with_doc(node: Any, doc: str) -> Any:
    return type(node)(**vars(node) | {"doc": doc})
