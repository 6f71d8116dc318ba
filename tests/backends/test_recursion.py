"""L37: blocks that call themselves, as classes; the stacked hourglass beside a torch module."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tests.backends.harness import build, text_of
from tests.backends.test_constructs import equals_the_graph, spec

HOURGLASS = """
default conv pad=same

block residual(c) {
  add {
    {
      bn1: bn; relu; conv1: conv c // 2, 1x1
      bn2: bn; relu; conv2: conv c // 2, 3x3
      bn3: bn; relu; conv3: conv c, 1x1
    }
    skip
  }
}

## Newell et al. 2016, Figure 3: what halves the grid, and the same again inside.
block hourglass(n, c) {
  add {
    up: residual c
    {
      maxpool 2x2/2
      low1: residual c
      if n > 1 { low2: hourglass n - 1, c } else { low2: residual c }
      low3: residual c
      upsample 2
    }
  }
}

net stacked(stacks = 2, c = 8, joints = 3) {
  input 8x32x32
  for i in range(stacks) {
    hg${i}: hourglass 3, c
    features${i}: conv c, 1x1
    output heat${i}: conv joints, 1x1
  }
}
"""


class Residual(nn.Module):
    def __init__(self, c: int) -> None:
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(c), nn.Conv2d(c, c // 2, 1)
        self.bn2, self.conv2 = nn.BatchNorm2d(c // 2), nn.Conv2d(c // 2, c // 2, 3, 1, 1)
        self.bn3, self.conv3 = nn.BatchNorm2d(c // 2), nn.Conv2d(c // 2, c, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.relu(self.bn1(x)))
        y = self.conv2(F.relu(self.bn2(y)))
        return self.conv3(F.relu(self.bn3(y))) + x


class Hourglass(nn.Module):
    def __init__(self, n: int, c: int) -> None:
        super().__init__()
        self.up, self.low1 = Residual(c), Residual(c)
        self.low2 = Hourglass(n - 1, c) if n > 1 else Residual(c)
        self.low3 = Residual(c)

    def forward(self, x: Tensor) -> Tensor:
        low = self.low3(self.low2(self.low1(F.max_pool2d(x, 2))))
        return self.up(x) + F.interpolate(low, scale_factor=2)


class Stacked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        for i in range(2):
            self.add_module(f"hg{i}", Hourglass(3, 8))
            self.add_module(f"features{i}", nn.Conv2d(8, 8, 1))
            self.add_module(f"heat{i}", nn.Conv2d(8, 3, 1))

    def forward(self, x: Tensor) -> list[Tensor]:
        heats = []
        for i in range(2):
            x = getattr(self, f"features{i}")(getattr(self, f"hg{i}")(x))
            heats.append(getattr(self, f"heat{i}")(x))
        return heats


def test_l37_the_stacked_hourglass_is_the_papers():
    ours, theirs = build(text_of(HOURGLASS), "stacked").eval(), Stacked().eval()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 8, 32, 32)
    with torch.no_grad():
        wanted, found = theirs(x), ours(x)
    assert len(found) == 2
    assert all(torch.equal(a, b) for a, b in zip(found, wanted, strict=True))


BLOCKS = {
    "a number that gets smaller": (
        "deep 3, 4\ndeep 2, 8",
        "block deep(n, c) { conv c, 1x1; if n > 1 { deep n - 1, c } }",
        "class DeepN3(",
    ),
    "a shape that gets smaller": (
        "shrink 4", "block shrink(c) { conv c, 3x3/2; if in.height > 2 { shrink c } }", "Shrink2(",
    ),
    "channels that grow": (
        "grow 4", "block grow(c) { conv c, 3x3; if in.channels < 20 { grow 2*c } }", "class Grow",
    ),
    "two of one kind": (
        "fractal 3, 8",
        "block fractal(n, c) { if n == 1 { conv c, 3x3 } else { mean { conv c, 3x3\n"
        "{ fractal n - 1, c; fractal n - 1, c } } } }",
        "class FractalN1(",
    ),
    "through another, and by an argument": (
        "outer 2, inner", "block outer(n, unit) { conv 4, 1x1; unit n, outer }\n"
        "block inner(n, unit) { relu; if n > 0 { unit n - 1, inner } }", "class",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKS)
def test_l37_classes_of_blocks_that_call_themselves(name):
    body, blocks, written = BLOCKS[name]
    assert written in equals_the_graph(spec(body, blocks))


def test_l37_sixty_levels_are_written():
    block = "block deep(n) { add { { conv 4, 1x1; if n > 1 { deep n - 1 } }; skip } }"
    assert text_of(spec("conv 4, 1x1\ndeep 60", block)).count("class Deep") == 60
