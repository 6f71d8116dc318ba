"""Bodies to modules: statements splice, layers chain, forks join, every shape is checked (L6-L18).

After an error the shape is unknown (`None`): ops still check their names and arguments, nothing
says a second time what follows from the first error, and the next `=> shape` makes it known again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cnnspec import ir
from cnnspec.diagnostics import Label, SpecError, fail
from cnnspec.elaborate import explain
from cnnspec.elaborate.calls import check_weights
from cnnspec.elaborate.evaluate import Poison, Poisoned, is_list, symbolic
from cnnspec.elaborate.limits import check_turns
from cnnspec.elaborate.paths import Names
from cnnspec.elaborate.scope import BlockValue, Follower, Scope
from cnnspec.elaborate.session import Frame, Remembered, Session, key, shape_key
from cnnspec.ops import ops
from cnnspec.ops.op import Op, OpError
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.words import check_attribute
from cnnspec.values import SIZE_MAX, Shape, Size, Value, show, type_name


@dataclass(slots=True)
class Level:
    """One level of names with the paths that `from` can name in it (L14)."""

    names: Names
    outer: Level | None = None
    """The level around an inline `seq` or group; None for a block or net, which sees its own."""
    ends: dict[str, Shape | None] = field(default_factory=dict)
    items: dict[str, ir.Layer | ir.Call] = field(default_factory=dict)
    aux: set[str] = field(default_factory=set)


class Body:
    """Elaborates one body: carries the shape that flows and collects what it flows through."""

    def __init__(self, session: Session, level: Level, shape: Shape | None, origin: Span) -> None:
        self.session, self.level = session, level
        self.shape, self.origin = shape, origin
        self.items: list[ir.Item] = []
        self.handlers: dict[type, Callable[[Any, Scope], None]] = {t.Flow: self.flow}

    # --- statements ---

    def run(self, body: t.Body, scope: Scope) -> None:
        """Elaborate every statement; one that fails poisons the flow and the next goes on."""
        for statement, inner in self.splice(body.statements, scope):
            self.guarded(statement, inner)

    def guarded(self, statement: t.Statement, scope: Scope) -> None:
        """Run the handler of a statement, reporting what it raises."""
        try:
            handler = self.handlers.get(type(statement))
            if handler is None:
                word = statement.span.text.split(None, 1)[0]
                raise fail("E0112", f"`{word}` cannot stand in a block", statement.span)
            handler(statement, scope)
        except SpecError as error:
            self.report(error)
        except Poisoned:
            self.shape = None

    def report(self, error: SpecError) -> None:
        """Keep a diagnostic, with the chain of calls that led to it, and poison the flow."""
        from dataclasses import replace

        found, trace = error.diagnostic, self.session.trace()
        self.session.diagnostics.add(replace(found, notes=(*found.notes, *trace)))
        self.shape = None

    def splice(
        self, statements: tuple[t.Statement, ...], scope: Scope
    ) -> Iterator[tuple[t.Statement, Scope]]:
        """The statements as if those of `if`, `for` and `repeat` stood here (L11)."""
        for statement in statements:
            try:
                match statement:
                    case t.Let():
                        self.let(statement, scope)
                    case t.Default():
                        self.default(statement, scope)
                    case t.Require():
                        self.require(statement, scope)
                    case t.If():
                        yield from self.conditional(statement, scope)
                    case t.For():
                        yield from self.loop(statement, scope)
                    case t.Repeat():
                        yield from self.repeated(statement, scope)
                    case _:
                        yield statement, scope
            except SpecError as error:
                self.report(error)
            except Poisoned:
                self.shape = None

    def let(self, statement: t.Let, scope: Scope) -> None:
        if statement.name in scope.values:
            message = f"`{statement.name}` has a value here already"
            raise fail("E0114", message, statement.name_span)
        scope.values[statement.name] = Poison()
        value = self.session.evaluator.value(statement.value, scope, self.shape)
        scope.values[statement.name] = value

    def default(self, statement: t.Default, scope: Scope) -> None:
        name, rule = self.session.calls.rule(statement, scope)
        if name in scope.rules:
            first = Label(scope.rules[name].span, "the first is here")
            message = f"a second default for {name} in this scope"
            raise fail("E0114", message, statement.span, labels=(first,))
        scope.rules[name] = rule

    def require(self, statement: t.Require, scope: Scope) -> None:
        if not self.session.evaluator.truth(statement.condition, scope, self.shape):
            text = statement.message or f"`{statement.condition.span.text}` does not hold"
            raise fail("E0210", text, statement.span, note="required here")

    def conditional(
        self, statement: t.If, scope: Scope
    ) -> Iterator[tuple[t.Statement, Scope]]:
        branch: t.Body | t.If | None = statement
        while isinstance(branch, t.If):
            taken = self.session.evaluator.truth(branch.condition, scope, self.shape)
            branch = branch.body if taken else branch.other
        if branch is not None:
            yield from self.splice(branch.statements, scope.inner())

    def loop(self, statement: t.For, scope: Scope) -> Iterator[tuple[t.Statement, Scope]]:
        for item in self.session.evaluator.items(statement.iterable, scope, self.shape):
            inner = scope.inner()
            inner.values.update(_take_apart(statement, item))
            yield from self.splice(statement.body.statements, inner)

    def repeated(self, statement: t.Repeat, scope: Scope) -> Iterator[tuple[t.Statement, Scope]]:
        count = self.session.evaluator.whole(statement.count, scope, self.shape)
        if count < 0:
            raise fail("E0109", f"a repeat of {count} turns", statement.count.span)
        check_turns(count, statement.count.span)
        for _ in range(count):
            yield from self.splice(statement.body.statements, scope.inner())

    # --- flow ---

    def flow(self, statement: t.Flow, scope: Scope) -> None:
        """A chain, then its assertion (L6, L12)."""
        before, start = self.shape, self.origin
        self.chain(statement.layers, scope)
        if statement.asserted is not None:
            self.asserted(statement, scope, before, start)

    def chain(self, layers: tuple[t.Layer, ...], scope: Scope) -> None:
        for layer in layers:
            try:
                self.layer(layer, scope)
            except SpecError as error:
                self.report(error)
            except Poisoned:
                self.shape = None

    def asserted(
        self, statement: t.Flow, scope: Scope, before: Shape | None, start: Span
    ) -> None:
        assert statement.asserted is not None
        wanted = self.written_shape(statement.asserted, scope)
        found, self.shape = self.shape, wanted
        if found is None:
            self.origin = statement.asserted.span
        elif found != wanted:
            item = self.items[-1] if self.items else None
            raise explain.assertion(statement, found, wanted, before, start, item)

    def written_shape(self, expr: t.ShapeExpr, scope: Scope) -> Shape:
        """Evaluate a shape as written: one size or three, each from 1 to 2^31-1."""
        sizes = [self.session.evaluator.whole(size, scope, self.shape) for size in expr.sizes]
        if len(sizes) not in (1, 3):
            raise fail(
                "E0212",
                f"a shape has one size or three, and this has {len(sizes)}",
                expr.span,
                help=("channels x height x width, or the features of a vector",),
            )
        for size, part in zip(sizes, expr.sizes, strict=True):
            if not 1 <= size <= SIZE_MAX:
                raise fail("E0109", f"a size from 1 to 2^31-1 is needed: {size}", part.span)
        return tuple(sizes)

    def layer(self, layer: t.Layer, scope: Scope) -> None:
        form = layer.form
        match form:
            case t.Call():
                callee = self.session.calls.callee(form.name, form.name_span, scope)
                if isinstance(callee, BlockValue):
                    self.block(layer, form, callee, scope)
                elif callee.name == "skip":
                    self.skip(layer)
                else:
                    self.op(layer, form, callee, scope)
            case t.Fork():
                self.fork(layer, form, scope)
            case t.Seq():
                self.nested(layer, form.body, scope, seq=True)
            case t.Group():
                self.group(layer, form, scope)
            case t.From():
                self.tap(layer, form)
            case t.Share():
                self.share(layer, form)

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

    def filled(self, template: t.Template, scope: Scope) -> str:
        """`layer${i+1}` with the values of its expressions."""
        words = []
        for part in template.parts:
            if isinstance(part, str):
                words.append(part)
                continue
            value = self.session.evaluator.value(part, scope, self.shape)
            if isinstance(value, Size):
                raise symbolic("a label", value, part.span)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                message = f"a label is made of whole numbers, and {type_name(value)} came"
                raise fail("E0201", message, part.span)
            words.append(str(value))
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
            raise fail(
                "E0116",
                f"`{cls.name}` joins several arms and needs a body",
                call.span,
                help=(f"write `{cls.name} {{ skip; conv 64, 3x3 }}`",),
            )
        values = self.session.calls.values(call.args, scope, self.shape)
        rule = scope.rule(cls.name)
        op = self.session.calls.op(cls, values, rule, call.span)
        name = self.named(layer, cls.name, scope)
        self.leaf(name, op, call, values.spans)
        if rule is not None and not call.bare:
            for follower in rule.followers:
                self.follower(layer, cls, follower, call.span, scope)

    def follower(
        self, layer: t.Layer, leader: type[Op], follower: Follower, span: Span, scope: Scope
    ) -> None:
        from cnnspec.elaborate.calls import Values

        cls = follower.op
        values = Values(list(follower.positional), dict(follower.keywords))
        op = self.session.calls.op(cls, values, scope.rule(cls.name), follower.span)
        label = self.label(layer, scope)
        names = self.level.names
        if label is None:
            name = names.automatic(cls.name, span)
        else:
            name = names.follower(label, leader.name, cls.name, span)
        self.leaf(name, op, span, {})

    def leaf(
        self, name: str, op: Op, call: t.Call | Span, spans: dict[str | int, Span]
    ) -> None:
        """Put one op into the flow; its shape rule decides what flows on."""
        span = call if isinstance(call, Span) else call.span
        self.session.limits.add_layers(1, span)
        if self.shape is None:
            self.end(name, None, None)
            return
        try:
            shape = checked(op.shape(self.shape), span)
        except OpError as error:
            self.end(name, None, None)
            raise explain.op_error(error, op, span, spans, self.origin, self.shape) from None
        check_weights(op, self.shape, span)
        item = ir.Layer(name, op, (self.shape,), shape, span)
        self.advance(item, shape, span)
        explain.lint(self.session.diagnostics, item)

    def advance(self, item: ir.Layer | ir.Call, shape: Shape, span: Span) -> None:
        """Append an item that has a path; the flow goes on from it."""
        self.items.append(item)
        self.shape, self.origin = shape, span
        self.end(item.name, shape, item)

    def end(self, name: str, shape: Shape | None, item: ir.Layer | ir.Call | None) -> None:
        self.level.ends[name] = shape
        if item is not None:
            self.level.items[name] = item

    def skip(self, layer: t.Layer) -> None:
        raise fail(
            "E0117",
            "`skip` is an arm of its own: here it does nothing",
            layer.span,
            help=("write it alone in an `add { ... }` or `concat { ... }`",),
        )

    # --- forks ---

    def fork(self, layer: t.Layer, fork: t.Fork, scope: Scope) -> None:
        """Each statement of the body is an arm that starts from what arrives (L10)."""
        cls = self.session.calls.callee(fork.name, fork.name_span, scope)
        if isinstance(cls, BlockValue) or not cls.join:
            joins = ", ".join(f"`{n}`" for n, o in ops().items() if o.join)
            message = f"`{fork.name}` takes no body: {joins} do"
            raise fail("E0116", message, fork.name_span)
        arms = self.arms(fork, scope)
        if len(arms) < 2:
            raise fail(
                "E0313",
                f"{fork.name} joins at least two arms, and here "
                f"{'is one' if arms else 'are none'}",
                fork.span,
                help=("`skip` is the identity arm",),
            )
        name = self.named(layer, cls.name, scope)
        if self.shape is None or any(arm.shape is None for arm in arms):
            self.end(name, None, None)
            raise Poisoned
        self.join(name, cls, fork, arms)

    def join(self, name: str, cls: type[Op], fork: t.Fork, arms: list[Arm]) -> None:
        shapes = tuple(arm.shape for arm in arms if arm.shape is not None)
        op = self.session.calls.op(cls, explain.no_values(), None, fork.name_span)
        self.session.limits.add_layers(1, fork.span)
        try:
            shape = checked(op.shape(*shapes), fork.span)
        except OpError as error:
            self.end(name, None, None)
            raise explain.join_error(error, fork, [(a.span, a.shape) for a in arms]) from None
        joined = ir.Layer(name, op, shapes, shape, fork.name_span)
        self.items.append(ir.Fork(tuple(tuple(arm.items) for arm in arms), joined))
        self.shape, self.origin = shape, fork.name_span
        self.end(name, shape, joined)

    def arms(self, fork: t.Fork, scope: Scope) -> list[Arm]:
        """Elaborate the arms one after another, each from the fork's input."""
        arms, start, origin, outer = [], self.shape, self.origin, self.items
        for statement, inner in self.splice(fork.body.statements, scope.inner()):
            self.shape, self.origin, self.items = start, origin, []
            if not isinstance(statement, t.Flow):
                word = statement.span.text.split(None, 1)[0]
                self.report(fail("E0112", f"`{word}` cannot stand in a fork", statement.span))
            elif not self.identity(statement, scope):
                self.guarded_flow(statement, inner)
            arms.append(Arm(self.items, self.shape, statement.span))
            self.shape, self.origin = start, origin
        self.shape, self.origin, self.items = start, origin, outer
        return arms

    def guarded_flow(self, statement: t.Flow, scope: Scope) -> None:
        try:
            self.flow(statement, scope)
        except SpecError as error:
            self.report(error)
        except Poisoned:
            self.shape = None

    def identity(self, statement: t.Flow, scope: Scope) -> bool:
        """Whether an arm is `skip` or `{ }`, alone and without a label."""
        (layer, *more) = statement.layers
        if more or layer.label is not None or statement.asserted is not None:
            return False
        form = layer.form
        if isinstance(form, t.Group):
            return not form.body.statements
        return isinstance(form, t.Call) and form.name == "skip" and not form.args

    # --- levels ---

    def group(self, layer: t.Layer, group: t.Group, scope: Scope) -> None:
        """Braces: a level of their own when labelled, else layers of this one."""
        if layer.label is not None:
            self.nested(layer, group.body, scope, seq=False)
            return
        outer, self.items = self.items, []
        self.run(group.body, scope.inner())
        inner, self.items = self.items, outer
        self.items.append(ir.Group(tuple(inner)))

    def nested(self, layer: t.Layer, body: t.Body, scope: Scope, *, seq: bool) -> None:
        """An inline `seq` or a labelled group: a level that still sees the labels around it."""
        name = self.named(layer, "seq", scope)
        inner = Body(self.session, Level(Names(seq), self.level), self.shape, self.origin)
        inner.run(body, scope.inner())
        self.finish(name, inner, ("", (), seq, body.span), layer.span)

    def finish(
        self, name: str, inner: Body, what: tuple[str, tuple[Any, ...], bool, Span], span: Span
    ) -> None:
        """Make the call of an inner level from what it collected."""
        if self.shape is None or inner.shape is None:
            self.end(name, None, None)
            raise Poisoned
        block, args, seq, body = what
        items = tuple(inner.items)
        module = ir.Module(block, args, items, self.shape, inner.shape, seq, body)
        self.advance(ir.Call(name, module, span), inner.shape, span)

    # --- blocks ---

    def block(self, layer: t.Layer, call: t.Call, block: BlockValue, scope: Scope) -> None:
        """A block call: remembered by its arguments and the shape that arrives (S5)."""
        values = self.session.calls.values(call.args, scope, self.shape)
        name = self.named(layer, block.name, scope)
        if self.shape is None:
            self.end(name, None, None)
            raise Poisoned
        inner = block.unit.scope.inner()
        args = self.session.calls.block(
            block.name, block.block.params, values, inner, self.shape, call.span
        )
        memory_key = (block.block, tuple(key(v) for v in args.values()), shape_key(self.shape))
        found = self.session.memory.get(memory_key)
        if found is None:
            found = self.instantiate(block, args, inner, call)
            self.session.memory[memory_key] = found
        else:
            self.session.limits.add_layers(found.layers, call.span)
        if found.module is None:
            self.end(name, None, None)
            raise Poisoned
        self.advance(ir.Call(name, found.module, call.span), found.module.output, call.span)

    def instantiate(
        self, block: BlockValue, args: dict[str, Value], scope: Scope, call: t.Call
    ) -> Remembered:
        """Elaborate a block's body for these arguments on this shape."""
        assert self.shape is not None
        shown = ", ".join(f"{k} = {show(v)}" for k, v in args.items())
        before = self.session.limits.layers
        self.session.enter(Frame(block, f"{block.name}({shown})", call.span))
        seq = block.block.seq
        inner = Body(self.session, Level(Names(seq)), self.shape, self.origin)
        inner.run(block.block.body, scope)
        self.session.frames.pop()
        layers = self.session.limits.layers - before
        if inner.shape is None:
            return Remembered(None, layers)
        items, declared = tuple(inner.items), block.block
        module = ir.Module(
            block.name, tuple(args.items()), items, self.shape, inner.shape, seq,
            declared.span, declared.doc,
        )  # fmt: skip
        return Remembered(module, layers)

    # --- taps ---

    def tap(self, layer: t.Layer, form: t.From) -> None:
        """`from path`: the flow goes on from an earlier labelled layer (L14)."""
        path, up, shape, _ = self.find(form.path)
        if layer.label is not None:
            raise fail("E0112", "a tap cannot have a label", layer.label.span)
        if shape is None:
            raise Poisoned
        self.items.append(ir.Tap(path, shape, form.span, up))
        self.shape, self.origin = shape, form.span

    def find(self, path: t.Path) -> tuple[str, int, Shape | None, ir.Layer | ir.Call | None]:
        """An earlier layer: its path, how many levels out it stands, its shape and item."""
        words = self.words(path)
        level: Level | None = self.level
        up = 0
        while level is not None:
            for end in range(len(words), 0, -1):
                head = ".".join(words[:end])
                if head in level.aux:
                    raise fail("E0119", f"`{head}` exists in training only", path.span)
                if head in level.ends:
                    found = _descend(level, head, words[end:], path.span)
                    return ".".join(words), up, *found
            level, up = level.outer, up + 1
        known = sorted(self.level.ends)
        raise explain.no_layer(".".join(words), known, path.span)

    def words(self, path: t.Path) -> list[str]:
        """`scale1[0]` as the words of a path: scale1, 0."""
        words: list[str] = []
        for part in path.parts:
            if isinstance(part, str):
                words += part.split(".")
            elif isinstance(part, t.Template):
                words += self.filled(part, Scope()).split(".")
            else:
                words.append(str(self.session.evaluator.whole(part, Scope(), self.shape)))
        return words

    def share(self, layer: t.Layer, form: t.Share) -> None:
        """`share path`: those layers once more with the same weights (L17)."""
        path, up, _, item = self.find(form.path)
        if item is None or up:
            raise Poisoned if item is None else fail(
                "E0119", "`share` reaches layers of its own level only", form.span
            )
        if self.shape is None:
            raise Poisoned
        arrives = item.inputs[0] if isinstance(item, ir.Layer) else item.module.input
        if self.shape != arrives:
            raise explain.shared_shape(form, path, arrives, self.shape)
        name = self.named(layer, "share", Scope())
        self.items.append(ir.Shared(name, path, item, form.span))
        self.shape = item.shape if isinstance(item, ir.Layer) else item.module.output
        self.origin = form.span
        self.end(name, self.shape, item)


@dataclass(slots=True)
class Arm:
    """One arm of a fork, elaborated."""

    items: list[ir.Item]
    shape: Shape | None
    span: Span


def checked(shape: Shape, span: Span) -> Shape:
    """Refuse sizes beyond 2^31-1 (S5)."""
    for size in shape:
        if not 0 < size <= SIZE_MAX:
            raise fail("E0019", f"too large: a size of {int(size):,}", span)
    return shape


def _descend(
    level: Level, head: str, rest: list[str], span: Span
) -> tuple[Shape | None, ir.Layer | ir.Call | None]:
    """Follow a path from a layer of this level down into the modules it calls."""
    item, shape = level.items.get(head), level.ends[head]
    if not rest or shape is None:
        return shape, item
    if not isinstance(item, ir.Call):
        raise fail("E0119", f"`{head}` is one layer: nothing is inside it", span)
    found = explain.inside(item.module, rest)
    if found is None:
        known = [p for p in explain.paths(item.module)]
        raise explain.no_layer(".".join(rest), known, span, f" in `{head}`")
    return (found.shape if isinstance(found, ir.Layer) else found.module.output), found


def _take_apart(statement: t.For, item: Value) -> dict[str, Value]:
    """`for i, n in ...`: one name takes the item, several take it apart (L21)."""
    names = statement.names
    if len(names) == 1:
        return {names[0]: item}
    if not is_list(item) or len(item) != len(names):
        what = f"a list of {len(item)}" if is_list(item) else type_name(item)
        message = f"{len(names)} names, and each item is {what}"
        raise fail("E0211", message, statement.names_span)
    return dict(zip(names, item, strict=True))
