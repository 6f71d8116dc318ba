"""Ops in the flow: their names, arguments, followers and shapes (L9, L18, L19)."""

from __future__ import annotations

from cnnspec import ir
from cnnspec.diagnostics import SpecError, fail
from cnnspec.elaborate import explain, lint
from cnnspec.elaborate.calls import check_open, check_weights
from cnnspec.elaborate.evaluate import Poisoned
from cnnspec.elaborate.later import misuse
from cnnspec.elaborate.paths import Names, following, split
from cnnspec.elaborate.scope import Rule, Scope
from cnnspec.elaborate.statements import Statements
from cnnspec.ops.op import Op, OpError
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import SIZE_MAX, Shape


class Leaves(Statements):
    """Puts ops into the flow."""

    def forget(self, written: t.Node, scope: Scope) -> None:
        """After an error: what its labels name is unknown, not missing (L14)."""
        match written:
            case t.Input(name=name):
                self.level.unknown(name or "image")
            case t.Output(name=str(name)):
                self.level.unknown(name)
            case t.Output():
                self.level.unclear = True
            case t.Layer(label=t.Label()):
                self.forget_label(written, scope)
            case t.Layer(form=t.Fork(body=inside) | t.Group(body=inside)):
                self.forget(inside, scope)
            case t.Flow() | t.If() | t.For() | t.Repeat() | t.Body():
                for child in written.children():
                    self.forget(child, scope)
            case _:
                pass

    def forget_label(self, layer: t.Layer, scope: Scope) -> None:
        """The same for one label, with those of the followers of its default."""
        try:
            label = self.label(layer, scope)
        except (SpecError, Poisoned):
            self.level.unclear = True
            return
        assert label is not None
        self.level.unknown(label)
        if isinstance(layer.form, t.Fork):
            self.forget(layer.form.body, scope)
        leader = layer.form.name if isinstance(layer.form, t.Call) else ""
        rule = scope.rule(leader)
        for follower in rule.followers if rule else ():
            kind = follower.op.name
            self.level.unknown(following(label, leader, kind))

    def spelt(self, parts: list[str]) -> str:
        return "".join(parts)

    def whole(self, name: str, span: Span) -> str:
        return name

    def fresh(self) -> Names:
        return Names()

    def behind(self, output: str, name: str, span: Span) -> str:
        return self.level.names.take(f"{output}.{name}", span)

    def holds(self, words: tuple[str, ...]) -> bool:
        return split(words, self.level) is not None

    def dotted(self, name: str) -> list[str]:
        return name.split(".")

    def index(self, part: t.Expr, scope: Scope) -> str:
        return str(self.evaluator.whole(part, scope, self.shape))

    # --- ops ---

    def lost(self, name: str) -> None:
        self.level.end(name, None, None)

    def leaf(
        self,
        name: str,
        op: Op,
        span: Span,
        spans: dict[str | int, Span],
        rule: Rule | None = None,
        follows: Span | None = None,
    ) -> None:
        """Put one op into the flow; its shape rule decides what flows on."""
        self.leader = name if follows is None else self.leader
        if follows is not None:
            self.level.followed[self.leader] = name
        self.session.limits.add_layers(1, span)
        if self.shape is None:
            self.level.end(name, None, None)
            return
        try:
            shape = checked(op.shape(self.shape), span)
        except OpError as error:
            self.level.end(name, None, None)
            place = explain.Origins(span, spans, rule.spans if rule else {}, follows)
            raise explain.op_error(error, op, place, self.origin, self.shape) from None
        check_weights(op, self.shape, span)
        if self.session.open_sizes:
            check_open(op, spans, span)
        item = ir.Layer(name, op, (self.shape,), shape, span, self.turns)
        before = self.items[-1] if self.items else None
        self.advance(item, shape, span)
        if op.kind in lint.KINDS:
            lint.layer(self.session.diagnostics, item, self.followed(before), follows, spans)

    def followed(self, before: ir.Item | None) -> ir.Item | None:
        """The layer before, where whatever follows here does so in every turn and for any values.

        What stands in the body of an `if` does not always follow what stands above it.
        """
        if not isinstance(before, ir.Layer):
            return None
        at = before.span.start
        sure = all(branch.start <= at < branch.end for branch in self.branches)
        return before if sure else None

    def advance(self, item: ir.Layer | ir.Call, shape: Shape, span: Span) -> None:
        """Append an item that has a path; the flow goes on from it."""
        self.items.append(item)
        self.shape, self.origin = shape, span
        self.level.end(item.name, shape, item)

    def skip(self, layer: t.Layer, call: t.Call, cls: type[Op], scope: Scope) -> None:
        """The identity child of a `seq`, which takes a number (L18); elsewhere an error (E0117)."""
        if self.names.seq:
            self.leaf(self.named(layer, cls.name, scope), cls(), layer.span, {})
            return
        help: tuple[str, ...] = ("write it alone in an `add { ... }` or `concat { ... }`",)
        if layer.label is not None:
            inside = self.level.outermost.block and not self.items
            help = misuse.labelled_skip(layer.label, self.origin, inside)
            self.level.end(layer.label.span.text, None, None)
        message = "`skip` is an arm of its own: here it does nothing"
        raise fail("E0117", message, layer.span, help=help)


def checked(shape: Shape, span: Span) -> Shape:
    """Refuse sizes beyond 2^31-1 (S5)."""
    for size in shape:
        if not 0 < size <= SIZE_MAX:
            raise fail("E0019", f"too large: a size of {int(size):,}", span)
    return shape
