"""Names become paths, and a layer's path is its state_dict key (L18)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Mapping, Sequence
from itertools import count
from typing import Generic, TypeVar

from cnnspec.diagnostics import Label, fail
from cnnspec.records import field, record
from cnnspec.source import Span
from cnnspec.syntax import tree as t

Name = TypeVar("Name")
"""What a layer is called: text, or text with open numbers in it."""


class Numbering(ABC, Generic[Name]):
    """How the layers of one level get their names, whatever a name is."""

    __slots__ = ()
    seq: bool
    numbers: dict[str, int]
    """How many unlabelled layers of each kind have a name."""

    def automatic(self, kind: str, span: Span) -> Name:
        """The next name of an unlabelled op or block: `conv2`, or in a `seq` its position."""
        if self.seq:
            return self.position(span)
        number = self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return self.counted(kind, number, span)

    def follower(self, label: Name, leader: str, kind: str, span: Span) -> Name:
        """Enter the name of a default follower: `bn1` behind `conv1`, `proj_bn` behind `proj`."""
        return self.take(self.following(label, leader, kind), span)

    @abstractmethod
    def position(self, span: Span) -> Name:
        """Enter the next place in a `seq`."""

    @abstractmethod
    def counted(self, kind: str, number: int, span: Span) -> Name:
        """Enter the layer of a kind that has this number."""

    @abstractmethod
    def following(self, label: Name, leader: str, kind: str) -> Name:
        """The name of a follower, by `following`."""

    @abstractmethod
    def take(self, name: Name, span: Span) -> Name:
        """Enter a name. Raises SpecError for a second layer of one path."""


@record
class Names(Numbering[str]):
    """The names given in one level: a net, a block, a `seq`, a labelled group or an output."""

    seq: bool = False
    taken: dict[str, Span] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    containers: dict[str, Span] = field(default_factory=dict)
    """Levels that only dotted labels made, with the first layer in each."""
    automatics: set[str] = field(default_factory=set)
    """Automatic names: a line added above changes them, so that nothing refers to them (L14)."""

    def position(self, span: Span) -> str:
        return self.take(str(len(self.taken)), span)

    def counted(self, kind: str, number: int, span: Span) -> str:
        name = self.take(f"{stem(kind)}{number}", span)
        self.automatics.add(name)
        return name

    def following(self, label: str, leader: str, kind: str) -> str:
        return following(label, leader, kind)

    def take(self, name: str, span: Span) -> str:
        """Enter a name; two layers with one path are an error that shows both."""
        heads = _containers(name) if "." in name else ()
        first = self.taken.get(name) or self.containers.get(name)
        if first is None and heads:
            first = next((self.taken[head] for head in heads if head in self.taken), None)
        if first is not None:
            raise fail(
                "E0113",
                f"two layers would have the path `{name}`",
                span,
                labels=(Label(first, "the first is here"),),
                help=(f"give one of them another label, such as `{quoted(self.free(name))}`",),
            )
        self.taken[name] = span
        for head in heads:
            self.containers.setdefault(head, span)
        return name

    def free(self, name: str) -> str:
        """The same name with the next number that nothing has: `stage2` after `stage1`."""
        begin = name.rstrip("0123456789")
        number = int(name[len(begin) :] or 1)
        used = self.taken.keys() | self.containers.keys()
        return next(f"{begin}{n}" for n in count(number + 1) if f"{begin}{n}" not in used)

    def copy(self) -> Names:
        """The same names, for one of several arms."""
        return Names(
            self.seq,
            dict(self.taken),
            dict(self.numbers),
            dict(self.containers),
            set(self.automatics),
        )  # fmt: skip

    def join(self, arm: Names) -> None:
        """Take the names that an arm has given: another arm may have given them too."""
        self.taken |= arm.taken
        self.containers |= arm.containers


def quoted(label: str) -> str:
    """A label as it is written: one whose words are no names stands in quotes."""
    words = label.split(".")
    plain = all(word.isidentifier() or word.isdigit() for word in words)
    return label if plain else f'"{label}"'


def words_of(
    path: t.Path,
    filled: Callable[[t.Template], list[str]],
    number: Callable[[t.Expr], str],
) -> list[str]:
    """The words of a path: `layer${i}.conv[0]` is layer1, conv, 0.

    `filled` gives the words of a template, `number` the word of an index.
    """
    words: list[str] = []
    for part in path.parts:
        if isinstance(part, str):
            words += part.split(".")
        elif isinstance(part, t.Template):
            words += filled(part)
        else:
            words.append(number(part))
    return words


def split(words: Sequence[str], known: Container[str]) -> tuple[str, list[str]] | None:
    """The longest beginning of a path that is a known name, and the words behind it."""
    for end in range(len(words), 0, -1):
        if (head := ".".join(words[:end])) in known:
            return head, list(words[end:])
    return None


def weights(words: Sequence[str], shared: Mapping[str, str]) -> str:
    """The path of the layer whose weights those at a path are: its own where none is shared.

    `shared` gives the path of the weights for the name of each further use (L17).
    """
    found = split(words, shared)
    return ".".join(words if found is None else [shared[found[0]], *found[1]])


def following(label: str, leader: str, kind: str) -> str:
    """The name of a default follower: its leader's label with the op's name exchanged.

    `conv1` gives `bn1`; a label that is not made with it gives `proj_bn`, `conva_bn`.
    """
    return exchanged(label, leader, kind) or f"{label}_{kind}"


def stem(kind: str) -> str:
    """What stands before the number of an unlabelled op or block: `conv`, and `relu6_`.

    Without the `_` the first relu6 of a net would be its sixty-first relu.
    """
    return f"{kind}_" if kind[-1:].isdigit() else kind


def exchanged(label: str, leader: str, kind: str) -> str | None:
    """A leader's label with the op's name exchanged: `conv1` gives `bn1`, and `relu6_1`.

    None for a label that is not made with the name of the leader's op: `proj`, `convert`.
    """
    head, dot, last = label.rpartition(".")
    rest = last.removeprefix(leader)
    if not last.startswith(leader) or rest[:1].isalpha():
        return None
    number = rest.removeprefix("_") if stem(leader) != leader else rest
    named = stem(kind) + number if number[:1].isdigit() else kind + rest
    return head + dot + named


def _containers(name: str) -> list[str]:
    """The levels that a dotted label places its layer in: `a.0.b` stands in `a` and `a.0`."""
    words = name.split(".")
    return [".".join(words[:n]) for n in range(1, len(words))]
