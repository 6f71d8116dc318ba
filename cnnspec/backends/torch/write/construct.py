"""The `__init__` of a module with a `forward`: attributes in the order of the flow."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TypeGuard

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.attributes import needs_attribute
from cnnspec.backends.torch.program.items import (
    AssignItem,
    CallItem,
    ContainerItem,
    ForkItem,
    IfItem,
    Item,
    LayerItem,
    LoopItem,
    OutputItem,
    Plain,
    assigned,
    named,
)
from cnnspec.backends.torch.python.symbols import UNKNOWN, Code, Var, expand, variables, versions
from cnnspec.backends.torch.python.writing import negated, write
from cnnspec.backends.torch.write.containers import Containers, assignment
from cnnspec.backends.torch.write.model import Line, Statement, Suite
from cnnspec.backends.torch.write.unused import reads


class Constructor(Containers):
    """Writes constructors of every kind."""

    def module(self, items: Sequence[Item]) -> list[Statement]:
        """Attributes for what must be one."""
        found: list[Statement] = []
        for item in items:
            match item:
                case LayerItem() if not needs_attribute(item):
                    pass
                case LayerItem() | CallItem() | ContainerItem():
                    found += self.refs.keep(*item.name.parts)
                    found += self.attribute(item)
                case ForkItem():
                    for arm in item.arms:
                        found += self.module(arm)
                case AssignItem():
                    found.append(assignment(item))
                case OutputItem():
                    found += self.module(item.items)
                case IfItem():
                    found += self.stored(item)
                case LoopItem():
                    found += self.loop(item)
        return found

    def loop(self, item: LoopItem) -> list[Statement]:
        """A loop that `forward` goes through again: the numbers that it reads are kept."""
        self.refs.turning += item.words
        children = [c for c in named(item.items) if not _is_function(c)]
        parts = [part for child in children for part in child.name.parts]
        over = item.count if item.over_count else item.over
        inner = assigned(item.items) - set(self.refs.turning)
        self.refs.turning += inner
        kept = self.refs.keep(over, *parts)
        del self.refs.turning[len(self.refs.turning) - len(inner) :]
        outer, self.refs.changing = self.refs.changing, self.refs.changing | assigned([item])
        self.refs.changing -= set(item.words)
        body = self.hoisted(item.items, kept)
        self.refs.changing = outer
        del self.refs.turning[-len(item.words) :]
        return [*kept, Suite(f"{item.head}:", body)]

    def stored(self, item: IfItem) -> list[Statement]:
        """The condition is kept; layers that both arms have are made once, others under it."""
        if item.arms[-1][0] is not None:
            item.arms.append((None, []))
        if len(item.arms) > 2:
            item.arms[1:] = [(None, [IfItem(item.arms[1:])])]
        (condition, first), (_, second) = item.arms
        assert condition is not None
        found: list[Statement] = []
        if alike(first, second):
            whole = expand(condition)
            asked = write(condition if whole is None else whole)
        elif set(self.refs.turning) & variables(condition):
            found += self.refs.keep(condition)
            asked = write(condition)
            self.refs.conditions[id(item)] = write(self.refs.number(condition))
        else:
            whole = condition.meaning if isinstance(condition, Var) else condition
            written = condition if whole is UNKNOWN or whole is None else whole
            if self.refs.changing & variables(written):
                span = next((child.span for child in named([item])), None)
                raise BackendError("a condition in a loop on numbers that its turns change", span)
            text = write(written)
            name = self.refs.tests.get(text, "")
            if not name:
                name = self.condition(condition)
                found.append(Line(f"self.{name} = {text}", fixed=True))
            if not any(version for _, version in versions(written)):
                self.refs.tests[text] = name
            asked = self.refs.conditions[id(item)] = f"self.{name}"
            named_so = isinstance(condition, Var)
            self.refs.said[id(item)] = condition.name if named_so else text
        refs = self.refs
        before, made = (refs.held, refs.maybe), []
        arms = []
        for part in (first, second):
            refs.held, refs.maybe = set(before[0]), set(before[1])
            arms.append(self.hoisted(part, found))
            made.append((refs.held, refs.maybe))
        refs.held = made[0][0] & made[1][0]
        refs.maybe = {w for pair in made for some in pair for w in some} - refs.held
        return [*found, *merged(asked, *arms)]

    def hoisted(self, items: Sequence[Item], before: list[Statement]) -> list[Statement]:
        """An arm's statements; conditions inside are attributes whichever arm is taken."""
        body, own = self.module(items), assigned(items)
        for line in list(body):
            if isinstance(line, Line) and line.fixed and not own & reads(line.text):
                body.remove(line)
                before.append(line)
        return body

    def condition(self, condition: Code) -> str:
        """The attribute of a condition: its `let`, else `condition`."""
        wanted = condition.name if isinstance(condition, Var) else "condition"
        while any(p.fullmatch(f"{wanted}2") for p in self.refs.patterns):
            wanted += "_"  # a loop gives its layers every number behind this word
        name, number = wanted, 2
        while self.refs.is_taken(name):
            name, number = f"{wanted}{number}", number + 1
        self.refs.fields.append(name)
        return name


def alike(one: Sequence[Item], other: Sequence[Item]) -> bool:
    """Whether `forward` runs both arms in the same way: blocks of the same names in a row."""
    rows = [[i for i in arm if not isinstance(i, AssignItem)] for arm in (one, other)]
    names = [[i.name.fixed if is_alone(i) else None for i in row] for row in rows]
    return names[0] == names[1] and None not in names[0] and bool(names[0])


def is_alone(item: Item) -> TypeGuard[CallItem]:
    """Whether a block takes and gives one value."""
    return isinstance(item, CallItem) and not item.plan.exports and not item.imports


def _is_function(item: Plain) -> bool:
    """Whether `forward` calls a function for it: its name is written nowhere."""
    return isinstance(item, LayerItem) and not needs_attribute(item)


def merged(asked: str, then: list[Statement], other: list[Statement]) -> list[Statement]:
    """Two arms' attributes: what both have stands alone, the rest under `if`."""
    found: list[Statement] = []
    ours, theirs = units(then), units(other)
    matcher = SequenceMatcher(a=list(map(repr, ours)), b=list(map(repr, theirs)), autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            found += joined(ours[a:b])
            continue
        if b > a:
            found.append(Suite(f"if {asked}:", joined(ours[a:b])))
        if d > c:
            head = f"if {negated(asked)}:" if b == a else "else:"
            found.append(Suite(head, joined(theirs[c:d])))
    return found


def units(statements: list[Statement]) -> list[list[Statement]]:
    """Statements that only stand together: an `if` with its `elif`s and its `else`."""
    found: list[list[Statement]] = []
    for statement in statements:
        if isinstance(statement, Suite) and statement.head.startswith(("else:", "elif ")):
            found[-1].append(statement)
        else:
            found.append([statement])
    return found


def joined(groups: list[list[Statement]]) -> list[Statement]:
    """The statements of units, one after another."""
    return [statement for group in groups for statement in group]
