"""The names of the layers of one level, where a number in them may be open (L18)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Name
from cnnspec.backends.torch.python.lists import numbers_in
from cnnspec.backends.torch.python.symbols import Code, Var, variables
from cnnspec.elaborate import paths
from cnnspec.elaborate.paths import stem
from cnnspec.source import Span


@dataclass
class OpenNames(paths.Numbering[Name]):
    """The names of one level; numbers are those that the elaborator gives."""

    seq: bool = False
    count: int | None = 0
    """How many children a `seq` has so far; None after an open loop or conditional."""
    numbers: dict[str, int] = field(default_factory=dict)
    unclear: dict[str, frozenset[str]] = field(default_factory=dict)
    """Kinds whose number depends on an open condition or loop, with the open numbers in it."""
    looping: bool = False
    rounds: dict[str, Code] = field(default_factory=dict)
    """What the rounds before this one have added to the number of a kind."""
    probing: bool = False
    """Whether this walk only counts what one round of a loop names."""
    given: paths.Names = field(default_factory=paths.Names)
    """Names without an open number: no two layers of an arm that no call takes have one either."""

    def copy(self, *, looping: bool = False) -> OpenNames:
        """The same state, for an arm or a loop's body."""
        again = OpenNames(self.seq, self.count, dict(self.numbers), dict(self.unclear))
        again.looping, again.rounds = looping or self.looping, dict(self.rounds)
        again.probing, again.given = self.probing, self.given.copy()
        return again

    def counted(self, kind: str, number: int, span: Span) -> Name:
        return self._entered(self._numbered(kind, number), span)

    def _numbered(self, kind: str, number: int) -> Name:
        if kind in self.unclear or (self.looping and kind not in self.rounds):
            why = "in a loop" if self.looping else "after a condition"
            return Name((kind, Var("_")), why, self.unclear.get(kind, frozenset()))
        if self.looping:
            return Name((stem(kind), self.rounds[kind] + number))
        return Name((f"{stem(kind)}{number}",))

    def added(self, after: OpenNames) -> dict[str, int]:
        """How many of each kind one round of a loop names."""
        counts = {k: n - self.numbers.get(k, 0) for k, n in after.numbers.items()}
        return {k: n for k, n in counts.items() if n and k not in after.unclear}

    def deeper(self, rounds: dict[str, Code], after: OpenNames) -> dict[str, Code]:
        """What the rounds of this loop and of those around it add to the number of a kind.

        A kind is left out where one of them has no expression.
        """
        changed = {k for k, n in after.numbers.items() if n != self.numbers.get(k, 0)}
        changed |= set(after.unclear) - set(self.unclear)
        if not self.looping:
            return rounds
        outer = {k: v for k, v in self.rounds.items() if k not in changed}
        both = {k: self.rounds[k] + v for k, v in rounds.items() if k in self.rounds}
        return outer | both

    def repeat(self, added: dict[str, int], rounds: Code) -> None:
        """What is known after a loop of so many rounds."""
        for kind, number in added.items():
            if isinstance(rounds, int):
                self.numbers[kind] = self.numbers.get(kind, 0) + number * rounds
            else:
                self.unclear[kind] = frozenset(variables(rounds))

    def position(self, span: Span) -> Name:
        if self.count is None or self.looping:
            return Name((Var("_"),))
        self.count += 1
        return Name((str(self.count - 1),))

    def _entered(self, name: Name, span: Span) -> Name:
        if name.fixed is not None:
            self.given.take(name.fixed, span)
        return name

    def take(self, name: Name, span: Span) -> Name:
        """A labelled layer: counts as a child of a `seq`. Raises SpecError for a second one.

        A dotted label that is open is refused: its container is written word by word.
        """
        if name.fixed is None and "." in name.text:
            numbers = numbers_in(name.parts)
            raise BackendError("a dotted label with an open number", span, numbers=numbers)
        if self.seq and self.count is not None:
            self.count += 1
        return self._entered(name, span)

    def following(self, label: Name, leader: str, kind: str) -> Name:
        """`conv1` gives `bn1`, `proj` gives `proj_bn`, by the elaborator's rule."""
        parts = label.parts if isinstance(label.parts[0], str) else ("", *label.parts)
        first, *rest = parts
        digit = "0" * bool(rest)  # a number follows, whichever
        text = paths.following(f"{first}{digit}", leader, kind)
        if rest and not text.endswith(digit):
            return Name((*label.parts, f"_{kind}"))
        return Name((text.removesuffix(digit), *rest))

    def merge(self, arms: list[OpenNames], open_numbers: set[str]) -> None:
        """What is known after a conditional of which one arm runs."""
        for kind in {k for arm in arms for k in arm.numbers}:
            if len({arm.numbers.get(kind, 0) for arm in arms}) > 1:
                self.unclear[kind] = frozenset(open_numbers)
            self.numbers[kind] = max(arm.numbers.get(kind, 0) for arm in arms)
        for arm in arms:
            self.unclear |= arm.unclear
            self.given.join(arm.given)
        counts = {arm.count for arm in arms}
        self.count = counts.pop() if len(counts) == 1 else None
