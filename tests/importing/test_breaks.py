"""What a generated module may have wrong, a thing at a time: the proof of outputs sees each.

Nothing else looks here: the layers of the spec are right, only the code is not.
"""

import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnspec.api import emit
from cnnspec.importing.importer import prepare
from cnnspec.importing.prove import Unequal, elaborate, keys
from cnnspec.importing.torch import verify as proof
from cnnspec.importing.torch.capture import capture
from cnnspec.importing.torch.source import import_module

SIZE = (3, 131, 131)
SMALL = (3, 64, 64)


class Arms(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(12, 8, (1, 3), padding=(0, 1), bias=False)
        self.b = nn.Conv2d(12, 8, 3, padding=2, dilation=2, groups=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.a(x), self.b(x)], 1)


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(16, 16, 3, padding=1, groups=4, bias=False)
        self.bn1 = nn.BatchNorm2d(16, eps=1e-3, momentum=0.01)
        self.conv2 = nn.Conv2d(16, 16, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv2(F.leaky_relu(self.bn1(self.conv1(x)), 0.2))
        return F.relu(x + F.silu(y))


class Net(nn.Module):
    """A layer of each kind that has something to get wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 5, stride=2, padding=2)
        self.norm = nn.GroupNorm(3, 12, eps=1e-4)
        self.arms = Arms()
        self.one, self.two = Residual(), Residual()
        self.up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.drop = nn.Dropout(0.3)
        self.mid = nn.Linear(8 * 9, 20)
        self.fc = nn.Linear(20, 10, bias=False)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = F.relu6(self.norm(self.stem(image)))
        x = self.arms(F.max_pool2d(x, 3, 2, ceil_mode=True))
        x = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        x = self.up(self.two(self.one(x)))
        x = F.interpolate(x, size=image.shape[-2:], mode="bilinear")
        x = torch.flatten(F.adaptive_avg_pool2d(x, 3), 1)
        return self.fc(self.drop(torch.tanh(self.mid(x))))


BREAKS = {
    "stride": ("5, stride=2", "5, stride=1"),
    "padding": ("stride=2, padding=2", "stride=2, padding=1"),
    "window": ("(1, 3), padding=(0, 1)", "(3, 1), padding=(1, 0)"),
    "dilation": ("padding=2, dilation=2", "padding=1, dilation=1"),
    "groups": ("padding=1, groups=4", "padding=1, groups=2"),
    "edge": ("padding=1, groups=4", 'padding=1, groups=4, padding_mode="reflect"'),
    "bias": ("classes, bias=False", "classes"),
    "eps": ("eps=0.001", "eps=0.01"),
    "eps of groups": ("eps=1e-4", "eps=1e-5"),
    "groups of a norm": ("GroupNorm(3, 12", "GroupNorm(4, 12"),
    "momentum": ("momentum=0.01", "momentum=0.1"),
    "no activation": ("F.relu(x + y, inplace=True)", "x + y"),
    "activation": ("F.silu", "F.gelu"),
    "slope": ("0.2, inplace", "0.1, inplace"),
    "limit": ("F.relu6", "F.relu"),
    "last activation": ("torch.tanh", "torch.sigmoid"),
    "ceil": (", ceil_mode=True", ""),
    "window of a pool": ("max_pool2d(x, 3, stride=2", "max_pool2d(x, 2, stride=2"),
    "padded zeros": (", count_include_pad=False", ""),
    "divisor": ("count_include_pad=False", "count_include_pad=False, divisor_override=8"),
    "pool to a size": ("adaptive_avg_pool2d", "adaptive_max_pool2d"),
    "arms": ("[y1, y2]", "[y2, y1]"),
    "sum": ("x + y", "x - y"),
    "shortcut": ("x + y", "y + y"),
    "order": ("self.one(x)  #", "self.two(x)  #"),
    "twice": ("self.two(x)  #", "self.one(x)  #"),
    "left out": ("x = self.two(x)", "pass"),
    "scale": ("self.up(x)", "(self.up(x) * 1.5)"),
    "shift": ("self.arms(x)", "self.arms(x.roll(1, 2))"),
    "axes": ("torch.flatten(x, 1)", "torch.flatten(x.transpose(2, 3), 1)"),
    "resize": ('mode="bilinear"', 'mode="nearest"'),
    "corners": ('mode="bilinear"', 'mode="bilinear", align_corners=True'),
    "dropout": ("nn.Dropout(0.3)", "nn.Dropout(0.5)"),
    "no dropout": ("self.dropout1(x)", "x"),
}  # fmt: skip
"""What is wrong -> what the generated code says, and what it says instead."""


@pytest.fixture(scope="module")
def known():
    model = Net()
    text = import_module(model, SIZE, "net_model").text
    trace = capture(model, SIZE, "net_model")
    prepare(trace)
    return model, trace, emit(elaborate(text, "net_model"))


def apart(known, code: str) -> float:
    model, trace, _ = known
    return proof.verify(model, code, trace, keys(trace))


@pytest.fixture(params=["small", "own"])
def sizes(request, monkeypatch):
    """The proof at one size alone, a small one or that of the model."""
    size = SMALL if request.param == "small" else SIZE
    monkeypatch.setattr(proof, "_sizes", lambda own: [[size]])


def test_the_module_is_the_model(known, sizes):
    assert apart(known, known[2]) == 0


def test_i2_a_resize_to_another_number_is_seen(known, sizes):
    """At a small size it is brought to what the model resizes to: its own size says the fault."""
    right, wrong = (
        re.sub(r"size=.+?, mode", f"size=({rows}, 131), mode", known[2]) for rows in (131, 130)
    )
    assert right != wrong
    assert apart(known, right) == 0
    with pytest.raises(Unequal):
        apart(known, wrong)


@pytest.mark.parametrize("what", BREAKS)
def test_i2_a_fault_of_the_code_is_seen(what, known, sizes):
    old, new = BREAKS[what]
    wrong = known[2].replace(old, new)
    assert wrong != known[2]
    with pytest.raises(Unequal):
        apart(known, wrong)
