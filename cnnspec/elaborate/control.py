"""The statements around the flow, for whoever walks a body: `let`, `default`, `if` and loops.

A walk with every number known (`body`) and one with open numbers (the PyTorch backend's) are the
same walk.  What differs are hooks: a condition that has no answer, a loop that stays a loop, what
a value becomes, and what is done about an error.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from typing import Any, ClassVar

from cnnspec.diagnostics import Label, fail
from cnnspec.elaborate.arithmetic import Poison, is_list
from cnnspec.elaborate.arms import is_identity
from cnnspec.elaborate.calls import Calls
from cnnspec.elaborate.evaluate import Evaluator
from cnnspec.elaborate.scope import Rule, Scope
from cnnspec.ops import ops
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Value, type_name

Spliced = tuple[t.Statement, Scope]
"""A statement that stands in a body or a fork, with the names that it sees."""

Rest = tuple[t.Statement, ...]
"""The statements behind an `if`."""


class Control(ABC):
    """Runs the statements of a body as if those of `if`, `for` and `repeat` stood in it (L11)."""

    caught: ClassVar[tuple[type[Exception], ...]]
    """Errors of one statement, which `failed` is given."""

    def __init__(self, evaluator: Evaluator, calls: Calls) -> None:
        self.evaluator, self.calls = evaluator, calls
        self.stopped = False
        """Whether a precondition failed: what stands below it was written for other values."""
        self.branches: tuple[Span, ...] = ()
        """The bodies of `if`s that the statement in hand stands in."""
        self.handlers: dict[type, Callable[[Any, Scope], None]] = {}
        """What is done with a statement that is none of control, by its type."""

    # --- hooks ---

    @property
    @abstractmethod
    def arriving(self) -> Any:
        """What `in` means where the statement in hand stands."""

    @abstractmethod
    def failed(self, error: Exception, written: t.Node, scope: Scope) -> None:
        """Do what is to be done about an error of a statement or layer."""

    @abstractmethod
    def misplaced(self, statement: t.Statement) -> None:
        """A statement that nothing handles here."""

    @abstractmethod
    def undecided(
        self, branch: t.If, condition: Any, scope: Scope, rest: Rest, fork: t.Fork | None
    ) -> Generator[Spliced, None, bool]:
        """An `if` whose condition has no answer; returns whether it has run the `rest` as well."""

    @abstractmethod
    def rounds(self, loop: t.For | t.Repeat, scope: Scope, fork: t.Fork | None) -> Iterator[Scope]:
        """A scope for each turn of a loop that is written out; none where it stays a loop."""

    def truth(self, condition: t.Expr, scope: Scope) -> Any:
        """A condition: True, False, or what it hangs on."""
        return self.evaluator.truth(condition, scope, self.arriving)

    @abstractmethod
    def kept(self, statement: t.Let, value: Value) -> Value:
        """What the name of a `let` stands for."""

    @abstractmethod
    def require(self, statement: t.Require, scope: Scope) -> None:
        """A precondition."""

    # --- the walk ---

    def run(self, body: t.Body, scope: Scope) -> None:
        """Run every statement of a body, one after another."""
        for statement, inner in self.splice(body.statements, scope):
            self.guarded(statement, inner)

    def guarded(self, statement: t.Statement, scope: Scope) -> None:
        """Run the handler of a statement, or say what is wrong in it."""
        try:
            handler = self.handlers.get(type(statement))
            if handler is None:
                self.misplaced(statement)
            else:
                handler(statement, scope)
        except self.caught as error:
            self.failed(error, statement, scope)

    def splice(
        self, statements: tuple[t.Statement, ...], scope: Scope, fork: t.Fork | None = None
    ) -> Iterator[Spliced]:
        """The statements as if those of `if`, `for` and `repeat` stood here (L11).

        One by one: a `let` or `default` holds for those below it.  `fork` is the one whose arms
        they are, None in a body.
        """
        for place, statement in enumerate(statements):
            if self.stopped:
                return
            try:
                match statement:
                    case t.Flow():
                        yield statement, scope
                    case t.Let():
                        self.let(statement, scope)
                    case t.Default():
                        declare_default(self.calls, statement, scope, "scope")
                    case t.Require():
                        self.require(statement, scope)
                    case t.If():
                        rest = statements[place + 1 :]
                        if (yield from self.conditional(statement, scope, rest, fork)):
                            return
                    case t.For() | t.Repeat():
                        for inner in self.rounds(statement, scope, fork):
                            yield from self.splice(statement.body.statements, inner, fork)
                    case _:
                        yield statement, scope
            except self.caught as error:
                self.failed(error, statement, scope)

    def conditional(
        self, statement: t.If, scope: Scope, rest: Rest, fork: t.Fork | None
    ) -> Generator[Spliced, None, bool]:
        """The statements of the way that is taken; returns whether the rest is run too."""
        branch: t.Body | t.If | None = statement
        while isinstance(branch, t.If):
            taken = self.truth(branch.condition, scope)
            if not isinstance(taken, bool):
                return (yield from self.undecided(branch, taken, scope, rest, fork))
            branch = branch.body if taken else branch.other
        if branch is not None:
            outer, self.branches = self.branches, (*self.branches, branch.span)
            way = branch if fork is not None else self.way(branch)
            yield from self.splice(way.statements, scope.inner(), fork)
            self.branches = outer
        return False

    def way(self, body: t.Body) -> t.Body:
        """A way of an `if` in a body: `skip`, alone in it, says that nothing is done.

        In a `seq` it is a child, which takes a number.
        """
        nothing = len(body.statements) == 1 and is_identity(body.statements[0])
        return t.Body(body.span, ()) if nothing and not self.numbers_children() else body

    @abstractmethod
    def numbers_children(self) -> bool:
        """Whether the body is a `seq`."""

    def let(self, statement: t.Let, scope: Scope) -> None:
        """Enter a value; a name that has one here already is an error (E0114)."""
        if statement.name in scope.values:
            message = f"`{statement.name}` has a value here already"
            first = scope.places.get(statement.name)
            labels = [Label(first, "the first is here")] if first else []
            raise fail("E0114", message, statement.name_span, labels=labels)
        value: Value = Poison()
        try:
            found = self.evaluator.value(statement.value, scope, self.arriving)
            value = self.kept(statement, found)
        finally:
            scope.values[statement.name] = value
            scope.places[statement.name] = statement.name_span


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


def turn_scope(loop: t.For | t.Repeat, item: Value, scope: Scope) -> Scope:
    """The scope of one turn: `for i, n in ...` takes an item apart, one name does not (L21)."""
    inner = scope.inner()
    if not isinstance(loop, t.For):
        return inner
    names = loop.names
    if len(names) == 1:
        inner.values[names[0]] = item
        return inner
    if not is_list(item) or len(item) != len(names):
        what = f"a list of {len(item)}" if is_list(item) else type_name(item)
        message = f"{len(names)} names, and each item is {what}"
        help = _numbered_rows(loop) or "one name takes an item whole: `for item in ...`"
        raise fail("E0211", message, loop.names_span, help=(help,))
    inner.values.update(zip(names, item, strict=True))
    return inner


def _numbered_rows(loop: t.For) -> str:
    """What `for i, a, b in enumerate(zip(x, y))` is here, where a loop takes one list apart."""
    match loop.iterable:
        case t.Apply(function=t.Name(name="enumerate"), args=(rows,)):
            lists = getattr(rows.value, "args", ())
            if getattr(getattr(rows.value, "function", None), "name", "") == "zip" and lists:
                first, words = lists[0].span.text, ", ".join(arg.span.text for arg in lists)
                return f"write `zip(range(len({first})), {words})`"
    return ""
