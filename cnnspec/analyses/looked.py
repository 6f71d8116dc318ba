"""What taps look into, and which loops stay loops in Python: both decide where lines end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnnspec import ir
from cnnspec.analyses.heap import Heap
from cnnspec.nesting import UNROLLED
from cnnspec.source import Span


def look(net: ir.Net, heap: Heap) -> None:
    """Tell a heap which loops of a net are loops in Python, and what its taps read."""
    modules = list(ir.modules(net))
    heap.loops = _loops(modules)
    if any(tapped(module.items) for module in modules):
        _note(heap, net.body, ("",))


def tapped(items: Iterable[ir.Item]) -> set[str]:
    """The paths that `from` names in a body, also from within its arms and outputs."""
    return {item.read for item in _used(items) if isinstance(item, ir.Tap)}


def _used(items: Iterable[ir.Item]) -> Iterator[ir.Item]:
    """Everything of one level, and what is used there once more."""
    for item in ir.everything(items):
        yield item
        if isinstance(item, ir.Shared):
            yield item.item


def _loops(modules: Iterable[ir.Module]) -> set[Span]:
    """The loops that are loops in Python: of many turns, or of a number that is not known.

    It is not where a parameter decides it.  A loop that a tap looks into is written out, for every
    layer needs its own name then.
    """
    kept = {
        turn.loop
        for module in modules
        for item in _used(module.items)
        for turn in _turns(item)
        if turn.open or turn.turns > UNROLLED
    }
    return kept - {loop for module in modules for loop in _tapped_loops(module, kept)}


def _tapped_loops(module: ir.Module, loops: set[Span]) -> Iterator[Span]:
    """The loops of known turns among whose layers is one that a tap reads."""
    paths = tapped(module.items)
    for item in _used(module.items) if paths else ():
        name = item.join.name if isinstance(item, ir.Fork) else getattr(item, "name", "")
        if any(path == name or path.startswith(f"{name}.") for path in paths):
            yield from (t.loop for t in _turns(item) if t.loop in loops and not t.open)


def _turns(item: ir.Item) -> tuple[ir.Turn, ...]:
    if isinstance(item, ir.Fork):
        return item.join.turns
    return item.turns if isinstance(item, ir.Layer | ir.Call) else ()


def _note(heap: Heap, module: ir.Module, levels: tuple[str, ...]) -> None:
    """Tell the heap what taps read; `levels` are the prefixes around, outermost first."""
    for item in _used(module.items):
        if isinstance(item, ir.Tap):
            level = levels[-1 - item.up]
            heap.taps[levels[-1], id(item)] = level + item.read
            heap.wanted[level + item.read] = level
        elif isinstance(item, ir.Call):
            _note(heap, item.module, (*levels, f"{levels[-1]}{item.name}."))
