"""Taps and shared layers: paths to what stands earlier in the level (L14, L17)."""

from __future__ import annotations

import re
from dataclasses import replace

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.attributes import needs_attribute
from cnnspec.backends.torch.program.flow import Flow, Import, Name, Words
from cnnspec.backends.torch.program.items import (
    CallItem,
    ContainerItem,
    Item,
    LayerItem,
    Plain,
    SharedItem,
    TapItem,
    before_loops,
    find,
)
from cnnspec.backends.torch.python.lists import OpenList, holds_sym
from cnnspec.backends.torch.python.names import variable
from cnnspec.backends.torch.python.symbols import LOST, Var, expand, substitute, variables
from cnnspec.backends.torch.specialise.folding import blaming
from cnnspec.backends.torch.specialise.forks import Forks
from cnnspec.backends.torch.specialise.levels import names_in
from cnnspec.backends.torch.specialise.observe import size_of
from cnnspec.backends.torch.specialise.state import NeedsModule
from cnnspec.elaborate.paths import split
from cnnspec.elaborate.scope import Missing, Scope
from cnnspec.source import Span
from cnnspec.syntax import tree as t


class Taps(Forks):
    """Walks `from` and `share`."""

    def tap(self, layer: t.Layer, form: t.From, scope: Scope) -> None:
        """`from path`: the flow goes on from an earlier layer of this level."""
        if self.container:
            raise NeedsModule("a tap", form.span)
        words = self.words(form.path, scope)
        flow = self.reached(words, form.path, scope)
        if self.carried in variables(flow.channels) and self.kind == "net":
            raise BackendError("the channels of this tap are lost in a loop", form.span)
        self.tapped.add(words)
        self.items.append(TapItem(words, flow, form.span))
        self.flow = flow

    def reached(self, words: Words, path: t.Path, scope: Scope) -> Flow:
        """What flows at a path of this level, or of the level around braces that are a class."""
        if self.holds(words) or (self.around is None and not self.container):
            return self.found(words, path.span)
        if self.around is None:
            raise NeedsModule("a tap to a label around it", path.span)
        if words not in self.imports:
            outer, there = self.around
            path = self.outwards(words, path, scope, there)
            flow = outer.reached(outer.words(path, there), path, there)
            self.imports[words] = self.taken(words, path, flow)
        return self.imports[words].flow

    def outwards(self, words: Words, path: t.Path, scope: Scope, there: Scope) -> t.Path:
        """A path as the level around reads it: in names that mean the same in both."""
        if not _is_open(words):
            return t.Path(path.span, words)
        for name in names_in(path):
            if not self.means_the_same(name, scope, there):
                what = f"`{name}` is no name of the level that this tap leads to"
                raise BackendError(what, path.span, "write the loop out")
        return path

    def means_the_same(self, name: str, scope: Scope, there: Scope) -> bool:
        """Whether a name is one number here and in the level around: a parameter, or known."""
        value, outside = scope.find(name), there.find(name)
        if isinstance(value, Var | OpenList):
            return outside is not Missing and value.name in self.locals
        return bool(value == outside)

    def taken(self, words: Words, path: t.Path, flow: Flow) -> Import:
        """A value that the `forward` of this class is given: its variable, and its channels."""
        word = variable([w for part in words if (w := re.sub(r"\{.*\}", "", part))])
        while word in {i.variable for i in self.imports.values()}:
            word += "_"
        channels = Var(f"{word}_channels")
        size = flow.size if not holds_sym(flow.size) else None
        return Import(word, path, Flow(channels, channels, size, None, flow.example))

    def holds(self, words: Words) -> bool:
        """Whether a path begins with a name of this level."""
        return split(words, self.ends) is not None

    def found(self, words: Words, span: Span) -> Flow:
        """What flows at an earlier layer, or inside a container or block of this level."""
        if (found := split(words, self.ends)) is not None:
            head, rest = found
            return self.below(self.within.get(head), (*rest,), span) if rest else self.ends[head]
        if _is_open(words):
            raise BackendError("the path of this tap is open", span, "write the loop out")
        raise BackendError(f"no layer `{_said(words)}` to tap here", span)

    def below(self, item: Item | None, rest: Words, span: Span) -> Flow:
        """What flows inside a block, an inline `seq` or labelled braces."""
        if isinstance(item, CallItem):
            with blaming(item.plan.owner):
                return _given(item.plan.found(rest, span), item)
        children = before_loops(item.items) if isinstance(item, ContainerItem) else []
        for place, child in enumerate(children):
            label = str(place) if isinstance(item, ContainerItem) and item.seq else child.name.fixed
            if label == rest[0]:
                return self.below(child, rest[1:], span) if rest[1:] else child.after
        what = f"`{_said(rest)}` cannot be tapped: it is behind a loop or in a shared layer"
        raise BackendError(what, span)

    def shareable(self, words: Words, path: str, form: t.Share) -> tuple[Plain, Flow]:
        """The attribute with these weights, and what flows behind it."""
        if self.container:
            raise NeedsModule("`share`", form.span)
        flow = self.found(words, form.path.span)
        words = tuple(path.split("."))
        again = self.layers.get(path) or self.within.get(path) or find(self.items, words)
        if again is None or (len(words) > 1 and is_stateless(again)):
            what = f"`{path}` cannot be shared: it is no layer, block or container of this level"
            raise BackendError(what, form.path.span)
        self.keep(path)
        return again, flow

    def again(self, name: Name, path: str, found: tuple[Plain, Flow], form: t.Share) -> None:
        item, flow = found
        seen = self.observed.at(self.prefix, name, "")
        size = size_of([s[1] for s in seen]) if seen else None
        after = Flow(flow.channels, flow.closed, () if flow.vector else size, None)
        words = tuple(path.split("."))
        self.append(SharedItem(name, words, after, form.span, item), name, after)
        if name.fixed is not None:
            self.shared[name.fixed] = path
            if not isinstance(item, LayerItem):
                self.within[name.fixed] = item

    def keep(self, path: str) -> None:
        """What is used twice is an attribute, also where a function would do once."""
        item = self.layers.get(path)
        if item is not None:
            item.form = replace(item.form, function="")


def is_stateless(item: Item) -> bool:
    """Whether a layer inside another may be no module there, but a function."""
    return isinstance(item, LayerItem) and not needs_attribute(item)


def _is_open(words: Words) -> bool:
    return any("{" in word for word in words)


def _said(words: Words) -> str:
    return ".".join(words)


def _given(flow: Flow, item: CallItem) -> Flow:
    """What flows inside a block, in the words of its call."""
    closed = None if flow.closed is None else substitute(flow.closed, item.given)
    channels = LOST if closed is None else closed
    size = flow.size and tuple(substitute(n, item.given) for n in flow.size)
    return Flow(channels, expand(channels), size, None, flow.example)
