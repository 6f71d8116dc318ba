"""The statements around the flow: `let`, `default`, `require`, and those that splice (L11, L23).

After an error the shape is unknown (`None`): ops still check their names and arguments, nothing
says a second time what follows from the first error, and the next `=> shape` makes it known again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnnspec import ir
from cnnspec.diagnostics import Label, SpecError, fail
from cnnspec.elaborate.arithmetic import Poison, is_list
from cnnspec.elaborate.calls import Calls
from cnnspec.elaborate.evaluate import Poisoned
from cnnspec.elaborate.later import misuse
from cnnspec.elaborate.level import Level
from cnnspec.elaborate.limits import check_turns
from cnnspec.elaborate.scope import Rule, Scope
from cnnspec.elaborate.session import Session
from cnnspec.ops import ops
from cnnspec.records import replace
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Shape, Value, type_name


class Statements:
    """Runs the statements of a body; what flows is the business of the classes below it."""

    def __init__(self, session: Session, level: Level, shape: Shape | None, origin: Span) -> None:
        self.session, self.level = session, level
        self.shape: Shape | None = shape
        """What flows here; None while it is unknown."""
        self.origin = origin
        """The place that made the shape."""
        self.items: list[ir.Item] = []
        self.stopped = False
        """Whether a precondition failed: what stands below it was written for other values."""
        self.turns: tuple[ir.Turn, ...] = ()
        """The turns of loops that the statement in hand stands in."""
        self.branches: tuple[Span, ...] = ()
        """The bodies of `if`s that the statement in hand stands in."""
        self.open_names: set[str] = set()
        """Names whose values the parameters of the block or net decide."""
        self.handlers: dict[type, Callable[[Any, Scope], None]] = {}

    def run(self, body: t.Body, scope: Scope) -> None:
        """Elaborate every statement; one that fails poisons the flow and the next goes on."""
        with self.session.evaluator.reading():
            for statement, inner in self.splice(body.statements, scope):
                self.guarded(statement, inner)

    def guarded(self, statement: t.Statement, scope: Scope) -> None:
        """Run the handler of a statement, reporting what it raises."""
        try:
            handler = self.handlers.get(type(statement))
            if handler is None:
                word = statement.span.text.split(None, 1)[0]
                raise misuse.misplaced(word, "a block", statement.span)
            handler(statement, scope)
        except SpecError as error:
            self.report(error)
            self.forget(statement, scope)
        except Poisoned:
            self.poison()
            self.forget(statement, scope)

    def forget(self, written: t.Node, scope: Scope) -> None:
        """After an error: what a layer or statement would have named is unknown, not missing."""
        raise NotImplementedError

    def report(self, error: SpecError) -> None:
        """Keep a diagnostic, with the chain of calls that led to it, and poison the flow."""
        found, trace = self.session.caused(error.diagnostic), self.session.trace()
        self.session.diagnostics.add(replace(found, notes=(*found.notes, *trace)))
        self.poison()

    def poison(self) -> None:
        """What flows from here on is unknown, and the net is not whole."""
        self.session.poisonings += 1
        self.shape = None

    def splice(
        self, statements: tuple[t.Statement, ...], scope: Scope
    ) -> Iterator[tuple[t.Statement, Scope]]:
        """The statements as if those of `if`, `for` and `repeat` stood here (L11)."""
        for statement in statements:
            if self.stopped:
                return
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
                self.forget(statement, scope)
            except Poisoned:
                self.poison()
                self.forget(statement, scope)

    def let(self, statement: t.Let, scope: Scope) -> None:
        """Enter a value; a name that has one here already is an error (E0114)."""
        if statement.name in scope.values:
            message = f"`{statement.name}` has a value here already"
            first = scope.places.get(statement.name)
            labels = [Label(first, "the first is here")] if first else []
            raise fail("E0114", message, statement.name_span, labels=labels)
        value: Value = Poison()
        try:
            value = self.session.evaluator.value(statement.value, scope, self.shape)
        finally:
            scope.values[statement.name] = value
            if self.reads_open(statement.value):
                self.open_names.add(statement.name)
            scope.places[statement.name] = statement.name_span

    def default(self, statement: t.Default, scope: Scope) -> None:
        """Enter arguments and followers for what stands behind it in this scope."""
        declare_default(self.session.calls, statement, scope, "scope")

    def require(self, statement: t.Require, scope: Scope) -> None:
        """Refuse the net where a condition does not hold (E0210)."""
        if not self.session.evaluator.truth(statement.condition, scope, self.shape):
            text = statement.message or f"`{statement.condition.span.text}` does not hold"
            notes = misuse.where(statement.condition, scope)
            self.stopped = True
            raise fail("E0210", text, statement.span, note="required here", notes=notes)

    def conditional(self, statement: t.If, scope: Scope) -> Iterator[tuple[t.Statement, Scope]]:
        """The statements of the way that is taken."""
        branch: t.Body | t.If | None = statement
        while isinstance(branch, t.If):
            taken = self.session.evaluator.truth(branch.condition, scope, self.shape)
            branch = branch.body if taken else branch.other
        if branch is not None:
            outer, self.branches = self.branches, (*self.branches, branch.span)
            yield from self.splice(branch.statements, scope.inner())
            self.branches = outer

    def loop(self, statement: t.For, scope: Scope) -> Iterator[tuple[t.Statement, Scope]]:
        """The statements of every turn of a `for`, each in a scope of its own."""
        items = self.session.evaluator.items(statement.iterable, scope, self.shape)
        self.session.foresee(len(items), statement, scope, statement.iterable.span)
        opened = isinstance(items, range) and self.reads_open(statement.iterable)
        for number, item in enumerate(items):
            self.session.limits.add_expression(statement.names_span)
            inner = scope.inner()
            inner.values.update(taken_apart(statement, item))
            before = self.session.poisonings
            turn = ir.Turn(statement.span, len(items), number, opened)
            yield from self.turn(turn, statement.body, inner)
            if self.given_up(before):
                return

    def repeated(self, statement: t.Repeat, scope: Scope) -> Iterator[tuple[t.Statement, Scope]]:
        """The statements of every turn of a `repeat`."""
        count = self.session.evaluator.whole(statement.count, scope, self.shape)
        if count < 0:
            text = statement.count.span.text
            help = (f"`{text}` is {count} here, and a repeat takes 0 turns or more",)
            raise fail("E0109", f"a repeat of {count} turns", statement.count.span, help=help)
        check_turns(count, statement.count.span)
        self.session.foresee(count, statement, scope, statement.count.span)
        opened = self.reads_open(statement.count)
        for number in range(count):
            self.session.limits.add_expression(statement.count.span)
            before = self.session.poisonings
            turn = ir.Turn(statement.span, count, number, opened)
            yield from self.turn(turn, statement.body, scope.inner())
            if self.given_up(before):
                return

    def turn(
        self, turn: ir.Turn, body: t.Body, scope: Scope
    ) -> Iterator[tuple[t.Statement, Scope]]:
        """The statements of one turn, which their layers remember."""
        outer, self.turns = self.turns, (*self.turns, turn)
        yield from self.splice(body.statements, scope)
        self.turns = outer

    def given_up(self, before: int) -> bool:
        """Whether a turn of a loop failed: in the next ones the same would fail in other words."""
        if self.session.poisonings == before:
            return False
        self.level.unclear = True
        self.poison()
        return True

    def reads_open(self, expr: t.Node) -> bool:
        """Whether an expression reads what a parameter of the net decides."""
        waiting = [expr] if self.open_names else []
        while waiting:
            node = waiting.pop()
            if isinstance(node, t.Name) and node.name in self.open_names:
                return True
            waiting += node.children()
        return False


def declare_default(calls: Calls, default: t.Default, scope: Scope, where: str) -> None:
    """Enter a default into its scope; a wrong one leaves its op's calls unknown, not unchanged."""
    name = default.call.name
    if name in scope.rules:
        first = Label(scope.rules[name].span, "the first is here")
        message = f"a second default for {name} in this {where}"
        raise fail("E0114", message, default.span, labels=(first,))
    scope.rules[name] = Rule({}, (), default.span, poisoned=True)
    if name not in ops():
        scope.misled = scope.rules[name]
    scope.rules[name] = calls.rule(default, scope)


def taken_apart(statement: t.For, item: Value) -> dict[str, Value]:
    """`for i, n in ...`: one name takes the item, several take it apart (L21)."""
    names = statement.names
    if len(names) == 1:
        return {names[0]: item}
    if not is_list(item) or len(item) != len(names):
        what = f"a list of {len(item)}" if is_list(item) else type_name(item)
        message = f"{len(names)} names, and each item is {what}"
        help = "one name takes an item whole: `for item in ...`"
        raise fail("E0211", message, statement.names_span, help=(help,))
    return dict(zip(names, item, strict=True))
