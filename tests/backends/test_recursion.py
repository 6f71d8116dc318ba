"""L37: blocks that call themselves, as classes; hourglass and fractal beside a torch module.

One class that makes itself where what it gives can be said, else one for each number that changes.
"""

import random
import re

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnspec.backends.torch import draft, emit, proof
from cnnspec.backends.torch.proof import Unproved, prove
from tests.backends.harness import build, elaborate, text_of
from tests.backends.test_constructs import equals_the_graph, equals_when_compiled, spec
from tests.backends.test_proof import fault

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


WRITTEN = """
        self.up = Residual(in_channels, c)
        self.low1 = Residual(in_channels, c)
        if n > 1:
            self.low2: nn.Module = Hourglass(c, n - 1, c)
        else:
            self.low2 = Residual(c, c)
        self.low3 = Residual(c, c)
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_l37_an_hourglass_is_one_class_that_makes_itself(tmp_path):
    text = text_of(HOURGLASS)
    assert WRITTEN in text
    assert text.count("self.low2(y)") == 1  # both arms run it, so `forward` asks nothing
    assert names(text) == ["StackedOutputs", "Residual", "Hourglass", "Stacked"]
    equals_when_compiled(HOURGLASS, tmp_path / "stacked.py")


BROKEN = {
    "two levels at once": ("n - 1, c)", "n - 2, c)"),
    "no end": ("n - 1, c)", "n, c)"),
    "an end too early": ("if n > 1:", "if n > 2:"),
    "an end too late": ("if n > 1:", "if n > 0:"),
    "another end": ("self.low2 = Residual(c, c)", "self.low2 = nn.Conv2d(c, c, 1)"),
    "other channels": ("n - 1, c)", "n - 1, c + 2)"),
    "other channels arriving": ("Hourglass(c, n - 1", "Hourglass(c + 2, n - 1"),
    "other channels at the end": ("self.low2 = Residual(c, c)", "self.low2 = Residual(c, c + 2)"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_s18_a_wrong_recursion_is_not_proved(name):
    right, wrong = BROKEN[name]
    net = elaborate(HOURGLASS)
    text = draft(net)
    assert text.count(right) == 1
    assert fault(net, text) is None
    assert fault(net, text.replace(right, wrong)) is not None


def test_s18_what_is_not_proved_is_a_class_for_each_number(monkeypatch):
    def strict(net, text, **given):
        if "n - 1, c)" in text:
            raise Unproved("no class may make itself").inside("hg0", "Hourglass")
        return prove(net, text, **given)

    monkeypatch.setattr(proof, "prove", strict)
    classes = names(emit(elaborate(HOURGLASS)))
    assert classes[2:-1] == ["HourglassN1", "HourglassN2", "HourglassN3"]


FRACTAL = """
default conv pad=same

## Larsson et al. 2016, the expansion rule: a convolution beside two fractals of a column less.
block fractal(columns, c) {
  if columns == 1 { conv: conv c, 3x3 } else {
    mean { conv: conv c, 3x3; { first: fractal columns - 1, c; second: fractal columns - 1, c } }
  }
}

net tested(columns = 4) { input 3x8x8; fractal columns, 4 }
"""


class Fractal(nn.Module):
    def __init__(self, wide: int, columns: int, c: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(wide, c, 3, 1, 1)
        self.columns = columns
        if columns > 1:
            self.first, self.second = Fractal(wide, columns - 1, c), Fractal(c, columns - 1, c)

    def forward(self, x: Tensor) -> Tensor:
        beside = self.conv(x)
        return beside if self.columns == 1 else (beside + self.second(self.first(x))) / 2


@pytest.mark.parametrize("columns", [1, 3, 4, 6])
def test_l37_a_fractal_is_the_papers_for_every_number_of_columns(columns):
    text = text_of(FRACTAL)
    assert names(text) == ["Fractal", "Tested"]
    ours, theirs = build(text, "tested", columns=columns), Fractal(3, columns, 4)
    state = {f"fractal1.{key}": value for key, value in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state)
    x = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        assert torch.equal(ours(x), theirs(x))


def names(text: str) -> list[str]:
    return re.findall(r"^class (\w+)", text, re.M)


BLOCKS = {
    "a number that gets smaller": (
        "deep 3, 4\ndeep 2, 8",
        "block deep(n, c) { conv c, 1x1; if n > 1 { deep n - 1, c } }",
        "class Deep(",
    ),
    "a shape that gets smaller": (
        "shrink 4", "block shrink(c) { conv c, 3x3/2; if in.height > 2 { shrink c } }",
        "class Shrink(",
    ),
    "channels that grow": (
        "grow 4", "block grow(c) { conv c, 3x3; if in.channels < 20 { grow 2*c } }", "class Grow",
    ),
    "two of one kind": (
        "fractal 3, 8",
        "block fractal(n, c) { if n == 1 { conv c, 3x3 } else { mean { conv c, 3x3\n"
        "{ fractal n - 1, c; fractal n - 1, c } } } }",
        "class Fractal(",
    ),
    "twice the channels": (
        "deep 3, 4", "block deep(n, c) { conv 2*c, 1x1; if n > 1 { deep n - 1, c } }",
        "class DeepN1(",
    ),
    "channels as they arrive": (
        "deep 3",
        "block deep(n) { add { { conv in.channels, 3x3; if n > 1 { deep n - 1 } }; skip } }",
        "class Deep(",
    ),
    "a u-net": (
        "unet 3, 4",
        "block unet(n, c) { conv c, 3x3; if n > 0 { concat { skip; { maxpool 2x2/2\n"
        "unet n - 1, 2*c; upsample 2; conv c, 3x3 } } }; conv c, 3x3 }", "class UNet(",
    ),
    "a constant": (
        "deep 3", "block deep(n) { if n > 1 { deep n - 1 }; conv 4, 3x3 }", "class Deep(",
    ),
    "whether an arm is there": (
        "deep 3, 4", "block deep(n, c) { add { conv c, 3x3; if n > 0 { deep n - 1, c } } }",
        "class Deep(",
    ),
    "a loop of itself": (
        "deep 3, 4", "block deep(n, c) { conv c, 1x1; for i in range(n) { deep i, c } }",
        "class Deep(",
    ),
    "channels that change places": (
        "deep 3, 4, 6",
        "block deep(n, a, b) { conv a, 1x1; if n > 1 { deep n - 1, b, a } else { conv b, 1x1 } }",
        "class DeepN1A4B6(",
    ),
    "through braces": (
        "deep 3, 4",
        "block deep(n, c) { conv c, 1x1; low: { relu; conv c, 3x3; if n > 1 { deep n - 1, c } } }",
        "class DeepN1(",
    ),
    "a list that gets shorter": (
        "deep [4, 8, 6]", "block deep(ws) { conv ws[0], 1x1; if len(ws) > 1 { deep ws[1:] } }",
        "class Deep3(",
    ),
    "taps into it": (
        "d: deep 3, 4\nconcat { skip; from d.low.x; from d.x }",
        "block deep(n, c) { x: conv c, 1x1; if n > 1 { low: deep n - 1, c }; conv c, 1x1 }",
        "class Deep",
    ),
    "shared": (
        "conv 4, 1x1\nd: deep 3, 4\nshare d",
        "block deep(n, c) { conv c, 1x1; if n > 1 { deep n - 1, c } }", "class Deep(",
    ),
    "a vector": (
        "flatten\ndeep 3, 4",
        "block deep(n, c) { linear c; relu; if n > 0 { deep n - 1, c } }", "class Deep(",
    ),
    "another inner block at each level": (
        "deep 3, 4, plain", "block plain(c) { conv c, 1x1 }\n"
        "block summed(c) { add { conv c, 3x3; skip } }\n"
        "block deep(n, c, u) { u c; if n > 1 { deep n - 1, c, summed } }", "class SummedDeep(",
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


def test_l37_sixty_levels_are_one_class():
    block = "block deep(n) { add { { conv 4, 1x1; if n > 1 { deep n - 1 } }; skip } }"
    assert names(text_of(spec("conv 4, 1x1\ndeep 60", block))) == ["Deep", "Tested"]


def test_l37_sixty_classes_are_written_where_one_cannot_be():
    block = "block deep(n) { conv 60 - n, 1x1; if n > 1 { deep n - 1 } }"
    assert text_of(spec("deep 59", block)).count("class DeepN") == 59


LAYERS = (
    "conv c, 3x3", "conv c, 1x1 -> bn -> relu", "relu", "conv 2 * c, 1x1", "conv c, 1x1", "unit c",
    "add { skip; conv in.channels, 3x3 }", "concat { skip; conv c, 1x1 }",
)  # fmt: skip
FORMS = (
    "%s; conv c, 1x1",
    "%s",
    "add { unit c; { maxpool 2x2/2; %s; conv c, 1x1; upsample 2 } }",
    "conv c, 3x3; mean { skip; { %s; conv c, 1x1 } }; unit c",
    "concat { conv c, 3x3; { %s } }; conv c, 1x1",
)


def recursive(seed: int) -> str:
    """A random block that calls itself, called with up to three levels."""
    r = random.Random(seed)
    width = r.choice(["c", "c", "c", "c + 2", "2 * c", "in.channels"])
    down = r.choice(["n - 1", "n - 1", "n - 2", "n // 2"])
    test = r.choice(["n > 1", "n >= 2", "not (n <= 1)", "n > 1 and c < 64"])
    label = r.choice(["", "low: "])
    end = r.choice(["", *(f" else {{ {label}{e} }}" for e in ("unit c", "conv c, 3x3", "relu"))])
    itself = f"if {test} {{ {label}deep {down}, {width} }}{end}"
    before, behind = (r.choices(LAYERS, k=r.randrange(3)) for _ in range(2))
    body = r.choice(FORMS) % "; ".join([*before, itself, *behind])
    calls = (f"deep {r.choice([2, 3])}, {r.choice([4, 6])}" for _ in range(r.randrange(1, 3)))
    blocks = "block unit(c) { add { conv c, 3x3; conv c, 1x1 } }\nblock deep(n, c) { %s }"
    return spec("\n".join(calls), blocks % body)


def test_l37_random_blocks_that_call_themselves():
    found = [names(equals_the_graph(recursive(seed))) for seed in range(40)]
    one = sum("Deep" in classes for classes in found)
    assert 30 <= one < 40  # both forms are met
