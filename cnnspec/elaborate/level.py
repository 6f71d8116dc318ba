"""One level of names, and how `from` and `share` find a layer in it (L14, L17, L18)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnnspec import ir
from cnnspec.diagnostics import fail
from cnnspec.elaborate import explain
from cnnspec.elaborate.evaluate import Poisoned
from cnnspec.elaborate.later import misuse
from cnnspec.elaborate.paths import Names
from cnnspec.source import Span
from cnnspec.values import Shape


@dataclass(slots=True)
class Level:
    """One level of names with the paths that `from` can name in it (L14)."""

    names: Names
    outer: Level | None = None
    """The level around an inline `seq` or group; None for a block or net, which sees its own."""
    unclear: bool = False
    """Whether an error hides what a label is: no layer is missing here then."""
    block: bool = False
    """Whether this is a block's: what stands around it cannot be named here."""
    ends: dict[str, Shape | None] = field(default_factory=dict)
    items: dict[str, ir.Layer | ir.Call] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    """Layers that are shared ones, with the path that has their weights (L17)."""
    aux: set[str] = field(default_factory=set)
    children: dict[int, explain.Children] = field(default_factory=dict)
    """The children of each module that a tap looked into, by its identity."""

    @property
    def outermost(self) -> Level:
        """The level of the block or net that this one stands in."""
        level = self
        while level.outer is not None:
            level = level.outer
        return level

    def end(self, name: str, shape: Shape | None, item: ir.Layer | ir.Call | None) -> None:
        """Enter a layer that the flow has passed; its shape is None after an error."""
        self.ends[name] = shape
        if item is not None:
            self.items[name] = item

    def weights(self, words: list[str]) -> str:
        """The path of the layer whose weights those at a path are: its own where none is shared."""
        for end in range(len(words), 0, -1):
            source = self.shared.get(".".join(words[:end]))
            if source is not None:
                return ".".join([source, *words[end:]])
        return ".".join(words)

    def unknown(self, name: str) -> None:
        """Enter a layer of which nothing is known after an error."""
        self.ends.setdefault(name, None)

    def find(
        self, words: list[str], span: Span
    ) -> tuple[int, Shape | None, ir.Layer | ir.Call | None]:
        """An earlier layer: how many levels out it stands, its shape and item."""
        level: Level | None = self
        up, unclear = 0, False
        while level is not None:
            for end in range(len(words), 0, -1):
                head = ".".join(words[:end])
                if head in level.aux:
                    raise misuse.training_only(head, level.names.taken.get(head), span)
                if head in level.names.counted:
                    raise misuse.no_label(head, level.names.taken[head], span)
                if head in level.ends:
                    return up, *_descend(level, head, words[end:], span)
            unclear = unclear or level.unclear
            level, up = level.outer, up + 1
        if unclear:
            raise Poisoned
        known = sorted(name for name in self.ends if name not in self.names.counted)
        deeper = (
            f"{name}.{inner}"
            for name, item in self.items.items()
            if isinstance(item, ir.Call) and name not in self.names.counted
            for inner in explain.paths(item.module)
        )
        block = self.outermost.block
        raise misuse.no_layer(".".join(words), known, span, block=block, deeper=deeper)


def _descend(
    level: Level, head: str, rest: list[str], span: Span
) -> tuple[Shape | None, ir.Layer | ir.Call | None]:
    """Follow a path from a layer of this level down into the modules it calls."""
    item, shape = level.items.get(head), level.ends[head]
    if not rest or shape is None:
        return shape, item
    if not isinstance(item, ir.Call):
        raise fail("E0119", f"`{head}` is one layer: nothing is inside it", span)
    found = explain.inside(item.module, rest, level.children)
    if found is None:
        known = [p for p in explain.paths(item.module)]
        raise misuse.no_layer(".".join(rest), known, span, f" in `{head}`")
    return (found.shape if isinstance(found, ir.Layer) else found.module.output), found
