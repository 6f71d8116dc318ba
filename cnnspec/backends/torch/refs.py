"""Attributes of one class: how a constructor sets them and how `forward` reads them.

Most are `self.conv1`.  A dotted label stands in lists or dicts of modules (`self.inner[0]`), the
children of a numbered class in itself (`self["0"]`), and a name that a loop makes is looked up
(`getattr(self, f"layer{i + 1}")`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cnnspec.backends.torch.items import Item, Name, Plain, named
from cnnspec.backends.torch.naming import safe
from cnnspec.backends.torch.symbols import Code, Sym, Var, rebuild, variables

Tree = dict[str, "Plain | Tree"]
"""Layers by the words of their dotted labels."""


@dataclass
class Refs:
    """What `forward` must know of the constructor of its class."""

    numbered: bool = False
    holders: Tree = field(default_factory=dict)
    conditions: dict[int, str] = field(default_factory=dict)
    """By the identity of an `if`: what `forward` asks."""
    fields: list[str] = field(default_factory=list)
    """Conditions that are attributes."""
    numbers: dict[str, str] = field(default_factory=dict)
    """Constructor parameters that `forward` reads: name -> attribute."""
    turning: list[str] = field(default_factory=list)
    """The variables of the loops around."""
    attributes: set[str] = field(default_factory=set)
    """The names of layers, which no number may have."""

    @classmethod
    def of(cls, items: Iterable[Item], *, numbered: bool = False) -> Refs:
        """The attributes of a class with these items."""
        every = list(named(items))
        holders = {} if numbered else tree([i for i in every if "." in (i.name.fixed or "")])
        return cls(numbered, holders, attributes={i.name.fixed or "" for i in every})

    def written(self, name: Name, text: str) -> str:
        """The line of a constructor that sets an attribute."""
        if self.numbered:
            return f"self[{name.code()}] = {text}"
        if name.fixed is None:
            return f"self.add_module({name.code()}, {text})"
        return f"self.{name.fixed} = {text}"

    def read(self, name: Name) -> str:
        """The attribute in `forward`."""
        if self.numbered:
            return f"self[{self.inside(name).code()}]"
        if name.fixed is None:
            return f"getattr(self, {self.inside(name).code()})"
        head, *rest = name.fixed.split(".")
        text, level = f"self.{head}", self.holders.get(head)
        for word in rest:
            if isinstance(level, dict):
                text = child_of(text, word, word if is_list(level) else f'"{word}"')
                level = level[word]
            else:
                text, level = f'getattr({text}, "{word}")', None
        return text

    def inside(self, name: Name) -> Name:
        """A name with what `forward` calls the numbers in it."""
        return Name(tuple(p if isinstance(p, str) else self.number(p) for p in name.parts))

    def number(self, value: Code) -> Code:
        """An expression in `forward`: parameters of the constructor are attributes there."""
        return rebuild(value, self._attribute)

    def _attribute(self, var: Var) -> Var:
        return Var(f"self.{self.numbers[var.name]}") if var.name in self.numbers else var

    def keep(self, *values: Code) -> list[str]:
        """The lines that make attributes of the parameters in expressions."""
        names = {n for v in values if isinstance(v, Sym) for n in variables(v)}
        found = []
        for name in sorted(names - {*self.turning, *self.numbers}):
            word = safe(name)
            while word in self.attributes:
                word += "_"
            self.numbers[name] = word
            found.append(f"self.{word} = {name}")
        return found


def child_of(holder: str, word: str, index: str) -> str:
    """A module in a container; of what an index gives mypy knows no more than that."""
    return f'getattr({holder}, "{word}")' if holder.endswith(("]", ")")) else f"{holder}[{index}]"


def tree(items: Iterable[Plain]) -> Tree:
    """Layers with dotted labels, word by word."""
    root: Tree = {}
    for item in items:
        *heads, last = (item.name.fixed or "").split(".")
        level = root
        for word in heads:
            inner = level.setdefault(word, {})
            assert isinstance(inner, dict)
            level = inner
        level[last] = item
    return root


def is_list(level: Tree) -> bool:
    """Whether a level's words are 0, 1, 2: then it is a list."""
    return list(level) == [str(n) for n in range(len(level))]
