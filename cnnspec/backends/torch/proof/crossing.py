"""Which blocks cannot be one term: taps look into or out of them, or the net's head ends them."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec import ir


def open_modules(net: ir.Net) -> set[int]:
    """The modules that are gone into where they are called, by identity."""
    crossing = _Crossing()
    crossing.visit([net.body])
    flow = [item for item in net.body.items if not isinstance(item, ir.Branch)]
    ends = [(flow, net.head), *((branch.items, branch.head) for branch in net.branches)]
    for items, head in ends:
        if head is not None:
            _ended(items[-1], crossing.found)
    return crossing.found


class _Crossing:
    """Finds the modules whose edge a tap crosses."""

    def __init__(self) -> None:
        self.found: set[int] = set()
        self._seen: set[tuple[int, ...]] = set()
        self._heights: dict[int, int] = {}
        self._calls: dict[int, dict[str, ir.Module]] = {}

    def visit(self, around: list[ir.Module]) -> None:
        """Go through the last of a chain of modules, net first.

        A module is visited once for each chain that its taps can reach, mostly once.
        """
        for item in _flat(around[-1].items):
            if isinstance(item, ir.Tap):
                self.found |= {id(module) for module in around[len(around) - item.up :]}
                self.into(around[-1 - item.up], item.path)
            called = _called(item)
            if called is not None:
                reached = around[len(around) - self.height(called) :]
                key = (id(called), *map(id, reached))
                if key not in self._seen:
                    self._seen.add(key)
                    self.visit([*around, called])

    def into(self, module: ir.Module, path: str) -> None:
        """Add the modules that a tap's path goes through."""
        called = self._calls.get(id(module))
        if called is None:
            pairs = ((item, _called(item)) for item in _flat(module.items))
            called = {
                item.name: below
                for item, below in pairs
                if below is not None and isinstance(item, ir.Call | ir.Shared)
            }
            self._calls[id(module)] = called
        words = path.split(".")
        for end in range(1, len(words)):
            below = called.get(".".join(words[:end]))
            if below is not None:
                self.found.add(id(below))
                self.into(below, ".".join(words[end:]))

    def height(self, module: ir.Module) -> int:
        """How many levels above a module the taps in it and below it reach."""
        found = self._heights.get(id(module))
        if found is None:
            found = 0
            for item in _flat(module.items):
                called = _called(item)
                if isinstance(item, ir.Tap):
                    found = max(found, item.up)
                elif called is not None:
                    found = max(found, self.height(called) - 1)
            self._heights[id(module)] = found
        return found


def _ended(last: ir.Item, found: set[int]) -> None:
    """Add the levels that a head ends, which is not written: `output { conv ... -> softmax }`."""
    if isinstance(last, ir.Call) and last.module.items:
        found.add(id(last.module))
        _ended(last.module.items[-1], found)
    elif isinstance(last, ir.Group) and last.items:
        _ended(last.items[-1], found)


def _called(item: ir.Item) -> ir.Module | None:
    inner = item.item if isinstance(item, ir.Shared) else item
    return inner.module if isinstance(inner, ir.Call) else None


def _flat(items: tuple[ir.Item, ...]) -> Iterator[ir.Item]:
    """The items of a level, those in arms, braces and outputs included."""
    for item in items:
        if isinstance(item, ir.Fork):
            for arm in item.arms:
                yield from _flat(arm)
        elif isinstance(item, ir.Group | ir.Branch):
            yield from _flat(item.items)
        else:
            yield item
