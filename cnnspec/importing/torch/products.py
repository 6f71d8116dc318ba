"""Convolutions with large kernels on small maps, as products of matrices.

PyTorch convolves one image after another and reads the kernel for each; on maps of a few places
that reading is all the time there is.  A product with the windows of all images reads it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

LARGE = 1_000_000
"""The numbers of a kernel that is worth it: four megabytes, more than a core's cache holds."""
PLACES, POINTWISE = 8, 32
"""The most places, of all images, for which it is the faster way; of 1x1 windows."""


@contextmanager
def products(modules: Iterable[nn.Module]) -> Iterator[None]:
    """In here large convolutions on small maps are products of matrices, equal but for rounding."""
    with ExitStack() as stack:
        for module in modules:
            if isinstance(module, nn.Conv2d) and _large(module):
                stack.enter_context(forwarded(module, _Product(module)))
        yield


@contextmanager
def forwarded(module: nn.Module, forward: Any) -> Iterator[None]:
    """In here a module has another forward."""
    before = vars(module).get("forward")
    vars(module)["forward"] = forward
    try:
        yield
    finally:
        del vars(module)["forward"]
        if before is not None:
            vars(module)["forward"] = before


def _large(conv: nn.Conv2d) -> bool:
    zeros = conv.padding_mode == "zeros" and not isinstance(conv.padding, str)
    return zeros and conv.weight.numel() > LARGE


class _Product:
    """The forward of a convolution."""

    def __init__(self, conv: nn.Conv2d) -> None:
        self.conv, self.run = conv, conv.forward

    def __call__(self, x: Tensor) -> Tensor:
        """What the convolution gives."""
        rows, columns = map(self._count, x.shape[2:], range(2))
        pointwise = self.conv.kernel_size == (1, 1)
        if len(x) * rows * columns > (POINTWISE if pointwise else PLACES):
            return self.run(x)
        return self._product(x).reshape(len(x), -1, rows, columns)

    def _count(self, size: int, axis: int) -> int:
        """How many places a window has along an axis."""
        of = self.conv
        span = of.dilation[axis] * (of.kernel_size[axis] - 1) + 1
        return (size + 2 * int(of.padding[axis]) - span) // of.stride[axis] + 1

    def _product(self, x: Tensor) -> Tensor:
        """What it gives, its places in a row: of each group a matrix times all windows."""
        of = self.conv
        count, groups = len(x), of.groups
        shape = of.kernel_size, of.dilation, of.padding, of.stride
        windows = functional.unfold(x, *shape)  # type: ignore[arg-type]
        columns = windows.reshape(count, groups, -1, windows.shape[2]).permute(1, 2, 0, 3)
        made = of.weight.reshape(groups, -1, columns.shape[1]) @ columns.flatten(2)
        found = made.reshape(of.out_channels, count, -1).transpose(0, 1)
        return found if of.bias is None else found + of.bias[:, None]
