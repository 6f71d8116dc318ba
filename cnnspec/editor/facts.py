"""What each line of a spec makes: shapes, parameters, multiply-adds, how often, and where.

Everything comes from the IR's spans.  A block that is called 200 times is walked once, with the
number of its calls: the cost is that of the text, not of the net.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import prod

from cnnspec import ir
from cnnspec.source import Source, Span
from cnnspec.values import Shape, dims

SHAPES_MAX = 16
"""Different shapes of one line that are kept."""


@dataclass(slots=True)
class LineFacts:
    """What a line makes; sums are over all its uses, shared weights counted once."""

    shapes: list[str] = field(default_factory=list)
    """Output shapes, as `64x56x56`, in the order in which they are made."""
    params: int = 0
    macs: int = 0
    """Multiply-adds of conv and linear for one image."""
    uses: int = 0
    """How many layers and calls the line makes in the whole net."""
    path: str = ""
    """The state_dict path of the first of them."""

    def label(self) -> str:
        """The line's end in an editor: `64x56x56` or `64x56x56 .. 512x7x7`, and its parameters."""
        few = self.shapes if len(self.shapes) < 4 else [self.shapes[0], "..", self.shapes[-1]]
        shown = " ".join(few) if ".." in few else " | ".join(few)
        return f"{shown}  {short(self.params)}" if self.params else shown


def short(count: int) -> str:
    """A count of parameters on a line: `61.7K`."""
    for unit, name in ((10**9, "G"), (10**6, "M"), (10**3, "K")):
        if count >= unit:
            return f"{count / unit:.1f}{name}"
    return str(count)


class Facts:
    """The facts of the lines of every file that nets are made from."""

    def __init__(self) -> None:
        self.lines: dict[str, dict[int, LineFacts]] = {}
        """Path (or name) of a source -> line from 1 -> what it makes."""

    def of(self, source: Source) -> dict[int, LineFacts]:
        """The lines of one file that make something."""
        return self.lines.get(source.path or source.name, {})

    def add(self, inputs: Iterable[ir.Input], rows: Iterable[tuple[ir.Item, ...]]) -> None:
        """Add a net: its inputs, and its items (those that there are, where it has errors)."""
        for entry in inputs:
            self.shape(entry.span, entry.shape)
        _Walk(self).rows(rows)

    def at(self, span: Span) -> LineFacts:
        """The facts of the line on which a span ends."""
        lines = self.lines.setdefault(span.source.path or span.source.name, {})
        line = span.source.position(max(span.start, span.end - 1))[0]
        return lines.setdefault(line, LineFacts())

    def shape(self, span: Span, shape: Shape) -> None:
        """Enter a shape that a line makes."""
        shapes, text = self.at(span).shapes, dims(shape)
        if text not in shapes and len(shapes) < SHAPES_MAX:
            shapes.append(text)


def facts(nets: Iterable[ir.Net]) -> Facts:
    """The facts of whole nets."""
    found = Facts()
    for net in nets:
        found.add(net.inputs, [net.body.items])
    return found


@dataclass(slots=True)
class _Cost:
    params: int
    macs: int


class _Walk:
    """Enters the items of a net, each module once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.costs: dict[int, _Cost] = {}
        self.times: dict[int, list[int]] = {}
        """Module -> how often it is used with weights of its own, and with shared ones."""
        self.kept: list[ir.Module] = []

    def rows(self, rows: Iterable[tuple[ir.Item, ...]]) -> None:
        for items in rows:
            self.level(items, 1, 0, "")

    def level(self, items: tuple[ir.Item, ...], own: int, shared: int, prefix: str) -> None:
        """The items of one level; modules that they call come after it, with all their calls."""
        self.shapes(items)
        calls: dict[int, tuple[ir.Module, int, int, str]] = {}
        for item in ir.members(items):
            if isinstance(item, ir.Layer):
                cost = _layer(item)
                self.enter(item.span, cost, own, shared, prefix + item.name)
            elif isinstance(item, ir.Call | ir.Shared):
                self.call(item, own, shared, prefix, calls)
        for module, times, again, path in calls.values():
            self.level(module.items, times, again, path)

    def call(
        self, item: ir.Call | ir.Shared, own: int, shared: int, prefix: str,
        calls: dict[int, tuple[ir.Module, int, int, str]],
    ) -> None:  # fmt: skip
        used = item.item if isinstance(item, ir.Shared) else item
        times, again = (own, shared) if used is item else (0, own + shared)
        path = prefix + item.name
        if isinstance(used, ir.Layer):
            self.enter(item.span, _layer(used), times, again, path)
            return
        self.enter(item.span, self.cost(used.module), times, again, path)
        module, before, other, first = calls.get(id(used.module), (used.module, 0, 0, f"{path}."))
        calls[id(used.module)] = (module, before + times, other + again, first)

    def enter(self, span: Span, cost: _Cost, own: int, shared: int, path: str) -> None:
        line = self.facts.at(span)
        line.params += cost.params * own
        line.macs += cost.macs * (own + shared)
        line.uses += own + shared
        line.path = line.path or path

    def cost(self, module: ir.Module) -> _Cost:
        """What one use of a module costs, remembered."""
        if id(module) not in self.costs:
            self.kept.append(module)
            total = _Cost(0, 0)
            for item in ir.members(module.items):
                if isinstance(item, ir.Branch):
                    continue
                used = item.item if isinstance(item, ir.Shared) else item
                one = _layer(used) if isinstance(used, ir.Layer) else self.cost(used.module)
                total.params += 0 if used is not item else one.params
                total.macs += one.macs
            self.costs[id(module)] = total
        return self.costs[id(module)]

    def shapes(self, items: tuple[ir.Item, ...]) -> None:
        """For each line of a level the shape that leaves it; of a loop on a line, every turn's."""
        last: dict[tuple[int, int], tuple[Span, Shape]] = {}
        for span, shape, joins in _made(items):
            key = (id(span.source), span.source.position(max(span.start, span.end - 1))[0])
            before = last.get(key)
            if before is not None and span.start <= before[0].start and not joins:
                self.facts.shape(*before)
            last[key] = (span, shape)
        for span, shape in last.values():
            self.facts.shape(span, shape)


def _made(items: tuple[ir.Item, ...]) -> Iterator[tuple[Span, Shape, bool]]:
    """What each item of a level makes, in order; true for the join of a fork."""
    for item in ir.everything(items):
        match item:
            case ir.Layer():
                yield item.span, item.shape, False
            case ir.Call():
                yield item.span, item.module.output, False
            case ir.Fork():
                yield item.join.span, item.join.shape, True
            case ir.Tap() | ir.Branch():
                yield item.span, item.shape, False
            case ir.Shared():
                used = item.item
                shape = used.shape if isinstance(used, ir.Layer) else used.module.output
                yield item.span, shape, False


def _layer(layer: ir.Layer) -> _Cost:
    arrives = layer.inputs[0]
    params = sum(prod(map(int, shape)) for shape in layer.op.params(arrives).values())
    return _Cost(params, layer.op.macs(arrives, layer.shape))
