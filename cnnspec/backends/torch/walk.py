"""Bodies to items: each block body is walked once, with the channels that arrive unknown.

It mirrors `cnnspec.elaborate.body`, which walks the same statements with every number known; here
an undecided `if` stays an `if` and an open loop stays a loop.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cnnspec.backends.torch.bind import bind_open
from cnnspec.backends.torch.conditions import Facts, decide, learn, merge
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.evaluate import Turns, holds_sym
from cnnspec.backends.torch.flow import after_join, after_op, arriving_shape, effect
from cnnspec.backends.torch.items import (
    AssignItem,
    CallItem,
    ContainerItem,
    Flow,
    ForkItem,
    IfItem,
    Item,
    LayerItem,
    LoopItem,
    Name,
    OutputItem,
    SharedItem,
    TapItem,
)
from cnnspec.backends.torch.naming import Names, safe
from cnnspec.backends.torch.observe import Observed, Seen, size_of
from cnnspec.backends.torch.symbols import UNKNOWN, Code, Sym, Var, expand, variables
from cnnspec.elaborate.calls import Values
from cnnspec.elaborate.scope import BlockValue, Scope
from cnnspec.ops.op import Op, TorchInput
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Value

if TYPE_CHECKING:
    from cnnspec.backends.torch.plan import Plans

UNROLLED = 8
"""Rounds of a loop that are written out where the flow is code, not a container."""


class NeedsModule(Exception):
    """A chain cannot say this: the body needs a `forward`."""

    def __init__(self, what: str, span: Span) -> None:
        super().__init__(what)
        self.what, self.span = what, span


class Walker:
    """Walks one body, carrying what flows and collecting items.

    `kind` is `seq` or `chain` for an nn.Sequential, `module` or `net` where there is a `forward`.
    """

    def __init__(self, plans: Plans, observed: Observed, flow: Flow, kind: str) -> None:
        self.plans, self.observed, self.flow, self.kind = plans, observed, flow, kind
        self.evaluator, self.calls = plans.evaluator, plans.calls
        self.names = Names(kind == "seq")
        self.prefix: Name | None = None
        self.items: list[Item] = []
        self.facts: Facts = ()
        self.unrolling = 0
        self.carried = "in_channels"
        self.ends: dict[str, Flow] = {}
        self.containers: dict[str, ContainerItem] = {}
        self.tapped: set[tuple[str, ...]] = set()
        self.outer: Walker | None = None

    @property
    def container(self) -> bool:
        """Whether the body becomes an nn.Sequential."""
        return self.kind in ("seq", "chain")

    @property
    def arriving(self) -> Any:
        """What `in` means here."""
        return _Arriving(self.flow)

    def inner(self, *, looping: bool = False) -> Walker:
        """A walker for an arm or a loop's body, at the same level."""
        again = Walker(self.plans, self.observed, self.flow, self.kind)
        again.names = self.names.copy(looping=looping)
        again.prefix, again.facts, again.unrolling = self.prefix, self.facts, self.unrolling
        again.carried, again.ends, again.tapped = self.carried, self.ends, self.tapped
        again.outer, again.containers = self.outer, self.containers
        return again

    # --- statements ---

    def run(self, body: t.Body, scope: Scope) -> None:
        """Walk every statement of a body."""
        for statement in body.statements:
            self.statement(statement, scope)

    def statement(self, statement: t.Statement, scope: Scope) -> None:
        """Walk one statement; claims, recipes and what `require` checked leave no code."""
        match statement:
            case t.Let():
                self.let(statement, scope)
            case t.Default():
                name, rule = self.calls.rule(statement, scope)
                scope.rules[name] = rule
            case t.If():
                self.conditional(statement, scope)
            case t.For() | t.Repeat():
                self.loop(statement, scope)
            case t.Flow():
                self.chain(statement.layers, scope)
                self.assertion(statement.asserted, scope)
            case t.Output():
                self.output(statement, scope)
            case t.Input():
                self.input(statement, scope)

    def input(self, statement: t.Input, scope: Scope) -> None:
        """Where the image enters: every number of its shape is known."""
        if self.ends:
            raise BackendError("a second input", statement.span)
        sizes = [self.evaluator.value(n, scope, self.arriving) for n in statement.shape.sizes]
        if any(isinstance(n, Sym) for n in sizes):
            raise BackendError("the size of the input is open", statement.span)
        (seen,) = self.observed.inputs()
        self.flow = Flow(sizes[0], sizes[0], tuple(int(n) for n in seen[1:]), None, seen)
        self.ends[statement.name or "image"] = self.flow

    def let(self, statement: t.Let, scope: Scope) -> None:
        """An open value becomes a local variable of the same name."""
        value = self.evaluator.value(statement.value, scope, self.arriving)
        scope.values[statement.name] = value
        if not isinstance(value, Sym) or isinstance(value, Var) or self.unrolling:
            return
        name = safe(statement.name)
        whole = expand(value)
        scope.values[statement.name] = Var(name, UNKNOWN if whole is None else whole)
        self.items.append(AssignItem(name, value))

    def assertion(self, asserted: t.ShapeExpr | None, scope: Scope) -> None:
        """`=> 512x7x7` gives channels that a loop has left open."""
        if asserted is None:
            return
        channels = self.evaluator.value(asserted.sizes[0], scope, self.arriving)
        lost = expand(self.flow.channels) is None
        if lost and not isinstance(channels, Sym):
            self.flow = Flow(channels, channels, self.flow.size, self.flow.scale)
        elif self.flow.closed is None:
            self.flow = Flow(self.flow.channels, channels, self.flow.size, self.flow.scale)

    # --- conditions ---

    def conditional(self, statement: t.If, scope: Scope) -> None:
        """Decide what can be decided; what is left stays an `if`."""
        arms: list[tuple[Code | None, t.Body, Facts]] = []
        branch: t.Body | t.If | None = statement
        facts = self.facts
        while isinstance(branch, t.If):
            value = self.evaluator.value(branch.condition, scope, self.arriving)
            condition = decide(value, facts)
            if condition is True:
                branch = branch.body
                break
            if condition is not False:
                arms.append((condition, branch.body, learn(facts, condition, True)))
                facts = learn(facts, condition, False)
            branch = branch.other
        if branch is not None and not isinstance(branch, t.If):
            if not arms:
                self.run(branch, scope.inner())
                return
            arms.append((None, branch, facts))
        if arms:
            self.branches(arms, scope)

    def branches(self, arms: list[tuple[Code | None, t.Body, Facts]], scope: Scope) -> None:
        """An undecided conditional; without `else` its last arm is the identity."""
        walked = self.walk_arms(arms, scope)
        channels = self.merged([w.flow.channels for w in walked], arms)
        if self.container and _undecided(channels) and channels != self.flow.channels:
            self.carry(self.flow.channels)
            walked = self.walk_arms(arms, scope)
            for arm in walked:
                arm.update()
            closed = self.merged([w.flow.closed for w in walked], arms)
            channels = Var(self.carried, UNKNOWN if closed is None else closed)
        else:
            closed = self.merged([w.flow.closed for w in walked], arms)
        scale = self.merged([w.flow.scale for w in walked], arms)
        sizes = {w.flow.size for w in walked}
        self.names.merge([w.names for w in walked])
        written = [(c, w.items) for (c, _, _), w in zip(arms, walked, strict=False)]
        self.items.append(IfItem(written))
        size = sizes.pop() if len(sizes) == 1 else None
        self.flow = Flow(channels, closed, size, scale)

    def walk_arms(
        self, arms: list[tuple[Code | None, t.Body, Facts]], scope: Scope
    ) -> list[Walker]:
        """Each arm from the same place; the identity last where there is no `else`."""
        walked = []
        for _, body, facts in arms:
            arm = self.inner()
            arm.facts = facts
            arm.run(body, scope.inner())
            walked.append(arm)
        return walked if arms[-1][0] is None else [*walked, self.inner()]

    def merged(self, values: list[Code], arms: list[tuple[Code | None, t.Body, Facts]]) -> Code:
        """One expression for what the arms give."""
        result = values[-1]
        conditions = [c for c, _, _ in arms if c is not None]
        for condition, value in reversed(list(zip(conditions, values, strict=False))):
            result = merge(value, condition, result)
        return result

    def carry(self, channels: Code) -> None:
        """Put the channels into the running variable, unless they are in it."""
        if channels != Var(self.carried):
            self.items.append(AssignItem(self.carried, channels))
            whole = expand(channels)
            now = Var(self.carried, UNKNOWN if whole is None else whole)
            self.flow = Flow(now, self.flow.closed, self.flow.size, self.flow.scale)

    def update(self) -> None:
        """At the end of a turn or arm: what it made of the running variable."""
        if self.flow.channels != Var(self.carried):
            self.items.append(AssignItem(self.carried, self.flow.channels))
            whole = expand(self.flow.channels)
            now = Var(self.carried, UNKNOWN if whole is None else whole)
            self.flow = Flow(now, self.flow.closed, self.flow.size, self.flow.scale)

    # --- loops ---

    def loop(self, statement: t.For | t.Repeat, scope: Scope) -> None:
        """Written out where rounds are few and known, else a Python loop."""
        turns = self.turns(statement, scope)
        if turns.entries is not None and self.written_out(turns):
            self.unroll(statement, turns.entries, scope)
        elif self.container and turns.text:
            self.open_loop(statement, turns, scope)
        else:
            message = f"a loop of {turns.count} rounds outside a `seq` or labelled braces"
            raise BackendError(message, statement.span, "put it into `label: seq { }`")

    def turns(self, statement: t.For | t.Repeat, scope: Scope) -> Turns:
        if isinstance(statement, t.For):
            return self.evaluator.turns(statement.iterable, scope, self.arriving)
        count = self.evaluator.value(statement.count, scope, self.arriving)
        entries = None if isinstance(count, Sym) else tuple(range(count))
        return Turns(f"range({count})", count, entries)

    def written_out(self, turns: Turns) -> bool:
        """Whether to unroll: always without a Python spelling; else 8 rounds of a `forward`."""
        if not turns.text:
            return True
        few = turns.entries is not None and len(turns.entries) <= UNROLLED
        open_list = holds_sym(turns.entries)
        return few and not (self.container and (open_list or len(turns.entries or ()) > 2))

    def unroll(self, statement: t.For | t.Repeat, entries: tuple[Value, ...], scope: Scope) -> None:
        self.unrolling += 1
        for entry in entries:
            inner = scope.inner()
            if isinstance(statement, t.For):
                inner.values.update(_apart(statement.names, entry))
            self.run(statement.body, inner)
        self.unrolling -= 1

    def open_loop(self, statement: t.For | t.Repeat, turns: Turns, scope: Scope) -> None:
        """A Python loop; channels that change from turn to turn are a running variable."""
        inner_scope = scope.inner()
        words = [safe(n) for n in statement.names] if isinstance(statement, t.For) else ["_"]
        if isinstance(statement, t.For):
            entries: Any = tuple(Var(w) for w in words)
            inner_scope.values.update(dict(zip(statement.names, entries, strict=True)))
        head = f"for {', '.join(words)} in {turns.text}"
        before = self.flow
        body = self.turn(statement.body, inner_scope)
        if body.flow.channels != before.channels:
            self.carry(before.channels)
            fixed = Flow(Var(self.carried), Var(self.carried), before.size, before.scale)
            self.flow = fixed
            body = self.turn(statement.body, inner_scope)
            made = body.flow.closed
            body.update()
            closed = effect(before.closed, made, Var(self.carried), turns.count, set(words))
            channels: Code = Var(self.carried, UNKNOWN if closed is None else closed)
        else:
            channels, closed = before.channels, before.closed
        scale = before.scale if body.flow.scale == before.scale else None
        size = before.size if body.flow.size == before.size else None
        self.items.append(LoopItem(head, body.items))
        self.flow = Flow(channels, closed, self.size_after(body, size), scale)
        self.names.merge([self.names, body.names])
        if self.names.seq:
            self.names.count = None

    def turn(self, body: t.Body, scope: Scope) -> Walker:
        """One turn of a loop, from the flow as it is."""
        again = self.inner(looping=True)
        copied = Scope(scope.outer, dict(scope.values), dict(scope.rules))
        again.run(body, copied)
        return again

    def size_after(self, body: Walker, size: tuple[int, ...] | None) -> tuple[int, ...] | None:
        return () if body.flow.vector else size

    # --- layers ---

    def chain(self, layers: tuple[t.Layer, ...], scope: Scope) -> None:
        for layer in layers:
            self.layer(layer, scope)

    def layer(self, layer: t.Layer, scope: Scope) -> None:
        form = layer.form
        match form:
            case t.Call():
                callee = self.calls.callee(form.name, form.name_span, scope)
                values = self.calls.values(form.args, scope, self.arriving)
                if isinstance(callee, BlockValue):
                    self.block(layer, form, callee, values, scope)
                else:
                    self.op(layer, form, callee, values, scope)
            case t.Fork():
                self.fork(layer, form, scope)
            case t.Seq():
                self.nested(layer, form.body, scope, "seq")
            case t.Group() if layer.label is None:
                self.run(form.body, scope.inner())
            case t.Group():
                self.nested(layer, form.body, scope, "chain")
            case t.From():
                self.tap(form, scope)
            case t.Share():
                self.share(layer, form, scope)

    def label(self, layer: t.Layer, scope: Scope) -> Name | None:
        """The label; open where a loop variable is in it."""
        if layer.label is None:
            return None
        text = layer.label.text
        if isinstance(text, str):
            return Name((text,))
        parts: list[Any] = []
        for part in text.parts:
            value = part if isinstance(part, str) else self.evaluator.value(part, scope)
            parts.append(value if isinstance(value, str | Sym) else str(value))
        name = Name(tuple(parts))
        return Name((name.fixed,)) if name.fixed is not None else name

    def named(self, layer: t.Layer, kind: str, scope: Scope) -> Name:
        label = self.label(layer, scope)
        if label is None:
            return self.names.automatic(kind)
        return self.names.take(label)

    def op(self, layer: t.Layer, call: t.Call, cls: type[Op], values: Values, scope: Scope) -> None:
        """An op as written, then the followers of its default (L19)."""
        rule = scope.rule(cls.name)
        keywords = {**(rule.keywords if rule else {}), **values.keywords}
        name = self.named(layer, cls.name, scope)
        self.leaf(name, cls, values.positional, keywords, call.span)
        if rule is None or call.bare:
            return
        label = self.label(layer, scope)
        for follower in rule.followers:
            kind, own = follower.op.name, scope.rule(follower.op.name)
            if label is None:
                name = self.names.automatic(kind)
            else:
                name = self.names.follower(label, cls.name, kind)
            keywords = {**(own.keywords if own else {}), **follower.keywords}
            self.leaf(name, follower.op, follower.positional, keywords, call.span)

    def leaf(
        self, name: Name, cls: type[Op], positional: Any, keywords: dict[str, Value], span: Span
    ) -> None:
        """Put one op into the flow."""
        op = bind_open(cls, positional, keywords)
        seen = self.observed.at(self.prefix, name, cls.name)
        form = op.torch(TorchInput(self.flow.channels, arriving_shape(self.flow, seen)))
        if self.container and not form.module:
            raise NeedsModule(f"`{cls.name}`", span)
        if self.container and form.pad is not None:
            raise NeedsModule("unequal padding", span)
        after = after_op(op, self.flow, seen, span)
        after = _shown(after, seen)
        self.append(LayerItem(name, op, form, self.flow, after, span), name, after)

    def append(self, item: Item, name: Name, after: Flow) -> None:
        """Add an item that has a path; the flow goes on from it."""
        self.items.append(item)
        self.flow = after
        if name.fixed is not None:
            self.ends[name.fixed] = after

    def block(
        self, layer: t.Layer, call: t.Call, block: BlockValue, values: Values, scope: Scope
    ) -> None:
        """A call of a block: a class, and the arguments that stay."""
        name = self.named(layer, block.name, scope)
        plan, args, channels, scale = self.plans.call(
            block, values, self.flow, self.arriving, call.span
        )
        seen = self.observed.at(self.prefix, name, "")
        size = size_of([s[1] for s in seen]) if seen else self.flow.size
        if plan.leaves.vector:
            size, scale = (), None
        elif scale is not None and self.flow.scale is not None:
            scale = self.flow.scale * scale
        else:
            scale = None
        if channels is None:
            channels = Var(f"channels_of_{block.name}", UNKNOWN)
        closed = expand(channels)
        after = _shown(Flow(channels, closed, size, scale), seen)
        written = (("", self.flow.channels), *args)
        self.append(CallItem(name, plan, written, after, call.span), name, after)

    def nested(self, layer: t.Layer, body: t.Body, scope: Scope, kind: str) -> None:
        """An inline `seq` or labelled braces."""
        name = self.named(layer, "seq", scope)
        inner = Walker(self.plans, self.observed, self.flow, kind)
        inner.prefix = Name((*self.prefix.parts, ".", *name.parts)) if self.prefix else name
        inner.facts, inner.unrolling = self.facts, 0
        inner.outer, inner.tapped = self, self.tapped
        if self.kind == "module" or self.carried != "in_channels":
            inner.carried = "width"
        try:
            inner.run(body, scope.inner())
        except NeedsModule as needs:
            message = f"`{layer.span.text.split()[0]}` holds {needs.what}"
            raise BackendError(message, needs.span, "make it a block") from None
        after = _shown(inner.flow, self.observed.at(self.prefix, name, ""))
        item = ContainerItem(name, inner.items, kind == "seq", after, layer.span)
        self.append(item, name, after)
        if name.fixed is not None:
            self.containers[name.fixed] = item

    # --- forks and taps ---

    def fork(self, layer: t.Layer, fork: t.Fork, scope: Scope) -> None:
        """Each statement is an arm from what arrives (L10)."""
        if self.container:
            raise NeedsModule("a fork", fork.span)
        cls = self.calls.callee(fork.name, fork.name_span, scope)
        assert not isinstance(cls, BlockValue)
        start, outer = self.flow, self.items
        arms: list[tuple[list[Item], Flow]] = []
        for statement, inner in self.splice(fork.body.statements, scope.inner()):
            self.flow, self.items = start, []
            if not _is_identity(statement):
                self.statement(statement, inner)
            arms.append((self.items, self.flow))
        self.flow, self.items = start, outer
        op = bind_open(cls, [], {})
        name = self.named(layer, cls.name, scope)
        seen = self.observed.at(self.prefix, name, cls.name)
        after = _shown(after_join(op, [flow for _, flow in arms], seen), seen)
        inputs = [TorchInput(f.channels, arriving_shape(f, [])) for _, f in arms]
        join = LayerItem(name, op, op.torch(*inputs), start, after, fork.span)
        self.append(ForkItem([items for items, _ in arms], join), name, after)

    def splice(
        self, statements: tuple[t.Statement, ...], scope: Scope
    ) -> list[tuple[t.Statement, Scope]]:
        """The arms of a fork, those of decided `if`s and written-out loops among them."""
        arms: list[tuple[t.Statement, Scope]] = []
        for statement in statements:
            match statement:
                case t.If():
                    arms += self.splice_if(statement, scope)
                case t.For() | t.Repeat():
                    turns = self.turns(statement, scope)
                    if turns.entries is None:
                        raise BackendError("an open number of arms", statement.span)
                    for entry in turns.entries:
                        inner = scope.inner()
                        if isinstance(statement, t.For):
                            inner.values.update(_apart(statement.names, entry))
                        arms += self.splice(statement.body.statements, inner)
                case t.Let() | t.Default():
                    self.statement(statement, scope)
                case t.Require():
                    pass
                case _:
                    arms.append((statement, scope))
        return arms

    def splice_if(self, statement: t.If, scope: Scope) -> list[tuple[t.Statement, Scope]]:
        branch: t.Body | t.If | None = statement
        while isinstance(branch, t.If):
            value = self.evaluator.value(branch.condition, scope, self.arriving)
            condition = decide(value, self.facts)
            if isinstance(condition, Sym):
                raise BackendError("whether this arm exists is open", statement.span)
            branch = branch.body if condition else branch.other
        return self.splice(branch.statements, scope.inner()) if branch else []

    def words(self, path: t.Path, scope: Scope) -> tuple[str, ...]:
        words: list[str] = []
        for part in path.parts:
            if isinstance(part, str):
                words += part.split(".")
            elif isinstance(part, t.Template):
                label = self.label(t.Layer(part.span, t.Label(part.span, part), None), scope)  # type: ignore[arg-type]
                words += ((label.fixed if label else None) or "").split(".")
            else:
                words.append(str(self.evaluator.value(part, scope, self.arriving)))
        return tuple(words)

    def tap(self, form: t.From, scope: Scope) -> None:
        """`from path`: the flow goes on from an earlier layer of this level."""
        if self.container:
            raise NeedsModule("a tap", form.span)
        words = self.words(form.path, scope)
        flow = self.found(words, form.span)
        if self.carried in variables(flow.channels) and self.kind == "net":
            raise BackendError("the channels of this tap are lost in a loop", form.span)
        self.tapped.add(words)
        self.items.append(TapItem(words, flow, form.span))
        self.flow = flow

    def found(self, words: tuple[str, ...], span: Span) -> Flow:
        """What flows at an earlier layer, or at a child of an inline container."""
        for end in range(len(words), 0, -1):
            head = ".".join(words[:end])
            if head in self.ends:
                return self.ends[head] if end == len(words) else self.child(words, end, span)
        raise BackendError(f"no layer `{'.'.join(words)}` to tap here", span)

    def child(self, words: tuple[str, ...], end: int, span: Span) -> Flow:
        """What flows at a child of an inline `seq` or labelled braces."""
        container = self.containers.get(".".join(words[:end]))
        for place, item in enumerate(container.items if container else ()):
            if not container or not isinstance(item, LayerItem | CallItem):
                break
            label = str(place) if container.seq else item.name.fixed
            if (label,) == words[end:]:
                return item.after
        raise BackendError(f"`{'.'.join(words)}` lies inside a block", span, "tap the block's end")

    def share(self, layer: t.Layer, form: t.Share, scope: Scope) -> None:
        """`share path`: the same attribute once more."""
        if self.container:
            raise NeedsModule("`share`", form.span)
        words = self.words(form.path, scope)
        flow = self.found(words, form.span)
        name = self.named(layer, "share", scope)
        seen = self.observed.at(self.prefix, name, "")
        size = size_of([s[1] for s in seen]) if seen else None
        after = Flow(flow.channels, flow.closed, () if flow.vector else size, None)
        self.append(SharedItem(name, words, after, form.span), name, after)

    def output(self, statement: t.Output, scope: Scope) -> None:
        """`output` and `aux` leave the flow and do not change it (L15)."""
        before, outer = self.flow, self.items
        self.items = []
        layers = statement.flow.layers
        if layers and isinstance(layers[0].form, t.From):
            self.chain(layers[:1], scope)
            layers = layers[1:]
        label = t.Label(statement.name_span, statement.name)
        if len(layers) == 1 and layers[0].label is None:
            self.chain((t.Layer(layers[0].span, label, layers[0].form),), scope)
        elif layers:
            flow = t.Flow(statement.flow.span, "", layers, None)
            body = t.Body(flow.span, (flow,))
            self.chain((t.Layer(flow.span, label, t.Group(flow.span, body)),), scope)
        items, after = self.items, self.flow
        self.items, self.flow = outer, before
        kind: Any = statement.kind
        self.items.append(OutputItem(kind, statement.name, items, after, statement.span))


class _Arriving(tuple):  # type: ignore[type-arg]
    """What `in` means: channels as an expression, height and width where they are numbers."""

    def __new__(cls, flow: Flow) -> _Arriving:
        size = flow.size if flow.size is not None else (None, None)
        return super().__new__(cls, (flow.channels, *size))

    def __getitem__(self, index: Any) -> Any:
        value = super().__getitem__(index)
        if value is None:
            raise BackendError("the height or width that arrives here differs between calls")
        return value


def _shown(flow: Flow, seen: list[Seen]) -> Flow:
    """The flow with a shape seen at this place."""
    return replace(flow, example=seen[0][1]) if seen else flow


def _undecided(channels: Code) -> bool:
    from cnnspec.backends.torch.symbols import Either

    return isinstance(channels, Either) or channels is None


def _apart(names: tuple[str, ...], entry: Value) -> dict[str, Value]:
    """`for i, n in ...`: the parts of one turn."""
    return {names[0]: entry} if len(names) == 1 else dict(zip(names, entry, strict=True))


def _is_identity(statement: t.Statement) -> bool:
    """`skip` or `{ }` as an arm."""
    if not isinstance(statement, t.Flow) or len(statement.layers) != 1:
        return False
    (layer,) = statement.layers
    form = layer.form
    if layer.label is not None:
        return False
    if isinstance(form, t.Group):
        return not form.body.statements
    return isinstance(form, t.Call) and form.name == "skip" and not form.args
