"""What the elaborator does at statements of control: it counts, reports, and goes on (L11, L23).

After an error the shape is unknown (`None`): ops still check their names and arguments, nothing
says a second time what follows from the first error, and the next `=> shape` makes it known again.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from cnnspec import ir
from cnnspec.diagnostics import SpecError, fail
from cnnspec.elaborate.control import Rest, Spliced, turn_scope
from cnnspec.elaborate.evaluate import Poisoned
from cnnspec.elaborate.later import misuse
from cnnspec.elaborate.level import Level
from cnnspec.elaborate.limits import check_turns
from cnnspec.elaborate.scope import Scope
from cnnspec.elaborate.session import Session
from cnnspec.elaborate.walk import Walk
from cnnspec.records import replace
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Shape, Value


class Statements(Walk[str]):
    """Runs the statements of a body; what flows is the business of the classes below it."""

    caught = (SpecError, Poisoned)

    def __init__(self, session: Session, level: Level, shape: Shape | None, origin: Span) -> None:
        super().__init__(session.evaluator, session.calls)
        self.session, self.level = session, level
        self.names, self.shared = level.names, level.shared
        self.shape: Shape | None = shape
        """What flows here; None while it is unknown."""
        self.origin = origin
        """The place that made the shape."""
        self.items: list[ir.Item] = []
        self.turns: tuple[ir.Turn, ...] = ()
        """The turns of loops that the statement in hand stands in."""
        self.leader = ""
        """The layer that those of a default follow."""
        self.open_names: set[str] = set()
        """Names whose values the parameters of the block or net decide."""

    @property
    def arriving(self) -> Shape | None:
        return self.shape

    @property
    def flowing(self) -> tuple[Shape | None, Span]:
        """The shape and the place that made it."""
        return self.shape, self.origin

    @flowing.setter
    def flowing(self, flowing: tuple[Shape | None, Span]) -> None:
        self.shape, self.origin = flowing

    def misplaced(self, statement: t.Statement) -> None:
        word = statement.span.text.split(None, 1)[0]
        raise misuse.misplaced(word, "a block", statement.span)

    def failed(self, error: Exception, written: t.Node, scope: Scope) -> None:
        """Report an error, unless it follows from one; what is written here names is unknown."""
        if isinstance(error, SpecError):
            self.report(error)
        else:
            self.poison()
        self.forget(written, scope)

    @abstractmethod
    def forget(self, written: t.Node, scope: Scope) -> None:
        """After an error: what a layer or statement would have named is unknown, not missing."""

    def report(self, error: SpecError) -> None:
        """Keep a diagnostic, with the chain of calls that led to it, and poison the flow."""
        found, trace = self.session.caused(error.diagnostic), self.session.trace()
        self.session.diagnostics.add(replace(found, notes=(*found.notes, *trace)))
        self.poison()

    def poison(self) -> None:
        """What flows from here on is unknown, and the net is not whole."""
        self.session.poisonings += 1
        self.shape = None

    def kept(self, statement: t.Let, value: Value) -> Value:
        if self.reads_open(statement.value):
            self.open_names.add(statement.name)
        return value

    def require(self, statement: t.Require, scope: Scope) -> None:
        """Refuse the net where a condition does not hold (E0210)."""
        if not self.truth(statement.condition, scope):
            text = statement.message or f"`{statement.condition.span.text}` does not hold"
            notes = misuse.where(statement.condition, scope)
            self.stopped = True
            raise fail("E0210", text, statement.span, note="required here", notes=notes)

    def undecided(
        self, branch: t.If, condition: Any, scope: Scope, rest: Rest, fork: t.Fork | None
    ) -> Generator[Spliced, None, bool]:
        """Every condition has an answer here, or is an error."""
        raise NotImplementedError

    def rounds(self, loop: t.For | t.Repeat, scope: Scope, fork: t.Fork | None) -> Iterator[Scope]:
        """A scope for every turn, which its layers remember; none after one that failed."""
        counted = loop.iterable if isinstance(loop, t.For) else loop.count
        items = self.items_of(loop, scope)
        turns = len(items)
        self.session.foresee(turns, loop, scope, counted.span)
        opened = isinstance(items, range) and self.reads_open(counted)
        place = loop.names_span if isinstance(loop, t.For) else counted.span
        outer = self.turns
        for number, item in enumerate(items):
            self.session.limits.add_expression(place)
            before = self.session.poisonings
            inner = turn_scope(loop, item, scope)
            self.turns = (*outer, ir.Turn(loop.span, turns, number, opened))
            yield inner
            self.turns = outer
            if self.given_up(before):
                return

    def items_of(self, loop: t.For | t.Repeat, scope: Scope) -> Sequence[Value]:
        """What a loop runs over; the number of a `repeat` is refused where it is negative."""
        if isinstance(loop, t.For):
            return self.evaluator.items(loop.iterable, scope, self.shape)
        count = self.evaluator.whole(loop.count, scope, self.shape)
        if count < 0:
            text = loop.count.span.text
            help = (f"`{text}` is {count} here, and a repeat takes 0 turns or more",)
            raise fail("E0109", f"a repeat of {count} turns", loop.count.span, help=help)
        check_turns(count, loop.count.span)
        return range(count)

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
