"""Braces and inline `seq`s that no container can say: classes of the names that they read."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Name
from cnnspec.backends.torch.python.lists import OpenList, holds_sym, numbers_in
from cnnspec.backends.torch.python.symbols import Sym
from cnnspec.backends.torch.specialise.layers import Layers
from cnnspec.backends.torch.specialise.state import Level, NeedsModule
from cnnspec.elaborate.calls import Values
from cnnspec.elaborate.scope import Missing, Scope
from cnnspec.syntax import tree as t
from cnnspec.values import Value

ARGUMENTS = 3
"""Calls with more arguments write them as keywords."""


class Levels(Layers):
    """Makes classes of inner levels."""

    def level(
        self, layer: t.Layer, body: t.Body, scope: Scope, name: Name, *, row: bool = False
    ) -> None:
        """A class whose parameters are the open names that the body reads."""
        values = self.reading(body, scope)
        path = "".join(part for part in name.parts if isinstance(part, str)) or "layer"
        declared = self.plans.declared(layer, body, tuple(values), _rules(scope), path)
        modules = self.observed.modules_at(self.prefix, name)
        place = Level(self.place(layer.span, name), self, scope, modules, row)
        exports = self.exported(name)
        plan, bound = self.plans.level(declared, Values(keywords=values), exports, place)
        if len(bound.args) < ARGUMENTS:
            bound.args = [("", value) for _, value in bound.args]
        if plan.imports and self.container:
            raise NeedsModule("a tap to a label around it", layer.span)
        imports = {self.words(i.path, scope): i for i in plan.imports.values()}
        self.tapped.update(imports)
        extra = [self.reached(words, i.path, scope).channels for words, i in imports.items()]
        names = [i.channels for i in imports.values()]
        bound.args = [*(("", channels) for channels in extra), *bound.args]
        bound.inside.update(zip(names, extra, strict=True))
        self.called(name, plan, bound, layer.span, tuple(imports))

    def reading(self, body: t.Body, scope: Scope) -> dict[str, Value]:
        """The names of this block or net that a body reads, with their values.

        Numbers that are open, or that the rounds of a loop change, become parameters; what
        remains is folded.
        """
        *own, _ = scope.chain()
        found = {}
        for name in dict.fromkeys(names_in(body)):
            value = next((s.values[name] for s in own if name in s.values), Missing)
            if value is Missing:
                continue
            if holds_sym(value) and not isinstance(value, Sym | OpenList):
                what = f"`{name}` holds open numbers"
                raise BackendError(what, body.span, "make it a block", numbers_in(value))
            found[name] = value
        return found


def names_in(node: t.Node) -> Iterator[str]:
    """Every name that stands in a tree."""
    if isinstance(node, t.Name | t.Call | t.Fork):
        yield node.name
    for child in node.children():
        yield from names_in(child)


def _rules(scope: Scope) -> str:
    """The defaults that hold at a place, as text: what tells two classes of one body apart."""
    *own, _ = scope.chain()
    return str(
        [(name, rule.keywords, rule.followers) for s in own for name, rule in s.rules.items()]
    )
