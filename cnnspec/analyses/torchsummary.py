"""The size lines that torchsummary prints, by its own rules.

Source: torchsummary 1.5.1, `summary()` (sksq96/pytorch-summary), for a batch of one image:

    input            = prod(input shape) * 4 / 1024^2
    forward/backward = 2 * sum(prod(output shape) of every called module) * 4 / 1024^2
    params           = sum(weight and bias of every called module) * 4 / 1024^2
    total            = the sum of the three

"Called module" is the quirk: a hook fires for each call of an `nn.Module` that is no `Sequential`
and not the net itself.  What the forward pass writes as a function or a method does not count
(`out.view`, `torch.cat`, `x + y`), and a block with a forward pass of its own (a residual block)
counts its output once more beside its layers.  So here: every layer counts except inputs, joins and
ops that only reshape; a `Call` counts when its body is more than a chain; auxiliary heads are out.
A book's LeNet-5 gives 0.57, 19.47, 175.62 and 195.67 MB.

In one thing torchsummary is not followed: it adds the parameters of a module at each call, so that
shared weights count twice; they are in memory once, and count once here.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import NamedTuple

from cnnspec import ir
from cnnspec.analyses.cost import layer_cost
from cnnspec.fold import Fold

BYTES = 4
MEGABYTE = 1024**2


class Sizes(NamedTuple):
    """Megabytes (2^20 bytes) as torchsummary prints them with two decimals."""

    input_mb: float
    forward_backward_mb: float
    params_mb: float
    total_mb: float


class _Called(NamedTuple):
    outputs: int
    params: int

    def __add__(self, other: object) -> _Called:
        assert isinstance(other, _Called)
        return _Called(self.outputs + other.outputs, self.params + other.params)


def sizes(net: ir.Net) -> Sizes:
    """The four size lines for one image."""
    called = _Walk().items(net.body.items)
    megabytes = (
        sum(prod(entry.shape) for entry in net.inputs) * BYTES / MEGABYTE,
        2 * called.outputs * BYTES / MEGABYTE,
        called.params * BYTES / MEGABYTE,
    )
    return Sizes(*megabytes, sum(megabytes))


def is_chain(items: Iterable[ir.Item]) -> bool:
    """Whether a body is one row of layers, which PyTorch code writes as a Sequential."""
    return all(
        isinstance(item, ir.Layer | ir.Call)
        or (isinstance(item, ir.Group) and is_chain(item.items))
        for item in items
    )


class _Walk(Fold[_Called]):
    """Sums what is called."""

    zero = _Called(0, 0)

    def body(self, module: ir.Module) -> _Called:
        own = 0 if module.seq or is_chain(module.items) else prod(module.output)
        return self.items(module.items) + _Called(own, 0)

    def layer(self, layer: ir.Layer) -> _Called:
        if layer.op.join or layer.op.kind == "shape":  # code has it as a function or a method
            return self.zero
        return _Called(prod(layer.shape), layer_cost(layer).params)

    def shared(self, shared: ir.Shared) -> _Called:
        return _Called(self.item(shared.item).outputs, 0)

    def branch(self, branch: ir.Branch) -> _Called:
        return super().branch(branch) if branch.kind == "output" else self.zero
