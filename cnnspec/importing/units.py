"""Blocks as arguments: in a family one model's stages consist of one class, another's of another.

`basic` and `bottleneck` with the same parameters are called as `unit channels, stride`, and which
of them it is becomes an argument like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from cnnspec.importing.holes import Fixed, Param, Template, holes
from cnnspec.importing.items import Key, Unit
from cnnspec.importing.trace import Scope, Trace

UNIT = "unit"
"""What the argument is called."""


def units(blocks: Mapping[Key, Template]) -> Iterator[Unit]:
    """Every block that is a value somewhere."""
    for template in blocks.values():
        for hole in holes(template.items):
            known = [*hole.known.values()]
            said = hole.expression.value if isinstance(hole.expression, Fixed) else None
            yield from (one for one in (*known, said) if isinstance(one, Unit))
        for param in template.params:
            yield from (one for one in param.values.values() if isinstance(one, Unit))


class Units:
    """Which classes stand in each other's place."""

    def __init__(self, found: dict[Key, Template]) -> None:
        self.found = found
        self.groups: dict[Key, tuple[Key, ...]] = {}

    def find(self, traces: Mapping[Scope, Trace]) -> None:
        """Group classes that no model has both of, and that stand in the same classes."""
        nets: dict[Key, set[str]] = {}
        around: dict[Key, set[str]] = {}
        for scope, trace in traces.items():
            if scope.kind and scope.parent is not None:
                nets.setdefault((scope.kind,), set()).add(trace.name)
                around.setdefault((scope.kind,), set()).add(_class_around(scope))
        for a, b in combinations(around, 2):
            if around[a] == around[b] and not nets[a] & nets[b]:
                group = dict.fromkeys((*self.groups.get(a, (a,)), *self.groups.get(b, (b,))))
                self.groups |= dict.fromkeys(group, tuple(group))

    def kind(self, scope: Scope) -> str:
        """The class of a scope, or all that stand in its place."""
        return "|".join(key[0] for key in self.groups.get((scope.kind,), ((scope.kind,),)))

    def call(self, key: Key, args: dict[str, Any]) -> tuple[Key, dict[str, Any]]:
        """The key and the arguments by which a block is called."""
        group = self.groups.get(key, ())
        if not group or len({self._names(one) for one in group}) > 1:
            return key, dict(args)
        common = ("|".join(one[0] for one in group),)
        if common not in self.found:
            self.found[common] = self._template(common, self.found[key])
        return common, {UNIT: Unit(key), **args}

    def _names(self, key: Key) -> tuple[str, ...]:
        return tuple(param.name for param in self.found[key].params)

    def _template(self, key: Key, like: Template) -> Template:
        """What stands for any block of a group: it has parameters, and is written nowhere."""
        unit = Param({}, "block", [], UNIT, name=UNIT)
        params = [Param({}, p.kind, [], p.hint, name=p.name) for p in like.params]
        return Template(key, UNIT, False, [], [unit, *params], calls=2, choice=unit)


def _class_around(scope: Scope) -> str:
    """The innermost class around a scope; "" for the model itself."""
    outer = scope.parent
    while outer is not None and outer.parent is not None and not outer.kind:
        outer = outer.parent
    return outer.kind if outer is not None and outer.parent is not None else ""
