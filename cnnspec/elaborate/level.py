"""One level of names, and how `from` and `share` find a layer in it (L14, L17, L18)."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec import ir
from cnnspec.diagnostics import fail
from cnnspec.elaborate import explain
from cnnspec.elaborate.evaluate import Poisoned
from cnnspec.elaborate.later import unfound
from cnnspec.elaborate.paths import Names, split
from cnnspec.ops import ops
from cnnspec.records import field, record
from cnnspec.source import Span
from cnnspec.values import Shape


@record
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
    followed: dict[str, str] = field(default_factory=dict)
    """The last layer that a default lets follow, by the name of the one that it follows."""
    children: dict[int, explain.Children] = field(default_factory=dict)
    """The children of each module that a tap looked into, by its identity."""

    @property
    def outermost(self) -> Level:
        """The level of the block or net that this one stands in."""
        level = self
        while level.outer is not None:
            level = level.outer
        return level

    def around(self, up: int) -> Level:
        """The level so many levels out."""
        return self if not up or self.outer is None else self.outer.around(up - 1)

    def end(self, name: str, shape: Shape | None, item: ir.Layer | ir.Call | None) -> None:
        """Enter a layer that the flow has passed; its shape is None after an error."""
        self.ends[name] = shape
        if item is not None:
            self.items[name] = item

    def unknown(self, name: str) -> None:
        """Enter a layer of which nothing is known after an error."""
        self.ends.setdefault(name, None)

    def __contains__(self, name: object) -> bool:
        """Whether a name is taken in this level: by a layer that has begun, or an output."""
        return name in self.ends or name in self.aux or name in self.names.automatics

    def refuse(self, name: str, span: Span) -> None:
        """Refuse a name that this level has, and that no path may lead through."""
        aux = name.partition(".")[0]
        if aux in self.aux:
            raise unfound.training_only(aux, self.names.taken.get(name), span)
        if name in self.names.automatics:
            raise unfound.no_label(name, self.names.taken[name], span)

    def find(
        self, words: Sequence[str], span: Span
    ) -> tuple[int, Shape | None, ir.Layer | ir.Call | None]:
        """An earlier layer: how many levels out it stands, its shape and item."""
        level: Level | None = self
        up, unclear = 0, False
        while level is not None:
            if (found := split(words, level)) is not None:
                head, rest = found
                level.refuse(head, span)
                return up, *_descend(level, head, rest, span)
            unclear = unclear or level.unclear
            level, up = level.outer, up + 1
        if unclear:
            raise Poisoned
        known = sorted(name for name in self.ends if name not in self.names.automatics)
        deeper = (
            f"{name}.{inner}"
            for name, item in self.items.items()
            if isinstance(item, ir.Call) and name not in self.names.automatics
            for inner in explain.paths(item.module)
        )
        block = self.outermost.block
        help = self.automatic(words, span)
        raise unfound.no_layer(".".join(words), known, span, block=block, deeper=deeper, help=help)

    def automatic(self, words: Sequence[str], span: Span) -> tuple[str, ...]:
        """What to write where `relu1` looks like the automatic name of a layer further inside."""
        kind = words[-1].rstrip("0123456789")
        number = words[-1][len(kind) :]
        if not number or kind.removesuffix("_") not in ops():
            return ()
        found = [
            (layer, "" if name in self.names.automatics else name)
            for name, item in self.items.items()
            if isinstance(item, ir.Call)
            for layer in explain.leaves(item.module)
            if layer.op.name == kind.removesuffix("_")
        ]
        made, inside = found[min(int(number), len(found)) - 1] if found else (None, "")
        head = span.source.text[: span.start].split()[-1:]
        if made is not None and not inside:
            made = None
        return unfound.automatic(words[-1], made, inside, "share" if head == ["share"] else "from")


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
        raise unfound.no_layer(".".join(rest), known, span, f" in `{head}`")
    return (found.shape if isinstance(found, ir.Layer) else found.module.output), found
