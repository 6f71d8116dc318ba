"""Braces and inline `seq`s that no container can say: classes of the names that they read."""

from __future__ import annotations

from cnnspec.backends.torch.errors import BackendError, Unclear
from cnnspec.backends.torch.program.flow import Name
from cnnspec.backends.torch.python.lists import OpenList, holds_sym, numbers_in
from cnnspec.backends.torch.python.symbols import Sym
from cnnspec.backends.torch.specialise.opened import OpenWalk
from cnnspec.backends.torch.specialise.state import Braces, NeedsModule, shown
from cnnspec.backends.torch.specialise.taps import names_in, reached
from cnnspec.elaborate.calls import Values
from cnnspec.elaborate.scope import Missing, Scope
from cnnspec.syntax import tree as t
from cnnspec.values import Value

ARGUMENTS = 3
"""Calls with more arguments write them as keywords."""


def nested(walk: OpenWalk, layer: t.Layer, body: t.Body, scope: Scope, *, seq: bool) -> None:
    """An inline `seq` or labelled braces: a container, or a class where that cannot say it."""
    name = walk.named(layer, "seq", scope)
    walk.numbered(name, layer.span)
    inner = walk.inside(name, "seq" if seq else "chain")
    inner.facts, inner.careful = walk.facts, walk.careful
    if walk.kind in ("module", "numbered") or walk.carried != "in_channels":
        inner.carried = walk.local("carried", "width")
    try:
        inner.run(body, scope.inner())
    except (NeedsModule, Unclear):
        level(walk, layer, body, scope, name)
        return
    after = shown(inner.flow, walk.observed.at(walk.prefix, name, ""))
    if not walk.contains(name, inner, after, layer.span, seq=seq):
        level(walk, layer, body, scope, name, row=True)


def level(
    walk: OpenWalk, layer: t.Layer, body: t.Body, scope: Scope, name: Name, *, row: bool = False
) -> None:
    """A class whose parameters are the open names that the body reads."""
    values = reading(body, scope)
    path = "".join(part for part in name.parts if isinstance(part, str)) or "layer"
    declared = walk.plans.declared(layer, body, tuple(values), _rules(scope), path)
    modules = walk.observed.modules_at(walk.prefix, name)
    inner = Braces(walk.site(layer.span, name), walk, scope, modules, row)
    exports = walk.exported(name)
    plan, bound = walk.plans.level(declared, Values(keywords=values), exports, inner)
    if len(bound.args) < ARGUMENTS:
        bound.args = [("", value) for _, value in bound.args]
    if plan.imports and walk.container:
        raise NeedsModule("a tap to a label around it", layer.span)
    imports = {walk.words(i.path, scope): i for i in plan.imports.values()}
    walk.labels.tapped.update(imports)
    extra = [reached(walk, words, i.path, scope).channels for words, i in imports.items()]
    names = [i.channels for i in imports.values()]
    bound.args = [*(("", channels) for channels in extra), *bound.args]
    bound.inside.update(zip(names, extra, strict=True))
    walk.called(name, plan, bound, layer.span, tuple(imports))


def reading(body: t.Body, scope: Scope) -> dict[str, Value]:
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


def _rules(scope: Scope) -> str:
    """The defaults that hold at a place, as text: what tells two classes of one body apart."""
    *own, _ = scope.chain()
    return str(
        [(name, rule.keywords, rule.followers) for s in own for name, rule in s.rules.items()]
    )
