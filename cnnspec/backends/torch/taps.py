"""Taps and shared layers: paths to what stands earlier in the level (L14, L17)."""

from __future__ import annotations

from dataclasses import replace

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.evaluate import holds_sym
from cnnspec.backends.torch.forks import Forks
from cnnspec.backends.torch.items import (
    CallItem,
    ContainerItem,
    Flow,
    Import,
    SharedItem,
    TapItem,
    Words,
    is_plain,
)
from cnnspec.backends.torch.naming import safe
from cnnspec.backends.torch.observe import size_of
from cnnspec.backends.torch.state import NeedsModule
from cnnspec.backends.torch.symbols import LOST, Var, expand, substitute, variables
from cnnspec.elaborate.scope import Scope
from cnnspec.source import Span
from cnnspec.syntax import tree as t


class Taps(Forks):
    """Walks `from` and `share`."""

    def words(self, path: t.Path, scope: Scope) -> tuple[str, ...]:
        words: list[str] = []
        for part in path.parts:
            if isinstance(part, str):
                words += part.split(".")
            elif isinstance(part, t.Template):
                label = self.label(t.Layer(part.span, t.Label(part.span, part), None), scope)  # type: ignore[arg-type]
                words += ((label.fixed if label else None) or "").split(".")
            else:
                words.append(str(self.evaluator.value(part, scope, self.arriving)))
        return tuple(words)

    def tap(self, form: t.From, scope: Scope) -> None:
        """`from path`: the flow goes on from an earlier layer of this level."""
        if self.container:
            raise NeedsModule("a tap", form.span)
        words = self.words(form.path, scope)
        flow = self.reached(words, form, scope)
        if self.carried in variables(flow.channels) and self.kind == "net":
            raise BackendError("the channels of this tap are lost in a loop", form.span)
        self.tapped.add(words)
        self.items.append(TapItem(words, flow, form.span))
        self.flow = flow

    def reached(self, words: Words, form: t.From, scope: Scope) -> Flow:
        """What flows at a path of this level, or of the level around braces that are a class."""
        if self.around is None or self.holds(words):
            return self.found(words, form.span)
        if words not in self.imports:
            outer, there = self.around
            flow = outer.reached(outer.words(form.path, there), form, there)  # type: ignore[attr-defined]
            variable = safe("_".join(_fixed(form.path)))
            channels = Var(f"{variable}_channels")
            size = flow.size if not holds_sym(flow.size) else None
            flow = Flow(channels, channels, size, None, flow.example)
            self.imports[words] = Import(variable, form.path, flow)
        return self.imports[words].flow

    def holds(self, words: Words) -> bool:
        """Whether a path begins with a name of this level."""
        return any(".".join(words[:end]) in self.ends for end in range(len(words), 0, -1))

    def found(self, words: Words, span: Span) -> Flow:
        """What flows at an earlier layer, or inside a container or block of this level."""
        for end in range(len(words), 0, -1):
            head = ".".join(words[:end])
            if head not in self.ends:
                continue
            if end == len(words):
                return self.ends[head]
            item = self.within.get(head)
            if isinstance(item, CallItem):
                return _given(item.plan.found(words[end:], span), item)
            if item is not None:
                return self.child(item, words[end:], span)
        raise BackendError(f"no layer `{'.'.join(words)}` to tap here", span)

    def child(self, container: ContainerItem, rest: Words, span: Span) -> Flow:
        """What flows at a child of an inline `seq` or labelled braces."""
        for place, item in enumerate(container.items):
            if not is_plain(item):
                break
            label = str(place) if container.seq else item.name.fixed
            if label != rest[0]:
                continue
            if len(rest) == 1:
                return item.after
            if isinstance(item, CallItem):
                return _given(item.plan.found(rest[1:], span), item)
            if isinstance(item, ContainerItem):
                return self.child(item, rest[1:], span)
        raise BackendError(f"no value of `{'.'.join(rest)}` to tap behind a loop", span)

    def share(self, layer: t.Layer, form: t.Share, scope: Scope) -> None:
        """`share path`: the same attribute once more."""
        if self.container:
            raise NeedsModule("`share`", form.span)
        words = self.words(form.path, scope)
        flow = self.found(words, form.span)
        self.keep(".".join(words))
        name = self.named(layer, "share", scope)
        seen = self.observed.at(self.prefix, name, "")
        size = size_of([s[1] for s in seen]) if seen else None
        after = Flow(flow.channels, flow.closed, () if flow.vector else size, None)
        self.append(SharedItem(name, words, after, form.span), name, after)

    def keep(self, path: str) -> None:
        """What is used twice is an attribute, also where a function would do once."""
        item = self.layers.get(path)
        if item is not None:
            item.form = replace(item.form, function="")


def _fixed(path: t.Path) -> list[str]:
    """The words of a path that are text: what a value is called."""
    words: list[str] = []
    for part in path.parts:
        if isinstance(part, t.Template):
            words += [p for p in part.parts if isinstance(p, str)]
        elif isinstance(part, str):
            words += part.split(".")
    return [word for word in words if word.isidentifier()] or ["skip"]


def _given(flow: Flow, item: CallItem) -> Flow:
    """What flows inside a block, in the words of its call."""
    closed = None if flow.closed is None else substitute(flow.closed, item.given)
    channels = LOST if closed is None else closed
    size = flow.size and tuple(substitute(n, item.given) for n in flow.size)
    return Flow(channels, expand(channels), size, None, flow.example)
