"""Bodies to items: each block body is walked once, with the channels that arrive unknown.

It is the walk of the elaborator (`cnnspec.elaborate.control`) with open numbers: an undecided `if`
stays an `if` and an open loop stays a loop.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, NoReturn

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow, Name, Words
from cnnspec.backends.torch.program.items import AssignItem, OutputItem, Plain, TapItem
from cnnspec.backends.torch.python.lists import numbers_in
from cnnspec.backends.torch.python.symbols import Sym, Var, expand
from cnnspec.backends.torch.specialise import branches, forks, levels, loops, taps
from cnnspec.backends.torch.specialise.conditions import decide
from cnnspec.backends.torch.specialise.numbering import OpenNames
from cnnspec.backends.torch.specialise.observe import Observed
from cnnspec.backends.torch.specialise.opened import OpenWalk
from cnnspec.backends.torch.specialise.shapes import after_op, arriving_shape
from cnnspec.backends.torch.specialise.state import Classes, shown
from cnnspec.diagnostics import SpecError
from cnnspec.elaborate.control import Rest, Spliced
from cnnspec.elaborate.scope import BlockValue, Rule, Scope
from cnnspec.elaborate.walk import Written, counted
from cnnspec.ops.arguments import ArgumentError
from cnnspec.ops.op import Op, OpError, TorchInput
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Value


class Walker(OpenWalk):
    """Walks one body, carrying what flows and collecting items."""

    caught = (SpecError, OpError, ArgumentError, BackendError)

    def __init__(self, plans: Classes, observed: Observed, flow: Flow, kind: str) -> None:
        super().__init__(plans, observed, flow, kind)
        self.handlers |= {
            t.Flow: self.walk_flow,
            t.Output: self.output,
            t.Input: self.input,
            branches.OpenIf: self.open_if,
        }

    def failed(self, error: Exception, written: t.Node, scope: Scope) -> NoReturn:
        """What goes wrong in a statement or layer has a place.

        The elaborator has checked what the calls of this net reach, with every number known; an
        arm that none of them takes is walked here for the first time.
        """
        match error:
            case BackendError():
                error.stand_at(written.span)
                raise error
            case SpecError():
                raise BackendError(_UNSEEN + error.diagnostic.message, written.span) from error
            case OpError() | ArgumentError():
                raise BackendError(_UNSEEN + error.message, written.span) from error
        raise error

    def truth(self, condition: t.Expr, scope: Scope) -> Any:
        return decide(super().truth(condition, scope), self.facts)

    def misplaced(self, statement: t.Statement) -> None:
        """Claims and recipes leave no code."""

    def require(self, statement: t.Require, scope: Scope) -> None:
        """What `require` checked leaves no code."""

    def input(self, statement: t.Input, scope: Scope) -> None:
        """Where the image enters: every number of its shape is known."""
        name = statement.name or "image"
        sizes = [self.evaluator.value(n, scope, self.arriving) for n in statement.shape.sizes]
        if any(isinstance(n, Sym) for n in sizes):
            what = "the size of the input is open"
            raise BackendError(what, statement.span, numbers=numbers_in(tuple(sizes)))
        seen = tuple(map(int, sizes))
        if not self.labels.ends:
            (seen,) = self.observed.inputs()
        flow = Flow(seen[0], seen[0], seen[1:], None, seen)
        if self.labels.ends:
            self.labels.tapped.add((name,))
            self.items.append(TapItem((name,), flow, statement.span))
        self.flow = self.labels.ends[name] = flow

    def kept(self, statement: t.Let, value: Value) -> Value:
        """An open value becomes a local variable of the same name."""
        if not isinstance(value, Sym) or self.unrolling:
            return value
        if isinstance(value, Var) and not (self.careful and self.is_running(value)):
            return value
        name = self.local(statement, statement.name)
        now = self.now(name, expand(value))
        self.items.append(AssignItem(name, value, now.version))
        return now

    def asserted(self, statement: t.Flow, scope: Scope, before: Any) -> None:
        """`=> 512x7x7` gives channels that a loop has left open."""
        assert statement.asserted is not None
        channels = self.evaluator.value(statement.asserted.sizes[0], scope, self.arriving)
        lost = expand(self.flow.channels) is None
        if lost and not isinstance(channels, Sym):
            self.flow = Flow(channels, channels, self.flow.size, self.flow.scale)
        elif self.flow.closed is None:
            self.flow = Flow(self.flow.channels, channels, self.flow.size, self.flow.scale)

    def branch(self, statement: t.Output) -> OutputItem:
        kind: Any = statement.kind
        return OutputItem(kind, str(statement.name), self.items, self.flow, statement.span)

    # --- names ---

    def number(self, part: t.Expr, scope: Scope) -> Any:
        value = self.evaluator.value(part, scope, self.arriving)
        if not isinstance(value, Sym):
            return counted(value, part.span)
        whole = expand(value)  # `forward` does not see the constructor's locals
        return value if whole is None else whole

    def spelt(self, parts: list[Any]) -> Name:
        name = Name(tuple(parts))
        return Name((name.fixed,)) if name.fixed is not None else name

    def fresh(self) -> OpenNames:
        return OpenNames()

    def behind(self, output: Name, name: Name, span: Span) -> Name:
        """The same; the container of an output's layers is written word by word."""
        if name.fixed is None:
            numbers = numbers_in(name.parts)
            raise BackendError("a dotted label with an open number", span, numbers=numbers)
        return Name((f"{output.fixed}.{name.fixed}",))

    def holds(self, words: Words) -> bool:
        return self.labels.holds(words)

    def whole(self, name: Name, span: Span) -> str:
        if name.fixed is None:
            numbers = numbers_in(name.parts)
            raise BackendError("the name of this output is open", span, numbers=numbers)
        return name.fixed

    def dotted(self, name: Name) -> list[str]:
        return name.words

    def index(self, part: t.Expr, scope: Scope) -> str:
        """What is open in a path stands in braces: `layer{i}`."""
        value = self.evaluator.value(part, scope, self.arriving)
        return Name((value,)).text if isinstance(value, Sym) else str(value)

    # --- ops ---

    def leaf(
        self,
        name: Name,
        op: Op,
        span: Span,
        spans: dict[str | int, Span],
        rule: Rule | None = None,
        follows: Span | None = None,
    ) -> None:
        seen = self.observed.at(self.prefix, name, op.name)
        arrives = TorchInput(self.flow.channels, arriving_shape(self.flow, seen), self.flow.size)
        after = shown(after_op(op, self.flow, seen, span), seen)
        self.put(name, op, op.torch(arrives), after, span)

    def skip(self, layer: t.Layer, call: t.Call, cls: type[Op], scope: Scope) -> None:
        """An identity in an `if` that no call takes: a layer as others are."""
        self.op(layer, call, cls, scope)

    def block(self, layer: t.Layer, call: t.Call, block: BlockValue, scope: Scope) -> None:
        """A call of a block: a class, and the arguments that stay."""
        name, values = self.called_with(layer, call, block, scope)
        self.numbered(name, call.span)
        site = self.site(call.span, name)
        plan, bound = self.plans.call(block, values, self.exported(name), site)
        self.called(name, plan, bound, call.span, ())

    # --- what makes several items, or decides between them ---

    def undecided(
        self, branch: t.If, condition: Any, scope: Scope, rest: Rest, fork: t.Fork | None
    ) -> Generator[Spliced, None, bool]:
        return branches.undecided(self, branch, condition, scope, rest, fork)

    def open_if(self, statement: branches.OpenIf, scope: Scope) -> None:
        """An `if` without an answer, and what stands behind it."""
        branches.with_rest(self, statement, scope)

    def rounds(self, loop: t.For | t.Repeat, scope: Scope, fork: t.Fork | None) -> Iterator[Scope]:
        return loops.rounds(self, loop, scope, fork)

    def group(self, group: t.Group, scope: Scope) -> None:
        self.run(group.body, scope.inner())

    def nested(self, layer: t.Layer, body: t.Body, scope: Scope, *, seq: bool) -> None:
        levels.nested(self, layer, body, scope, seq=seq)

    def join(self, layer: t.Layer, fork: t.Fork, cls: type[Op], scope: Scope) -> None:
        forks.join(self, layer, fork, cls, scope)

    def meets(self, name: Name, op: Op, path: t.Path, written: Written, scope: Scope) -> None:
        forks.meets(self, name, op, path, written, scope)

    def arm(self, statement: t.Statement, scope: Scope) -> None:
        self.run(t.Body(statement.span, (statement,)), scope)

    def made(self, statement: t.Statement) -> forks.Arm:
        return forks.Arm(self.items, self.flow, statement)

    def goes_on(self, arm: forks.Arm) -> None:
        self.flow = arm.flow

    def tap(self, layer: t.Layer, form: t.From, scope: Scope) -> None:
        taps.tap(self, layer, form, scope)

    def shareable(self, words: Words, path: str, form: t.Share) -> tuple[Plain, Flow]:
        return taps.shareable(self, words, path, form)

    def again(self, name: Name, path: str, found: tuple[Plain, Flow], form: t.Share) -> None:
        taps.again(self, name, path, found, form)


_UNSEEN = "with open numbers, or in an arm that no call takes: "
