"""Parameters and multiply-adds, each module of the tree counted once (S11, L27).

Conventions: `params` are the learnable numbers of the network that runs at inference, so batch
norm's scale and shift are in, running statistics and auxiliary heads are out.  `macs` are the
multiply-adds of conv and linear for one image.  `share` adds no parameters and its MACs again.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING

from cnnspec import ir
from cnnspec.fold import Fold
from cnnspec.records import record

if TYPE_CHECKING:
    from cnnspec.analyses.paths import Found

WEIGHT_KINDS = frozenset({"conv", "linear"})
"""The kinds of op that are "layers" in a paper's count, and whose kernels are "weights"."""


@record(frozen=True)
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


class Costs(Fold[Cost]):
    """The cost of parts of a net; every module's is found once."""

    zero = Cost()

    def layer(self, layer: ir.Layer) -> Cost:
        """The cost of one layer."""
        return layer_cost(layer)

    def shared(self, shared: ir.Shared) -> Cost:
        """A further use multiplies once more, and its weights are there already."""
        return Cost(macs=self.item(shared.item).macs)

    def branch(self, branch: ir.Branch) -> Cost:
        """A further output counts as the rest; of an auxiliary head the parameters, apart."""
        cost = self.items(branch.items)
        return cost if branch.kind == "output" else Cost(aux=cost.params_all)

    def items(self, items: Iterable[ir.Item]) -> Cost:
        """The sum over a row of items."""
        params = aux = weights = macs = 0
        for item in items:
            cost = self.item(item)
            params, aux = params + cost.params, aux + cost.aux
            weights, macs = weights + cost.weights, macs + cost.macs
        return Cost(params, aux, weights, macs)

    def place(self, place: Found) -> Cost:
        """The cost of what a path names; inside an auxiliary head it counts as its own."""
        return self.items(place.items)
