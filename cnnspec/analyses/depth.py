"""`layers`: conv and linear layers on the longest path, as papers count depth (L27).

A block sees only its own labels (L14), so every path through it begins at its input, also one that
a `from` continues: the depth at any point is the depth at the block's input plus a constant, and a
block is measured once.  An inline `seq` or group stands at one place of one block; a `from` in it
may lead out, to a depth that counts from the input of the `seq` all the same.

Arms of a `mul` that are gates (squeeze-and-excitation) are not on the path that papers count: an
SE-ResNet-50 has 50 layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec import ir
from cnnspec.analyses.cost import WEIGHT_KINDS
from cnnspec.records import field, record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.analyses.paths import Found


@record
class _Profile:
    """Depths inside one module, from its input; `longest` counts outputs beside the flow too."""

    depth: int = 0
    longest: int = 0
    starts: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    calls: dict[str, ir.Module] = field(default_factory=dict)


class Depths:
    """Remembers the depth of every module it has seen."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[ir.Module, _Profile]] = {}
        self._around: list[tuple[_Profile, int]] = []
        """The modules around the one in hand, outermost first, each with where the next begins."""

    def net(self, net: ir.Net) -> int:
        """The depth of the network that runs at inference: auxiliary heads are left out."""
        profile = self._profile(net.body, net.inputs)
        return profile.longest if net.logits is None else max(profile.depth, profile.longest)

    def place(self, place: Found) -> int:
        """The depth of what a path names, counted from its beginning."""
        around, self._around = self._around, []
        depth = self._items(place.items, 0, _Profile())
        self._around = around
        return max(depth, 0)

    def _profile(self, module: ir.Module, inputs: Iterable[ir.Input] = ()) -> _Profile:
        known = self._seen.get(id(module))
        if known is None:
            profile = _Profile(ends={entry.name: 0 for entry in inputs})
            profile.depth = self._items(module.items, 0, profile)
            known = self._seen[id(module)] = module, profile
        return known[1]

    def _items(self, items: Iterable[ir.Item], at: int, here: _Profile) -> int:
        for item in items:
            at = self._item(item, at, here)
        return at

    def _item(self, item: ir.Item, at: int, here: _Profile) -> int:
        match item:
            case ir.Layer():
                return self._layer(item.name, item, at, here)
            case ir.Call():
                return self._call(item.name, item, at, here)
            case ir.Fork():
                ends = [self._items(arm, at, here) for arm in item.arms]
                ends = ends[: item.join.op.carries]
                gates = gate_arms(item)[: len(ends)]
                end = max(end for end, gate in zip(ends, gates, strict=True) if not gate)
                return self._layer(item.join.name, item.join, end, here)
            case ir.Group():
                return self._items(item.items, at, here)
            case ir.Tap():
                return self._tap(item, here)
            case ir.Shared():
                inner = item.item
                if isinstance(inner, ir.Call):
                    return self._call(item.name, inner, at, here)
                return self._layer(item.name, inner, at, here)
            case ir.Branch():
                self._branch(item, at, here)
                return at

    def _layer(self, name: str, layer: ir.Layer, at: int, here: _Profile) -> int:
        here.ends[name] = at = at + (layer.op.kind in WEIGHT_KINDS)
        return at

    def _call(self, name: str, call: ir.Call, at: int, here: _Profile) -> int:
        here.starts[name], here.calls[name] = at, call.module
        self._around.append((here, at))
        here.ends[name] = at = at + self._profile(call.module).depth
        self._around.pop()
        return at

    def _branch(self, branch: ir.Branch, at: int, here: _Profile) -> None:
        end = here.ends[branch.name] = self._items(branch.items, at, here)
        if branch.kind == "output":
            here.longest = max(here.longest, end)

    def _tap(self, tap: ir.Tap, here: _Profile) -> int:
        """The depth at a tap; 0 where a part of the net is measured and the tap leads out of it."""
        if tap.up > len(self._around):
            return 0
        around = self._around[len(self._around) - tap.up :]
        outer = around[0][0] if around else here
        return self._tapped(tap.path, outer) - sum(start for _, start in around)

    def _tapped(self, path: str, here: _Profile) -> int:
        """The depth at a labelled layer, also of one inside a call of this module."""
        if path in here.ends:
            return here.ends[path]
        for name, module in here.calls.items():
            if path.startswith(name + "."):
                inner = self._profile(module)
                return here.starts[name] + self._tapped(path[len(name) + 1 :], inner)
        raise LookupError(f"the tap {path} names no layer: the tree is broken")


def gate_arms(fork: ir.Fork) -> list[bool]:
    """Which arms weigh the others: those of a `mul` that end in values from 0 to 1, or in a number
    for each channel or each pixel of the larger map that they meet.  Among gates alone, none is.
    """
    none = [False] * len(fork.arms)
    if not fork.join.op.weighs:
        return none
    full = fork.join.shape
    shapes = zip(fork.arms, fork.join.inputs, strict=True)
    gates = [shape != full or _ends_in_gate(arm) for arm, shape in shapes]
    return none if all(gates) else gates


def _ends_in_gate(items: tuple[ir.Item, ...]) -> bool:
    """Whether the last layer of an arm gives values from 0 to 1."""
    flow = [item for item in items if not isinstance(item, ir.Branch)]
    match flow[-1] if flow else None:
        case ir.Layer() as layer:
            return layer.op.gate
        case ir.Group(items=inner):
            return _ends_in_gate(inner)
        case ir.Call(module=module) | ir.Shared(item=ir.Call(module=module)):
            return _ends_in_gate(module.items)
        case ir.Shared(item=ir.Layer() as layer):
            return layer.op.gate
        case ir.Fork(arms=arms, join=join):
            return join.op.weighs and all(map(_ends_in_gate, arms))
    return False
