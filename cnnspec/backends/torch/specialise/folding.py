"""Which numbers of which body are written as their values, because they cannot stay open.

A class stays open where it can: its parameters are the spec's, one class for every call.  Where a
number, condition, path or loop cannot stay open, the body is *specialised* on values, in steps that
each give up a little more: on the numbers it hangs on; on every parameter and the shape that
arrives; with its loops written out; and at last as the IR has it, one class for each `ir.Module`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.python.names import ARRIVES, safe
from cnnspec.syntax import tree as t

Owner = t.Block | t.Net


@dataclass(frozen=True)
class Folded:
    """What of one body is written as its value."""

    names: frozenset[str] = frozenset()
    """Parameters, by the spec's names."""
    whole: bool = False
    """Every parameter."""
    arrives: bool = False
    """The shape that arrives."""
    unrolled: bool = False
    """Loops of a known number of rounds are written out."""
    instance: bool = False
    """The class is made from a module of the IR, where nothing is open."""

    def covers(self, name: str) -> bool:
        """Whether a parameter is written as its value."""
        return self.whole or name in self.names

    def further(self, owner: Owner, error: BackendError) -> Folded | None:
        """The next step for a body that cannot be written so; None where nothing is left."""
        names = {p.name for p in owner.params if safe(p.name) in error.numbers} - self.names
        arrives = bool(error.numbers & {*ARRIVES}) and not self.arrives
        if (names or arrives) and not self.whole:
            return replace(self, names=self.names | names, arrives=self.arrives or arrives)
        if error.rolled and not self.unrolled:
            return replace(self, unrolled=True)
        if not (self.whole and self.arrives):
            return replace(self, whole=True, arrives=True)
        if not self.unrolled:
            return replace(self, unrolled=True)
        return None if self.instance else replace(self, instance=True)


OPEN = Folded()


@contextmanager
def blaming(owner: Owner | None) -> Iterator[None]:
    """Name the body at work in what cannot be written, unless an inner one is named."""
    try:
        yield
    except BackendError as error:
        error.owner = error.owner or owner
        raise


@contextmanager
def hanging_on(numbers: set[str], *, rolled: bool = False) -> Iterator[None]:
    """What cannot be written under an open condition or in an open loop hangs on its numbers."""
    try:
        yield
    except BackendError as error:
        error.numbers = error.numbers or frozenset(numbers)
        error.rolled = error.rolled or rolled
        raise


class Folding:
    """What is folded in one file; grows until every class can be written."""

    def __init__(self) -> None:
        self.found: dict[int, Folded] = {}
        self.everything = False
        """Whether the whole net is written as the IR has it."""
        self.itself: dict[int, frozenset[str]] = {}
        """The numbers that change where a body makes itself, by the body's identity."""

    def of(self, owner: Owner | None) -> Folded:
        """What of a body is folded."""
        if self.everything:
            return Folded(whole=True, arrives=True, unrolled=True, instance=True)
        return self.found.get(id(owner), OPEN)

    def distrust(self, owners: list[Owner | None]) -> bool:
        """Fold the innermost body of which a proof has failed and something is left to fold."""
        for owner in owners:
            if owner is None:
                continue
            error = BackendError("not proved", numbers=self.itself.get(id(owner), ()))
            further = self.of(owner).further(owner, error)
            if further is not None:
                self.found[id(owner)] = further
                return True
        before, self.everything = self.everything, True
        return not before

    def learn(self, error: BackendError) -> bool:
        """Fold more of the body that an error comes from; False where nothing is left to fold."""
        if self.everything:
            return False
        owner = error.owner
        further = None
        if isinstance(owner, t.Block | t.Net):
            further = self.of(owner).further(owner, error)
        if further is None:
            self.everything = True
        else:
            self.found[id(owner)] = further
        return True
