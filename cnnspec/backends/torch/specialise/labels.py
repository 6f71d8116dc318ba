"""What stands at the paths of one level: what taps, shares and later layers find there (L14)."""

from __future__ import annotations

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow, Name, Words
from cnnspec.backends.torch.program.items import (
    CallItem,
    ContainerItem,
    Item,
    LayerItem,
    before_loops,
    find,
    first,
)
from cnnspec.backends.torch.python.symbols import LOST, expand, substitute
from cnnspec.backends.torch.specialise.folding import blaming
from cnnspec.elaborate.paths import split
from cnnspec.ir import PLACES
from cnnspec.source import Span

Saved = tuple[dict[str, Flow], dict[str, ContainerItem | CallItem], set[Words]]


class Labels:
    """The layers of one level by their names, where no open number is in these."""

    def __init__(self) -> None:
        self.ends: dict[str, Flow] = {}
        """What flows behind each."""
        self.within: dict[str, ContainerItem | CallItem] = {}
        """What a tap may look into."""
        self.layers: dict[str, LayerItem] = {}
        self.tapped: set[Words] = set()
        """Paths that a tap has read."""

    def enter(self, name: Name, item: Item, after: Flow) -> None:
        """Enter a layer, block or container, and what flows behind it."""
        if isinstance(item, CallItem | ContainerItem):
            self.within[name.fixed or "?"] = item
        if name.fixed is not None:
            self.ends[name.fixed] = after
            if isinstance(item, LayerItem):
                self.layers[name.fixed] = item

    def saved(self) -> Saved:
        """What a walk of further statements changes."""
        return dict(self.ends), dict(self.within), set(self.tapped)

    def restore(self, saved: Saved) -> None:
        """Go back to what was saved."""
        ends, within, tapped = saved
        self.ends.clear()
        self.ends.update(ends)
        self.within.clear()
        self.within.update(within)
        self.tapped.clear()
        self.tapped.update(tapped)

    def holds(self, words: Words) -> bool:
        """Whether a path begins with a name of this level."""
        return split(words, self.ends) is not None

    def found(self, words: Words, span: Span) -> Flow:
        """What flows at an earlier layer, or inside a container or block of this level."""
        if (found := split(words, self.ends)) is not None:
            head, rest = found
            if rest == [PLACES] and head in self.layers:
                return self.layers[head].before
            return self.below(self.within.get(head), (*rest,), span) if rest else self.ends[head]
        if is_open(words):
            raise BackendError("the path of this tap is open", span, "write the loop out")
        raise BackendError(f"no layer `{_said(words)}` to tap here", span)

    def pool(self, words: Words) -> LayerItem | None:
        """The layer at a path whose second value is read."""
        head, rest = split(words, self.ends) or ("", list(words))
        if not rest:
            return self.layers.get(head)
        item = self.within.get(head)
        inside = item.plan.items if isinstance(item, CallItem) else item.items if item else []
        found = find(inside, tuple(rest))
        return found if isinstance(found, LayerItem) else None

    def below(self, item: Item | None, rest: Words, span: Span) -> Flow:
        """What flows inside a block, an inline `seq` or labelled braces."""
        if isinstance(item, CallItem):
            with blaming(item.plan.owner):
                return _given(item.plan.found(rest, span), item)
        inside = before_loops(item.items) if isinstance(item, ContainerItem) else []
        if (found := first(inside, rest)) is not None:
            child, more = found
            if more == (PLACES,) and isinstance(child, LayerItem):
                return child.before
            return self.below(child, more, span) if more else child.after
        what = f"`{_said(rest)}` cannot be tapped: it is behind a loop or in a shared layer"
        raise BackendError(what, span)


def is_open(words: Words) -> bool:
    """Whether an open number stands in a path."""
    return any("{" in word for word in words)


def _said(words: Words) -> str:
    return ".".join(words)


def _given(flow: Flow, item: CallItem) -> Flow:
    """What flows inside a block, in the words of its call."""
    closed = None if flow.closed is None else substitute(flow.closed, item.given)
    channels = LOST if closed is None else closed
    size = flow.size and tuple(substitute(n, item.given) for n in flow.size)
    return Flow(channels, expand(channels), size, None, flow.example)
