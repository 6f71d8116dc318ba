"""Bodies to modules: statements splice, layers chain, forks join, every shape is checked (L6-L18).

After an error the shape is unknown (`None`): ops still check their names and arguments, nothing
says a second time what follows from the first error, and the next `=> shape` makes it known again.
"""

from __future__ import annotations

from typing import Any

from cnnspec import ir
from cnnspec.diagnostics import SpecError, fail
from cnnspec.elaborate import explain, joins, lint
from cnnspec.elaborate.arms import written
from cnnspec.elaborate.calls import Values, check_open
from cnnspec.elaborate.evaluate import Poisoned, Read
from cnnspec.elaborate.later import misuse, unfound
from cnnspec.elaborate.leaves import Leaves, checked
from cnnspec.elaborate.level import Level
from cnnspec.elaborate.paths import Names
from cnnspec.elaborate.scope import BlockValue, Scope
from cnnspec.elaborate.session import Frame, Remembered, Session, shape_key
from cnnspec.elaborate.walk import Written
from cnnspec.ops.op import Op, OpError
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import SIZE_MAX, Shape, Value, key, show


class Body(Leaves):
    """Elaborates one body: carries the shape that flows and collects what it flows through."""

    def __init__(self, session: Session, level: Level, shape: Shape | None, origin: Span) -> None:
        super().__init__(session, level, shape, origin)
        self.handlers[t.Flow] = self.walk_flow

    # --- flow ---

    def before(self) -> explain.Before:
        return explain.Before(self.shape, self.origin, len(self.items))

    def reads_twice(self, reads: list[Read]) -> None:
        lint.two_values(self.session.diagnostics, reads)

    def asserted(self, statement: t.Flow, scope: Scope, before: explain.Before) -> None:
        """Compare with `=> shape`; after an unknown shape the assertion is believed (L12)."""
        if self.session.resized:
            return
        assert statement.asserted is not None
        wanted = self.written_shape(statement.asserted, scope)
        found, self.shape = self.shape, wanted
        if found is None:
            self.origin = statement.asserted.span
        elif found != wanted:
            made = self.items[before.items :]
            self.believe(wanted)
            raise explain.assertion(statement, found, wanted, before, made)

    def believe(self, wanted: Shape) -> None:
        """What `from` finds at the last layer is what the line says of it."""
        last = self.items[-1] if self.items else None
        last = last.join if isinstance(last, ir.Fork) else last
        if isinstance(last, ir.Layer | ir.Call):
            self.level.ends[last.name] = wanted

    def written_shape(self, expr: t.ShapeExpr, scope: Scope) -> Shape:
        """Evaluate a shape as written: one size or three, each from 1 to 2^31-1."""
        sizes = [self.session.evaluator.whole(size, scope, self.shape) for size in expr.sizes]
        if len(sizes) not in (1, 3):
            raise fail(
                "E0212",
                f"a shape has one size or three, and this has {len(sizes)}",
                expr.span,
                help=misuse.three_sizes(sizes),
            )
        for size, part in zip(sizes, expr.sizes, strict=True):
            if not 1 <= size <= SIZE_MAX:
                message = f"a size is from 1 to 2^31-1, and {size:,} came"
                raise fail("E0109", message, part.span)
        return tuple(sizes)

    # --- forks ---

    def join(self, layer: t.Layer, fork: t.Fork, cls: type[Op], scope: Scope) -> None:
        """The arms, then the op that they meet in; two at the least (E0313)."""
        before = self.session.poisonings
        with self.session.evaluator.reading():
            arms = self.arms(fork, scope)
        if self.session.poisonings > before:
            self.session.fragments += [tuple(arm.items) for arm in arms]
        if len(arms) < 2 and self.session.poisonings > before:
            raise Poisoned
        if len(arms) == 1 and not cls.ordered and written(fork.body.statements) > 1:
            self.lone(layer, cls, arms[0], scope)
            return
        if len(arms) < 2:
            raise fail(
                "E0313",
                f"{fork.name} joins at least two arms, and here {'is one' if arms else 'are none'}",
                fork.span,
                help=misuse.second_arm(fork),
            )
        name = self.named(layer, cls.name, scope)
        if self.shape is None or any(arm.shape is None for arm in arms):
            self.level.end(name, None, None)
            raise Poisoned
        self.meet(name, cls, fork, arms, scope)

    def goes_on(self, arm: joins.Arm) -> None:
        if arm.items:
            self.shape, self.origin = arm.shape, arm.span

    def meet(
        self, name: str, cls: type[Op], fork: t.Fork, arms: list[joins.Arm], scope: Scope
    ) -> None:
        """The join of arms that all have a shape: the flow goes on from it."""
        shapes = tuple(arm.shape for arm in arms if arm.shape is not None)
        op = self.calls.op(cls, Values(), None, fork.name_span)
        self.session.limits.add_layers(1, fork.span)
        try:
            shape = checked(op.shape(*shapes), fork.span)
        except OpError as error:
            self.level.end(name, None, None)
            self.session.fragments += [tuple(arm.items) for arm in arms]
            raise joins.join_error(error, fork, arms, self.ground(scope)) from None
        joined = ir.Layer(name, op, shapes, shape, fork.name_span, self.turns)
        self.items.append(ir.Fork(tuple(tuple(arm.items) for arm in arms), joined))
        self.shape, self.origin = shape, fork.name_span
        self.level.end(name, shape, joined)

    def ground(self, scope: Scope) -> joins.Ground:
        """What can be written where a fork stands, for its errors."""
        evaluator, shape, frames = self.session.evaluator, self.shape, self.session.frames

        def value(expr: t.Expr) -> Value:
            try:
                return evaluator.value(expr, scope, shape)
            except (SpecError, Poisoned):
                return None

        params = frames[-1].block.block.params if frames else ()
        return joins.Ground(value, {p.name: scope.find(p.name) for p in params})

    def arm(self, statement: t.Statement, scope: Scope) -> None:
        if isinstance(statement, t.Flow):
            self.guarded(statement, scope)
        else:
            word = statement.span.text.split(None, 1)[0]
            self.report(misuse.misplaced(word, "a fork", statement.span))

    def made(self, statement: t.Statement) -> joins.Arm:
        return joins.Arm(self.items, self.shape, statement.span)

    # --- levels ---

    def group(self, group: t.Group, scope: Scope) -> None:
        outer, self.items = self.items, []
        with self.evaluator.reading():
            self.run(group.body, scope.inner())
        inner, self.items = self.items, outer
        self.items.append(ir.Group(tuple(inner)))

    def nested(self, layer: t.Layer, body: t.Body, scope: Scope, *, seq: bool) -> None:
        """An inline `seq` or a labelled group: a level that still sees the labels around it."""
        name = self.named(layer, "seq", scope)
        inner = Body(self.session, Level(Names(seq), self.level), self.shape, self.origin)
        inner.open_names = self.open_names
        with self.evaluator.reading():
            inner.run(body, scope.inner())
        self.finish(name, inner, ("", (), seq, body.span), layer.span)

    def finish(
        self, name: str, inner: Body, what: tuple[str, tuple[Any, ...], bool, Span], span: Span
    ) -> None:
        """Make the call of an inner level from what it collected."""
        if self.shape is None or inner.shape is None:
            self.session.fragments.append(tuple(inner.items))
            self.level.end(name, None, None)
            raise Poisoned
        block, args, seq, body = what
        items = tuple(inner.items)
        module = ir.Module(block, args, items, self.shape, inner.shape, seq, body)
        self.advance(ir.Call(name, module, span, self.turns), inner.shape, span)

    # --- blocks ---

    def block(self, layer: t.Layer, call: t.Call, block: BlockValue, scope: Scope) -> None:
        """A block call: remembered by its arguments and the shape that arrives (S5)."""
        name, values = self.called_with(layer, call, block, scope)
        if self.shape is None:
            self.level.end(name, None, None)
            raise Poisoned
        inner = block.unit.scope.inner()
        with self.session.evaluator.reading():
            args = self.calls.block(
                block.name, block.block.params, values, inner, self.shape, call.span
            )
        memory_key = (block.block, tuple(map(key, args.values())), shape_key(self.shape))
        found = self.session.memory.get(memory_key)
        if found is None:
            shown = ", ".join(f"{k} = {show(v)}" for k, v in args.items())
            frame = Frame(block, f"{block.name}({shown})", call.span, memory_key)
            found = self.instantiate(frame, args, inner)
            self.session.memory[memory_key] = found
        else:
            self.session.limits.add_layers(found.layers, call.span)
        if found.module is None:
            self.level.end(name, None, None)
            raise Poisoned
        item = ir.Call(name, found.module, call.span, self.turns)
        self.advance(item, found.module.output, call.span)

    def instantiate(self, frame: Frame, args: dict[str, Value], scope: Scope) -> Remembered:
        """Elaborate a block's body for these arguments on this shape."""
        assert self.shape is not None
        block, before = frame.block, self.session.limits.layers
        self.session.enter(frame)
        seq = block.block.seq
        level = Level(Names(seq), block=True)
        inner = Body(self.session, level, self.shape, self.origin)
        inner.open_names = {param.name for param in block.block.params}
        with self.evaluator.reading():
            inner.run(block.block.body, scope)
        self.session.frames.pop()
        layers = self.session.limits.layers - before
        if inner.shape is None:
            self.session.fragments.append(tuple(inner.items))
            return Remembered(None, layers)
        items, declared = tuple(inner.items), block.block
        module = ir.Module(
            block.name, tuple(args.items()), items, self.shape, inner.shape, seq,
            declared.span, declared.doc,
        )  # fmt: skip
        return Remembered(module, layers)

    # --- taps ---

    def tap(self, layer: t.Layer, form: t.From, scope: Scope) -> None:
        """`from path`: the flow goes on from an earlier labelled layer (L14)."""
        words = self.words(form.path, scope)
        up, shape, _ = self.level.find(words, form.path.span)
        if layer.label is not None:
            path = ".".join(words)
            label = layer.label.span.text
            help = f"label what follows it: `from {path} -> {label}: conv 64, 1x1`"
            raise fail("E0112", "a tap cannot have a label", layer.label.span, help=(help,))
        if shape is None:
            raise Poisoned
        lint.too_early(self.session.diagnostics, form.path, words, self.level.around(up).followed)
        self.session.leaves = True
        self.items.append(ir.Tap(".".join(words), shape, form.span, up))
        self.shape, self.origin = shape, form.span

    def meets(self, name: str, op: Op, path: t.Path, written: Written, scope: Scope) -> None:
        """A fork of what flows and of what stands at a path, without a body (L39)."""
        words, span = self.words(path, scope), written.call
        up, shape, item = self.level.find(words, path.span)
        if shape is None or self.shape is None:
            self.level.end(name, None, None)
            raise Poisoned
        self.session.limits.add_layers(1, span)
        single = item if isinstance(item, ir.Layer) and len(item.inputs) == 1 else None
        try:
            op = op.met(single.op if single else None)
            if op.places and single:
                shape = single.inputs[0]
            gives = checked(op.shape(self.shape, shape), span)
        except OpError as error:
            self.level.end(name, None, None)
            came = self.shape, self.origin
            raise explain.beside(error, op, written, came, path, shape) from None
        if self.session.open_sizes:
            check_open(op, written.spans, span)
        joined = ir.Layer(name, op, (self.shape, shape), gives, span, self.turns)
        tap = ir.Tap(".".join(words), shape, path.span, up, op.places)
        self.items.append(ir.Fork(((), (tap,)), joined))
        self.shape, self.origin = gives, span
        self.level.end(name, gives, joined)

    def shareable(self, words: tuple[str, ...], path: str, form: t.Share) -> ir.Layer | ir.Call:
        up, _, item = self.level.find(words, form.path.span)
        if isinstance(item, ir.Layer) and len(item.inputs) > 1:
            raise unfound.shared_fork(".".join(words), item, form.path.span)
        if item is None or up:
            raise (Poisoned if item is None else unfound.other_level(path, form.span))
        if self.shape is None:
            raise Poisoned
        arrives = item.inputs[0] if isinstance(item, ir.Layer) else item.module.input
        if self.shape == arrives:
            return item
        refused = explain.shared_shape(form, path, item, arrives, (self.shape, self.origin))
        if len(arrives) != 3 or len(self.shape) != 3 or arrives[0] != self.shape[0]:
            raise refused
        return self.resized(item, refused, form.span)

    def resized(
        self, item: ir.Layer | ir.Call, refused: SpecError, span: Span
    ) -> ir.Layer | ir.Call:
        """Shared layers on a map of another height and width; refused where weights hang on it."""
        from cnnspec.elaborate.again import Again, Unfit

        assert self.shape is not None
        again = self.session.again = self.session.again or Again()
        before = again.layers
        try:
            made = again.item(item, self.shape)
        except Unfit as unfit:
            raise explain.unfit(refused, unfit.layer, unfit.why) from None
        self.session.limits.add_layers(again.layers - before, span)
        return made

    def again(self, name: str, path: str, found: ir.Layer | ir.Call, form: t.Share) -> None:
        self.shared[name] = path
        self.items.append(ir.Shared(name, path, found, form.span))
        self.shape = found.shape if isinstance(found, ir.Layer) else found.module.output
        self.origin = form.span
        self.level.end(name, self.shape, found)
