"""The `__init__` of a module with a `forward`: attributes in the order of the flow."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from cnnspec.backends.torch.containers import Containers, assignment
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.expressions import needs_attribute
from cnnspec.backends.torch.items import (
    AssignItem,
    CallItem,
    ContainerItem,
    ForkItem,
    IfItem,
    Item,
    LayerItem,
    OutputItem,
)
from cnnspec.backends.torch.model import Line, Statement, Suite
from cnnspec.backends.torch.symbols import UNKNOWN, Var
from cnnspec.backends.torch.writing import write


class Constructor(Containers):
    """Writes constructors of every kind."""

    def module(self, items: Sequence[Item], conditions: dict[int, str]) -> list[Statement]:
        """Attributes for what must be one; `conditions` names the `if`s that `forward` asks."""
        found: list[Statement] = []
        for item in items:
            match item:
                case LayerItem():
                    found += self.attribute(item) if needs_attribute(item) else []
                case CallItem() | ContainerItem():
                    found += self.attribute(item)
                case ForkItem():
                    for arm in item.arms:
                        found += self.module(arm, conditions)
                case AssignItem():
                    found.append(assignment(item))
                case OutputItem():
                    found += self.module(item.items, conditions)
                case IfItem():
                    found += self.stored(item, conditions)
        return found

    def stored(self, item: IfItem, conditions: dict[int, str]) -> list[Statement]:
        """The condition is kept; layers that both arms have are made once, others under it."""
        if item.arms[-1][0] is not None:
            item.arms.append((None, []))
        if len(item.arms) > 2:
            raise BackendError("more than two arms of different flow", None, "nest them")
        (condition, first), (_, second) = item.arms
        name = condition.name if isinstance(condition, Var) else "condition"
        if name in conditions.values():
            raise BackendError(f"two conditions called `{name}` decide the flow")
        conditions[id(item)] = name
        whole = condition.meaning if isinstance(condition, Var) else condition
        written = condition if whole is UNKNOWN else whole
        then, other = (self.module(part, conditions) for part in (first, second))
        return [Line(f"self.{name} = {write(written)}"), *merged(name, then, other)]


def merged(name: str, then: list[Statement], other: list[Statement]) -> list[Statement]:
    """Two arms' attributes: what both have stands alone, the rest under `if`."""
    found: list[Statement] = []
    matcher = SequenceMatcher(a=list(map(repr, then)), b=list(map(repr, other)), autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            found += then[a:b]
            continue
        if b > a:
            found.append(Suite(f"if self.{name}:", then[a:b]))
        if d > c:
            head = f"if not self.{name}:" if b == a else "else:"
            found.append(Suite(head, other[c:d]))
    return found
