"""What an output pixel sees of the map before, asked of PyTorch's gradients."""

from __future__ import annotations

import pytest
import torch

from cnnspec.ops.op import Op
from tests.ops.harness import make, module

CASES = [
    *(make("conv_transpose", 8, f"{k}x{k}/{s}", p) for k in (1, 2, 3, 4, 5) for s in (1, 2, 3)
      for p in (0, 1)),
    make("conv_transpose", 8, "3x3", dilation=2), make("conv_transpose", 8, "3x3/2", 1, 1),
    *(make("pixel_shuffle", r) for r in (1, 2)),
    make("pad", (2, 1, 0, 1)), make("pad", 2, "reflect"),
    make("crop", 7), *(make("resize", n) for n in (5, 12, 24, 31)),
    *(make("resize", n, "bilinear") for n in (5, 12, 24, 31)),
    *(make("resize", n, "bilinear", True) for n in (5, 23, 31)),
    *(make("pixel_unshuffle", r) for r in (1, 2, 4)),
]  # fmt: skip


def seen(op: Op, size: int = 12) -> list[list[int]]:
    """For each output row the rows of the map that have a gradient there."""
    x = torch.zeros(1, 4, size, size, requires_grad=True)
    built = module(op, (4, size, size))
    for p in built.parameters():
        p.data.fill_(1.0)
    found = []
    y = built(x)
    for row in range(y.shape[2]):
        (grad,) = torch.autograd.grad(y[:, :, row].sum(), x, retain_graph=True)
        found.append(grad.abs().sum((0, 1, 3)).nonzero().flatten().tolist())
    return found


@pytest.mark.parametrize("op", CASES, ids=lambda op: f"{op.label()} {op.stride_label()}")
def test_an_output_pixel_sees_what_has_a_gradient(op: Op):
    axes, rows = op.seen((4, 12, 12)).axes, seen(op)
    assert axes is not None
    first, last = axes[0]
    inner = range(len(rows) // 4, 3 * len(rows) // 4)
    for y in inner:
        ends = [(p.factor * y + p.shift) // p.divisor for p in (first, last)]
        assert ends == [rows[y][0], rows[y][-1]] if rows[y] else ends[0] > ends[1], y
    assert max(r[-1] - r[0] + 1 for y in inner if (r := rows[y])) == op.seen((4, 12, 12)).kernel[0]
