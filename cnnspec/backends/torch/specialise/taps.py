"""Taps and shared layers: paths to what stands earlier in the level (L14, L17)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.attributes import needs_attribute
from cnnspec.backends.torch.program.flow import Flow, Import, Name, Words
from cnnspec.backends.torch.program.items import (
    Item,
    LayerItem,
    Plain,
    SharedItem,
    TapItem,
    find,
)
from cnnspec.backends.torch.python.lists import OpenList, holds_sym
from cnnspec.backends.torch.python.symbols import Var, variables
from cnnspec.backends.torch.specialise.labels import is_open
from cnnspec.backends.torch.specialise.observe import size_of
from cnnspec.backends.torch.specialise.opened import OpenWalk
from cnnspec.backends.torch.specialise.state import NeedsModule, shown
from cnnspec.elaborate.scope import Missing, Scope
from cnnspec.syntax import tree as t


def tap(walk: OpenWalk, layer: t.Layer, form: t.From, scope: Scope) -> None:
    """`from path`: the flow goes on from an earlier layer of this level."""
    walk.needs_forward("a tap", form.span)
    words = walk.words(form.path, scope)
    flow = reached(walk, words, form.path, scope)
    if walk.carried in variables(flow.channels) and walk.kind == "net":
        raise BackendError("the channels of this tap are lost in a loop", form.span)
    walk.labels.tapped.add(words)
    walk.items.append(TapItem(words, flow, form.span))
    walk.flow = flow


def reached(walk: OpenWalk, words: Words, path: t.Path, scope: Scope) -> Flow:
    """What flows at a path of this level, or of the level around braces that are a class."""
    if walk.labels.holds(words) or (walk.around is None and not walk.container):
        return walk.labels.found(words, path.span)
    if walk.around is None:
        raise NeedsModule("a tap to a label around it", path.span)
    if words not in walk.imports:
        outer, there = walk.around
        path = outwards(walk, words, path, scope, there)
        flow = reached(outer, outer.words(path, there), path, there)
        walk.imports[words] = taken(walk, words, path, flow)
    return walk.imports[words].flow


def pool(walk: OpenWalk, path: t.Path, scope: Scope) -> LayerItem | None:
    """The pool at a path of this level, or of one around braces that are a class."""
    words = walk.words(path, scope)
    if walk.labels.holds(words) or walk.around is None:
        return walk.labels.pool(words)
    outer, there = walk.around
    return pool(outer, outwards(walk, words, path, scope, there), there)


def outwards(walk: OpenWalk, words: Words, path: t.Path, scope: Scope, there: Scope) -> t.Path:
    """A path as the level around reads it: in names that mean the same in both."""
    if not is_open(words):
        return t.Path(path.span, words)
    for name in names_in(path):
        if not means_the_same(walk, name, scope, there):
            what = f"`{name}` is no name of the level that this tap leads to"
            raise BackendError(what, path.span, "write the loop out")
    return path


def means_the_same(walk: OpenWalk, name: str, scope: Scope, there: Scope) -> bool:
    """Whether a name is one number here and in the level around: a parameter, or known."""
    value, outside = scope.find(name), there.find(name)
    if isinstance(value, Var | OpenList):
        return outside is not Missing and value.name in walk.locals
    return bool(value == outside)


def taken(walk: OpenWalk, words: Words, path: t.Path, flow: Flow) -> Import:
    """A value that the `forward` of this class is given: its variable, and its channels."""
    word = walk.free_variable([w for part in words if (w := re.sub(r"\{.*\}", "", part))])
    channels = Var(f"{word}_channels")
    size = flow.size if not holds_sym(flow.size) else None
    return Import(word, path, Flow(channels, channels, size, None, flow.example))


def shareable(walk: OpenWalk, words: Words, path: str, form: t.Share) -> tuple[Plain, Flow]:
    """The attribute with these weights, and what flows behind it."""
    walk.needs_forward("`share`", form.span)
    flow = walk.labels.found(words, form.path.span)
    words = tuple(path.split("."))
    again = walk.labels.layers.get(path) or walk.labels.within.get(path) or find(walk.items, words)
    if again is None or (len(words) > 1 and is_stateless(again)):
        what = f"`{path}` cannot be shared: it is no layer, block or container of this level"
        raise BackendError(what, form.path.span)
    keep(walk, path)
    return again, flow


def again(walk: OpenWalk, name: Name, path: str, found: tuple[Plain, Flow], form: t.Share) -> None:
    """The same attribute once more, by a name of its own."""
    item, flow = found
    seen = walk.observed.at(walk.prefix, name, "")
    size = size_of([s[1] for s in seen]) if seen else None
    after = shown(Flow(flow.channels, flow.closed, () if flow.vector else size, None), seen)
    words = tuple(path.split("."))
    walk.append(SharedItem(name, words, after, form.span, item), name, after)
    if name.fixed is not None:
        walk.shared[name.fixed] = path
        if not isinstance(item, LayerItem):
            walk.labels.within[name.fixed] = item


def keep(walk: OpenWalk, path: str) -> None:
    """What is used twice is an attribute, also where a function would do once."""
    item = walk.labels.layers.get(path)
    if item is not None:
        item.form = replace(item.form, function="")


def is_stateless(item: Item) -> bool:
    """Whether a layer inside another may be no module there, but a function."""
    return isinstance(item, LayerItem) and not needs_attribute(item)


def names_in(node: t.Node) -> Iterator[str]:
    """Every name that stands in a tree."""
    if isinstance(node, t.Name | t.Call | t.Fork):
        yield node.name
    for child in node.children():
        yield from names_in(child)
