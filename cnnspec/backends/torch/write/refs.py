"""Attributes of one class: how a constructor sets them and how `forward` reads them.

Most are `self.conv1`.  A dotted label stands in lists or dicts of modules (`self.inner[0]`), the
children of a numbered class in itself (`self["0"]`), and a name that a loop makes is looked up
(`getattr(self, f"layer{i + 1}")`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Name, Words
from cnnspec.backends.torch.program.items import (
    IfItem,
    Item,
    LayerItem,
    Plain,
    has_state,
    is_plain,
    named,
    parts,
)
from cnnspec.backends.torch.python.names import safe
from cnnspec.backends.torch.python.symbols import Code, Sym, Var, rebuild, variables
from cnnspec.backends.torch.specialise.observe import pattern_of
from cnnspec.backends.torch.write.model import Line, Statement

Tree = dict[str, "Plain | Tree"]
"""Layers by the words of their dotted labels."""


@dataclass
class Refs:
    """What `forward` must know of the constructor of its class."""

    numbered: bool = False
    holders: Tree = field(default_factory=dict)
    conditions: dict[int, str] = field(default_factory=dict)
    """By the identity of an `if`: what `forward` asks."""
    said: dict[int, str] = field(default_factory=dict)
    """The same in the words of the spec, for docstrings."""
    tests: dict[str, str] = field(default_factory=dict)
    """The attribute of each condition that hangs on parameters alone."""
    fields: list[str] = field(default_factory=list)
    """Conditions that are attributes."""
    numbers: dict[str, str] = field(default_factory=dict)
    """Constructor parameters that `forward` reads: name -> attribute."""
    changing: set[str] = field(default_factory=set)
    """The variables that the turns of the loops around set."""
    turning: list[str] = field(default_factory=list)
    """The variables of the loops around."""
    attributes: set[str] = field(default_factory=set)
    """The names of layers, which no number may have."""
    patterns: list[re.Pattern[str]] = field(default_factory=list)
    """What the names of layers look like that a loop makes."""
    filled: set[str] = field(default_factory=set)
    """Containers of dotted labels that begin empty: a condition decides what is in them."""
    first: dict[str, int] = field(default_factory=dict)
    """The layer where the container of dotted labels is made: the first that keeps tensors."""
    keeping: set[str] = field(default_factory=set)
    """Those in which a layer keeps tensors."""
    held: set[Words] = field(default_factory=set)
    """Those of dotted labels that the constructor has made so far."""
    maybe: set[Words] = field(default_factory=set)
    """Those that it has made where a condition holds."""

    @classmethod
    def of(
        cls, items: Sequence[Item], attribute: Callable[[Plain], bool], *, numbered: bool = False
    ) -> Refs:
        """The attributes of a class with these items; `attribute` tells what is one."""
        every = list(named(items))
        dotted = [i for i in every if is_dotted(i) and attribute(i)]
        dotted.sort(key=lambda i: not has_state(i))
        holders = tree(dotted)
        first = {(i.name.fixed or "").split(".")[0]: id(i) for i in reversed(dotted)}
        keeping = {(i.name.fixed or "").split(".")[0] for i in dotted if has_state(i)}
        attributes = {(i.name.fixed or "").split(".")[0] for i in every}
        patterns = [pattern_of(None, i.name) for i in every if i.name.fixed is None]
        filled = heads(conditional(items))
        return cls(
            numbered, holders, attributes=attributes, patterns=patterns, filled=filled, first=first,
            keeping=keeping,
        )  # fmt: skip

    def is_taken(self, word: str) -> bool:
        """Whether a layer, a condition or a number is an attribute of this name."""
        known = word in self.attributes or word in self.fields or word in self.numbers.values()
        return known or any(pattern.fullmatch(word) for pattern in self.patterns)

    def root(self, word: str) -> str:
        """An attribute, or a child of a numbered class; `block1-0` and `0` are looked up."""
        if self.numbered:
            return f'self["{word}"]'
        return f"self.{word}" if word.isidentifier() else f'getattr(self, "{word}")'

    def written(self, name: Name, text: str) -> str:
        """The line of a constructor that sets an attribute."""
        if is_dotted_name(name):
            return self.put((name.fixed or "").split("."), text)
        if self.numbered:
            return f"self[{name.code()}] = {text}"
        if name.fixed is None or not name.fixed.isidentifier():
            return f"self.add_module({name.code()}, {text})"
        return f"self.{name.fixed} = {text}"

    def parameter(self, name: Name, text: str) -> str:
        """The line of a constructor that makes a parameter of the module, or of a container."""
        if name.fixed is not None and name.fixed.isidentifier():
            return f"{self.read_parameter(name)} = {text}"
        holder, last = self.holding(name)
        return f"{holder}.register_parameter({last.code()}, {text})"

    def read_parameter(self, name: Name) -> str:
        """The same parameter in `forward`."""
        if name.fixed is not None and name.fixed.isidentifier():
            return f"self.{name.fixed}"
        holder, last = self.holding(name)
        return f"getattr({holder}, {self.inside(last).code()})"

    def holding(self, name: Name) -> tuple[str, Name]:
        """The module that holds a parameter, and its name there."""
        if not is_dotted_name(name):
            return "self", name
        *holder, last = (name.fixed or "").split(".")
        return self.at(holder), Name((last,))

    def read(self, name: Name) -> str:
        """The attribute in `forward`."""
        if name.fixed is None:
            inside = self.inside(name).code()
            return f"self[{inside}]" if self.numbered else f"getattr(self, {inside})"
        return self.at(name.fixed.split("."))

    def at(self, words: Sequence[str]) -> str:
        """A layer by the words of its label: `self.conv1`, `self.inner[0]`."""
        head, *rest = words
        text, level = self.root(head), self.holders.get(head)
        for word in rest:
            if isinstance(level, dict):
                listed = is_list(level) and head not in self.filled
                text = child_of(text, word, word if listed else f'"{word}"')
                level = level[word]
            else:
                text, level = f'getattr({text}, "{word}")', None
        return text

    def put(self, words: Sequence[str], text: str) -> str:
        """The line that puts a module into a container that began empty."""
        *holder, last = words
        place = self.at(holder)
        if len(holder) == 1 and not self.numbered:
            return f'{place}["{last}"] = {text}'
        return f'{place}.add_module("{last}", {text})'

    def emptied(self, words: Sequence[str]) -> str:
        """The line that makes such a container, or one in it."""
        made = "nn.ModuleDict()"
        return self.put(words, made) if len(words) > 1 else f"{self.root(words[0])} = {made}"

    def absent(self, words: Sequence[str]) -> str:
        """The question whether such a container is still to be made."""
        holder = self.at(words[:-1]) if len(words) > 1 else "self"
        return f'if not hasattr({holder}, "{words[-1]}"):'

    def inside(self, name: Name) -> Name:
        """A name with what `forward` calls the numbers in it."""
        return Name(tuple(p if isinstance(p, str) else self.number(p) for p in name.parts))

    def number(self, value: Code) -> Code:
        """An expression in `forward`: parameters of the constructor are attributes there."""
        return rebuild(value, self._attribute)

    def _attribute(self, var: Var) -> Var:
        return Var(f"self.{self.numbers[var.name]}") if var.name in self.numbers else var

    def keep(self, *values: Code) -> list[Statement]:
        """The lines that make attributes of the parameters in expressions."""
        names = {n for v in values if isinstance(v, Sym) for n in variables(v)}
        found: list[Statement] = []
        for name in sorted(names - {*self.turning, *self.numbers}):
            word = safe(name)
            while self.is_taken(word):
                word += "_"
            self.numbers[name] = word
            found.append(Line(f"self.{word} = {name}", fixed=True))
        return found


def child_of(holder: str, word: str, index: str) -> str:
    """A module in a container; of what an index gives mypy knows no more than that."""
    return f'getattr({holder}, "{word}")' if holder.endswith(("]", ")")) else f"{holder}[{index}]"


def is_dotted_name(name: Name) -> bool:
    """Whether a name is a path: `inner.0`."""
    return "." in (name.fixed or "")


def is_dotted(item: Plain) -> bool:
    """Whether a layer stands in a container that only labels make."""
    return is_dotted_name(item.name)


def is_parameter(item: Plain) -> bool:
    """Whether an item is no module, but a parameter of the one that holds it."""
    return isinstance(item, LayerItem) and bool(item.form.own)


def heads(items: Iterable[Item]) -> set[str]:
    """The containers that the dotted labels of items make."""
    return {(i.name.fixed or "").split(".")[0] for i in named(items) if is_dotted(i)}


def conditional(items: Iterable[Item]) -> Iterator[Item]:
    """The `if`s whose condition is open, at any depth of one level."""
    for item in items:
        if isinstance(item, IfItem):
            yield item
        elif not is_plain(item):
            for part in parts(item):
                yield from conditional(part)


def tree(items: Iterable[Plain]) -> Tree:
    """Layers with dotted labels, word by word: those that keep tensors in the order they have.

    A parameter that its holder has itself is no module in it.
    """
    root: Tree = {}
    levels = [root]
    for item in items:
        *holders, last = (item.name.fixed or "").split(".")
        level = root
        for word in holders:
            if word not in level:
                levels.append({})
            inner = level.setdefault(word, levels[-1])
            if not isinstance(inner, dict):
                raise _twice(word, item)
            level = inner
        if isinstance(level.get(last), dict):
            raise _twice(last, item)
        if not is_parameter(item):
            level[last] = item
    for level in levels:
        _counted(level)
    return root


def _twice(word: str, item: Plain) -> BackendError:
    what = f"`{word}` of `{item.name.fixed}` is a layer in one arm and holds layers in another"
    return BackendError(what, item.span, "give one of them another label")


def _counted(level: Tree) -> None:
    """Words 0, 1, 2 in their own order, unless layers that keep tensors stand in another."""
    numbers = [str(n) for n in range(len(level))]
    kept = [word for word, item in level.items() if isinstance(item, dict) or has_state(item)]
    if {*level} == {*numbers} and kept == [word for word in numbers if word in kept]:
        for word in numbers:
            level[word] = level.pop(word)


def is_list(level: Tree) -> bool:
    """Whether a level's words are 0, 1, 2: then it is a list."""
    return bool(level) and list(level) == [str(n) for n in range(len(level))]
