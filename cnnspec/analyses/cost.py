"""Parameters and multiply-adds, each module of the tree counted once (S11, L27).

Conventions: `params` are the learnable numbers of the network that runs at inference, so batch
norm's scale and shift are in, running statistics and auxiliary heads are out.  `macs` are the
multiply-adds of conv and linear for one image.  `share` adds no parameters and its MACs again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from cnnspec import ir

if TYPE_CHECKING:
    from cnnspec.analyses.paths import Found

WEIGHT_KINDS = frozenset({"conv", "linear"})
"""The kinds of op that are "layers" in a paper's count, and whose kernels are "weights"."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one part of a net costs; `aux` are the parameters of auxiliary heads in it."""

    params: int = 0
    aux: int = 0
    weights: int = 0
    macs: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.params + other.params,
            self.aux + other.aux,
            self.weights + other.weights,
            self.macs + other.macs,
        )

    @property
    def params_all(self) -> int:
        """Learnable numbers, auxiliary heads included."""
        return self.params + self.aux


def layer_cost(layer: ir.Layer) -> Cost:
    """The cost of one layer; a joining op has no parameters of its own here."""
    if not layer.inputs:
        return Cost()
    x = layer.inputs[0]
    sizes = {name: prod(shape) for name, shape in layer.op.params(x).items()}
    is_weight_layer = layer.op.kind in WEIGHT_KINDS
    return Cost(
        params=sum(sizes.values()),
        weights=sizes["weight"] if is_weight_layer else 0,
        macs=layer.op.macs(x, layer.shape) if is_weight_layer else 0,
    )


class Costs:
    """Remembers the cost of every module it has seen, by identity."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[ir.Module, Cost]] = {}

    def module(self, module: ir.Module) -> Cost:
        """The cost of a body, computed once however often it is called."""
        known = self._seen.get(id(module))
        if known is None:
            known = module, self.items(module.items)
            self._seen[id(module)] = known
        return known[1]

    def items(self, items: Iterable[ir.Item]) -> Cost:
        """The sum over a row of items."""
        params = aux = weights = macs = 0
        for item in items:
            cost = self.item(item)
            params, aux = params + cost.params, aux + cost.aux
            weights, macs = weights + cost.weights, macs + cost.macs
        return Cost(params, aux, weights, macs)

    def item(self, item: ir.Item) -> Cost:
        """The cost of one item of a body."""
        match item:
            case ir.Layer():
                return layer_cost(item)
            case ir.Call():
                return self.module(item.module)
            case ir.Fork():
                arms = (self.items(arm) for arm in item.arms)
                return sum(arms, layer_cost(item.join))
            case ir.Group():
                return self.items(item.items)
            case ir.Tap():
                return Cost()
            case ir.Shared():
                return Cost(macs=self.item(item.item).macs)
            case ir.Branch():
                cost = self.items(item.items)
                return cost if item.kind == "output" else Cost(aux=cost.params_all)

    def place(self, place: Found) -> Cost:
        """The cost of what a path names; inside an auxiliary head it counts as its own."""
        return self.items(place.items)
