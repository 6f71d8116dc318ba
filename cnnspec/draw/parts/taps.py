"""Where a net's flow goes back: taps and the layers that they read, by their whole paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnnspec.ir import (
    Branch,
    Call,
    Fork,
    Graph,
    Group,
    Item,
    Module,
    Net,
    Shared,
    Tap,
    everything,
    graph,
    members,
)


class Flows:
    """The taps of a net; a net without any is not walked by path."""

    def __init__(self, net: Net) -> None:
        self._depths: dict[int, int] = {}
        self._sources: dict[tuple[str, int], str] = {}
        self.graph: Graph | None = None
        if self._depth(net.body.items) >= 0:
            self.graph = graph(net)
            self._walk(net.body.items, [""])
        self.readers = [(path, at) for (at, _), path in self._sources.items()]
        """Paths that a `from` reads, each with the prefix of the body that the `from` is in."""
        self.exposed = frozenset(path for path, _ in self.readers)
        self._known: dict[str, bool] = {}

    def escapes(self, module: Module) -> bool:
        """Whether a tap in the module reads what stands outside."""
        return self._of(module) > 0

    def _of(self, module: Module) -> int:
        """How many levels up the taps of a module read; -1 where there is none."""
        if id(module) not in self._depths:
            self._depths[id(module)] = self._depth(module.items)
        return self._depths[id(module)]

    def _depth(self, items: Iterable[Item]) -> int:
        found = [-1]
        for item in everything(items):
            if isinstance(item, Tap):
                found.append(item.up)
            elif (module := called(item)) is not None:
                deeper = self._of(module)
                found.append(max(deeper - 1, 0) if deeper >= 0 else -1)
        return max(found)

    def _walk(self, items: Iterable[Item], levels: list[str]) -> None:
        for item in everything(items):
            if isinstance(item, Tap):
                path = levels[-1 - item.up] + item.path
                self._sources[levels[-1], id(item)] = self.end(path)
            elif (module := called(item)) is not None and self._of(module) >= 0:
                self._walk(module.items, [*levels, f"{levels[-1]}{_name(item)}."])

    def source(self, prefix: str, tap: Tap) -> str:
        """The path of the layer that a tap in the body at `prefix` reads."""
        return self._sources[prefix, id(tap)]

    def end(self, path: str) -> str:
        """The layer whose box gives what leaves the layer or block at `path`."""
        if self.graph is None or path not in self.graph.ends:
            return path
        node = self.graph.nodes[self.graph.ends[path]]
        while not node.op.drawn and node.inputs:
            node = self.graph.nodes[node.inputs[0]]
        return node.path

    def reads(self, path: str) -> bool:
        """Whether something reads the layer at `path`, or from outside one in the block there."""
        if path not in self._known:
            found = self._read(path)
            self._known[path] = any((layer + ".").startswith(path + ".") for layer in found)
        return self._known[path]

    def _read(self, path: str) -> Iterator[str]:
        """What bodies outside the block at `path` read."""
        return (layer for layer, at in self.readers if not at.startswith(path + "."))

    def inside(self, path: str) -> bool:
        """Whether something outside reads a layer of the block at `path` before its end."""
        end = self.end(path)
        return any(layer.startswith(path + ".") and layer != end for layer in self._read(path))

    def tangled(self, items: Iterable[Item], prefix: str) -> bool:
        """Whether the flow of a body is no line of ops and forks."""
        for item in items:
            match item:
                case Tap():
                    return True
                case Call() if self.escapes(item.module):
                    return True
                case Group() if self.tangled(item.items, prefix):
                    return True
                case Fork() if self.knotted(item, prefix):
                    return True
                case Branch() if self.tangled(leaving(item), prefix):
                    return True
        return False

    def knotted(self, fork: Fork, prefix: str) -> bool:
        """Whether an arm of a fork goes on from elsewhere, or something reads out of it."""
        if self.graph is None:
            return False
        return any(self.tangled(arm, prefix) or self._touched(arm, prefix) for arm in fork.arms)

    def _touched(self, items: Iterable[Item], prefix: str) -> bool:
        return any(
            self.reads(prefix + item.name)
            for item in members(items)
            if not isinstance(item, Branch)
        )


def called(item: Item) -> Module | None:
    """The module of a call, also of one that shares its weights."""
    inner = item.item if isinstance(item, Shared) else item
    return inner.module if isinstance(inner, Call) else None


def _name(item: Item) -> str:
    return item.name if isinstance(item, Call | Shared) else ""


def leaving(branch: Branch) -> tuple[Item, ...]:
    """The items of a head behind the tap that it leaves from."""
    return branch.items[1:] if branch.items and isinstance(branch.items[0], Tap) else branch.items
