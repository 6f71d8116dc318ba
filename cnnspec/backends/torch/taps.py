"""Taps and shared layers: paths to what stands earlier in the level (L14, L17)."""

from __future__ import annotations

from dataclasses import replace

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.forks import Forks
from cnnspec.backends.torch.items import CallItem, Flow, LayerItem, SharedItem, TapItem
from cnnspec.backends.torch.observe import size_of
from cnnspec.backends.torch.state import NeedsModule
from cnnspec.backends.torch.symbols import variables
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
        flow = self.found(words, form.span)
        if self.carried in variables(flow.channels) and self.kind == "net":
            raise BackendError("the channels of this tap are lost in a loop", form.span)
        self.tapped.add(words)
        self.items.append(TapItem(words, flow, form.span))
        self.flow = flow

    def found(self, words: tuple[str, ...], span: Span) -> Flow:
        """What flows at an earlier layer, or at a child of an inline container."""
        for end in range(len(words), 0, -1):
            head = ".".join(words[:end])
            if head in self.ends:
                return self.ends[head] if end == len(words) else self.child(words, end, span)
        raise BackendError(f"no layer `{'.'.join(words)}` to tap here", span)

    def child(self, words: tuple[str, ...], end: int, span: Span) -> Flow:
        """What flows at a child of an inline `seq` or labelled braces."""
        container = self.containers.get(".".join(words[:end]))
        for place, item in enumerate(container.items if container else ()):
            if not container or not isinstance(item, LayerItem | CallItem):
                break
            label = str(place) if container.seq else item.name.fixed
            if (label,) == words[end:]:
                return item.after
        raise BackendError(f"`{'.'.join(words)}` lies inside a block", span, "tap the block's end")

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
