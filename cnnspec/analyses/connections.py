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

    from cnnspec.analyses.paths import Place


def connections(items: Iterable[ir.Item]) -> int:
    """Connections in a row of items whose input is one piece."""
    walk = _Walk()
    walk.items(items, 1, "")
    return walk.total


def connections_at(place: Place) -> int:
    """Connections in what a path names."""
    return connections(place.items)


class _Walk:
    """Carries the number of pieces along the flow; remembers it by path for `from`."""

    def __init__(self) -> None:
        self.total = 0
        self.ends: dict[str, int] = {}

    def items(self, items: Iterable[ir.Item], pieces: int, prefix: str) -> int:
        for item in items:
            pieces = self.item(item, pieces, prefix)
        return pieces

    def item(self, item: ir.Item, pieces: int, prefix: str) -> int:
        match item:
            case ir.Layer():
                self.ends[prefix + item.name] = 1
                return 1
            case ir.Call():
                end = self.items(item.module.items, pieces, f"{prefix}{item.name}.")
                self.ends[prefix + item.name] = end
                return end
            case ir.Fork():
                return self.fork(item, pieces, prefix)
            case ir.Group():
                return self.items(item.items, pieces, prefix)
            case ir.Tap():
                return self.ends.get(prefix + item.path, 1)
            case ir.Shared():
                return self.item(item.item, pieces, prefix)
            case ir.Branch():
                self.items(item.items, pieces, prefix)
                return pieces

    def fork(self, fork: ir.Fork, pieces: int, prefix: str) -> int:
        ends = [self.items(arm, pieces, prefix) for arm in fork.arms]
        if fork.join.op.name != "concat":
            return 1
        working = [arm for arm in fork.arms if not is_identity(arm)]
        if len(working) < len(fork.arms):
            self.total += pieces * len(working)
        return sum(ends)


def is_identity(arm: Iterable[ir.Item]) -> bool:
    """Whether an arm passes its input on: empty, empty braces, or the op `skip`."""
    for item in arm:
        if isinstance(item, ir.Group):
            if not is_identity(item.items):
                return False
        elif not (isinstance(item, ir.Layer) and item.op.name == "skip"):
            return False
    return True
