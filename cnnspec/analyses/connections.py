"""`connections(path)`: the direct connections that concatenation makes (DenseNet, section 3).

"Traditional convolutional networks with L layers have L connections, one between each layer and
its subsequent layer; our network has L(L+1)/2" (Huang et al. 2017).  What the paper calls a layer
is here an arm with work in it of a `concat` that also has the identity arm: it adds its maps to
what arrives.  What arrives is a bundle of *pieces*: the output of any layer is one piece, a
`concat` bundles the pieces of its arms, and `norm`, `conv`, a pool or a transition makes one again.
Such an arm is connected to every piece of its input, so the l-th layer of a dense block has l
connections, and the block L(L+1)/2.  A net without such forks has 0: an inception module
concatenates, but nothing skips it; `add` sums and keeps no pieces apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec import ir

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.analyses.paths import Found


def connections(items: Iterable[ir.Item]) -> int:
    """Connections in a row of items whose input is one piece."""
    walk = _Walk()
    walk.items(items, 1)
    return walk.total


def connections_at(place: Found) -> int:
    """Connections in what a path names."""
    return connections(place.items)


class _Walk:
    """Carries the number of pieces along the flow; remembers it by path for `from`."""

    def __init__(self) -> None:
        self.total = 0
        self.ends: dict[str, int] = {}
        self.levels = [""]
        """The prefixes of the modules around the one in hand, and its own."""

    def items(self, items: Iterable[ir.Item], pieces: int) -> int:
        for item in items:
            pieces = self.item(item, pieces)
        return pieces

    def item(self, item: ir.Item, pieces: int) -> int:
        match item:
            case ir.Layer():
                return self.ended(item.name, 1)
            case ir.Call():
                return self.call(item.name, item, pieces)
            case ir.Fork():
                return self.ended(item.join.name, self.fork(item, pieces))
            case ir.Group():
                return self.items(item.items, pieces)
            case ir.Tap():
                return self.tapped(item)
            case ir.Shared(name=name, item=ir.Call() as call):
                return self.call(name, call, pieces)
            case ir.Shared():
                return self.ended(item.name, 1)
            case ir.Branch():
                self.ended(item.name, self.items(item.items, pieces))
                return pieces

    def ended(self, name: str, pieces: int) -> int:
        self.ends[self.levels[-1] + name] = pieces
        return pieces

    def call(self, name: str, call: ir.Call, pieces: int) -> int:
        self.levels.append(f"{self.levels[-1]}{name}.")
        end = self.items(call.module.items, pieces)
        self.levels.pop()
        return self.ended(name, end)

    def tapped(self, tap: ir.Tap) -> int:
        """The pieces at a tap; one for an input, and where it leads out of what is measured."""
        if tap.up >= len(self.levels):
            return 1
        return self.ends.get(self.levels[-1 - tap.up] + tap.path, 1)

    def fork(self, fork: ir.Fork, pieces: int) -> int:
        ends = [self.items(arm, pieces) for arm in fork.arms]
        if not fork.join.op.stacks:
            return 1
        working = [arm for arm in fork.arms if not is_identity(arm)]
        if len(working) < len(fork.arms):
            self.total += pieces * len(working)
        return sum(ends)


def is_identity(arm: Iterable[ir.Item]) -> bool:
    """Whether an arm passes its input on: `skip`, which is empty, or empty braces."""
    return all(isinstance(item, ir.Group) and is_identity(item.items) for item in arm)
