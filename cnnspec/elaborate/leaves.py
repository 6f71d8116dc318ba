"""Ops in the flow: their names, arguments, followers and shapes (L9, L18, L19)."""

from __future__ import annotations

from cnnspec import ir
from cnnspec.diagnostics import SpecError, fail
from cnnspec.elaborate import explain, lint
from cnnspec.elaborate.arithmetic import symbolic
from cnnspec.elaborate.calls import Values, check_open, check_weights
from cnnspec.elaborate.evaluate import Poisoned
from cnnspec.elaborate.later import misuse
from cnnspec.elaborate.paths import following
from cnnspec.elaborate.scope import Follower, Rule, Scope
from cnnspec.elaborate.statements import Statements
from cnnspec.ops.arguments import signature
from cnnspec.ops.op import Op, OpError
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.words import check_attribute
from cnnspec.values import SIZE_MAX, Shape, Size, Value, type_name


class Leaves(Statements):
    """Puts ops into the flow."""

    def label(self, layer: t.Layer, scope: Scope) -> str | None:
        """The label with its `${...}` filled in, or None."""
        if layer.label is None:
            return None
        text = layer.label.text
        if isinstance(text, str):
            return text
        label = self.filled(text, scope)
        check_attribute(label, text.span)
        return label

    def forget(self, written: t.Node, scope: Scope) -> None:
        """After an error: what its labels name is unknown, not missing (L14)."""
        match written:
            case t.Input(name=name):
                self.level.unknown(name or "image")
            case t.Output(name=name):
                self.level.unknown(name)
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

    def filled(self, template: t.Template, scope: Scope) -> str:
        """`layer${i+1}` with the values of its expressions."""
        words = []
        for part in template.parts:
            if isinstance(part, str):
                words.append(part)
                continue
            value = self.session.evaluator.value(part, scope, self.shape)
            words.append(counted(value, part.span))
        return "".join(words)

    def named(self, layer: t.Layer, kind: str, scope: Scope) -> str:
        """The name of a layer in its level: its label, else the next automatic one."""
        label = self.label(layer, scope)
        span = layer.label.span if layer.label else layer.form.span
        names = self.level.names
        return names.automatic(kind, span) if label is None else names.take(label, span)

    # --- ops ---

    def op(self, layer: t.Layer, call: t.Call, cls: type[Op], scope: Scope) -> None:
        """An op as written, then the followers that its default gives it (L19)."""
        if cls.join:
            raise misuse.no_body(call)
        values = Values()
        if call.args:
            names = list(signature(cls))
            values = self.session.calls.values(call.args, scope, self.shape, names)
        rule = scope.rule(cls.name)
        op = self.session.calls.op(cls, values, rule, call.span)
        name = self.named(layer, cls.name, scope)
        if rule is not None and rule.poisoned:
            self.level.end(name, None, None)
            raise Poisoned
        self.leaf(name, op, call.span, values.spans, rule)
        if rule is not None and not call.bare:
            for follower in rule.followers:
                self.follower(layer, cls, follower, call.span, scope)

    def follower(
        self, layer: t.Layer, leader: type[Op], follower: Follower, span: Span, scope: Scope
    ) -> None:
        """A layer that a default lets follow; its name is that of its leader and its own."""
        cls = follower.op
        values = Values(list(follower.positional), dict(follower.keywords))
        op = self.session.calls.op(cls, values, scope.rule(cls.name), follower.span)
        label = self.label(layer, scope)
        names = self.level.names
        if label is None:
            name = names.automatic(cls.name, span)
        else:
            name = names.follower(label, leader.name, cls.name, span)
        if (own := scope.rule(cls.name)) is not None and own.poisoned:
            self.level.end(name, None, None)
            raise Poisoned
        self.leaf(name, op, span, {}, own, follower.span)

    def leaf(
        self,
        name: str,
        op: Op,
        span: Span,
        spans: dict[str | int, Span],
        rule: Rule | None = None,
        follows: Span | None = None,
    ) -> None:
        """Put one op into the flow; its shape rule decides what flows on.

        `rule` is the default that may have given it arguments, `follows` the place in a default
        that says that it follows.
        """
        self.session.limits.add_layers(1, span)
        if self.shape is None:
            self.level.end(name, None, None)
            return
        try:
            shape = checked(op.shape(self.shape), span)
        except OpError as error:
            self.level.end(name, None, None)
            place = explain.Place(span, spans, rule.spans if rule else {}, follows)
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

    def skip(self, layer: t.Layer) -> None:
        """Refuse `skip` where it is no arm (E0117)."""
        help: tuple[str, ...] = ("write it alone in an `add { ... }` or `concat { ... }`",)
        if layer.label is not None:
            inside = self.level.outermost.block and not self.items
            help = misuse.labelled_skip(layer.label, self.origin, inside)
            self.level.end(layer.label.span.text, None, None)
        message = "`skip` is an arm of its own: here it does nothing"
        raise fail("E0117", message, layer.span, help=help)


def counted(value: Value, span: Span) -> str:
    """A number in a label, as its text."""
    if isinstance(value, Size):
        raise symbolic("a label", value, span)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        came = f"{type_name(value)} came"
        if type(value) is int:
            came = f"{value} is less than 0"
        raise fail("E0201", f"a label is made of whole numbers, and {came}", span)
    return str(value)


def checked(shape: Shape, span: Span) -> Shape:
    """Refuse sizes beyond 2^31-1 (S5)."""
    for size in shape:
        if not 0 < size <= SIZE_MAX:
            raise fail("E0019", f"too large: a size of {int(size):,}", span)
    return shape
