"""What a trace has beside one flow: places of maxima, sizes of other maps, values nobody reads."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import cnnspec
from cnnspec.importing.errors import Refused

torch.manual_seed(0)


def text_of(model, size=(3, 32, 32)):
    found = cnnspec.import_(model, size, "it")
    assert found.difference == 0 and not found.flat
    return found.text


class SegNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Conv2d(3, 8, 3, padding=1)
        self.mid = nn.Conv2d(8, 8, 3, padding=1)
        self.dec = nn.Conv2d(8, 2, 3, padding=1)
        self.pool = nn.MaxPool2d(2, return_indices=True)
        self.unpool = nn.MaxUnpool2d(2)

    def forward(self, x):
        small, places = self.pool(F.relu(self.enc(x)))
        return self.dec(self.unpool(F.relu(self.mid(small)), places))


def test_places_of_maxima_go_back_to_their_pool():
    text = text_of(SegNet())
    assert "tap1: maxpool 2x2/2" in text and "  unpool tap1" in text


class Sized(nn.Module):
    def __init__(self, whole=True):
        super().__init__()
        self.whole = whole
        self.low, self.high = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 2, 1)
        self.end = nn.Conv2d(8, 2, 1)

    def forward(self, x):
        early = F.relu(self.low(x))
        up = F.interpolate(self.high(early), size=early.shape[-2:], mode="bilinear")
        y = self.end(up + early)
        height, width = x.shape[2], x.size(3)
        return F.interpolate(y, size=(height, width) if self.whole else (32, 32))


def test_a_size_remembers_whose_it_is():
    text = text_of(Sized())
    assert 'resize mode="bilinear", to=early' in text
    assert "input image: 3x32x32" in text and "resize to=image" in text


def test_a_size_in_numbers_stays_one():
    assert "  resize 32" in text_of(Sized(whole=False))


class Unread(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = (nn.Conv2d(3, 3, 1) for _ in range(3))

    def forward(self, x):
        x = self.a(x)
        self.b(x)
        return self.c(x)


def test_layers_whose_output_nobody_reads_are_written():
    text = text_of(Unread())
    assert "  b: conv 3, 1x1" in text and "  from a" in text


class Three(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        return x * torch.sigmoid(self.a(x)) + self.b(x) + x


def test_a_sum_of_three_is_one():
    text = text_of(Three())
    assert text.count("add {") == 1


class Tree(nn.Module):
    def __init__(self, level):
        super().__init__()
        made = (lambda: Tree(level - 1)) if level else (lambda: nn.Conv2d(3, 3, 3, padding=1))
        self.left, self.right = made(), made()

    def forward(self, x):
        return F.relu(self.left(x)) + self.right(x)


def test_a_class_that_calls_itself_has_a_block_for_each_depth():
    text = text_of(Tree(2))
    assert "block tree()" in text and "block tree2()" in text


class Smooth(nn.Module):
    def __init__(self):
        super().__init__()
        self.smooth = nn.ModuleList(nn.Conv2d(3, 3, 1) for _ in range(3))

    def forward(self, x):
        return [layer(x) for layer in self.smooth]


def test_heads_whose_keys_share_a_level():
    assert "output out1: from smooth[1]" in text_of(Smooth())


class Dilated(nn.Module):
    def __init__(self, dilation):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=dilation, dilation=dilation)

    def forward(self, x):
        return x + F.relu(self.conv(x))


def test_two_numbers_of_a_parameter_are_rows_and_columns():
    layers = [nn.Conv2d(3, 8, 3), *(Dilated(n) for n in (1, 1, 2, 4))]
    text = text_of(nn.Sequential(*layers))
    assert "dilation=dilation" in text and "[1, 1]" not in text


def test_keys_that_are_no_names():
    model = nn.Sequential()
    model.add_module("block1-0", nn.Conv2d(3, 4, 3))
    model.add_module("_stem", nn.Conv2d(4, 4, 1))
    text = text_of(model)
    assert '"block1-0": conv 4, 3x3' in text and "stem: conv 4, 1x1" in text


def test_what_does_nothing_in_a_sequence_is_skip():
    inner = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Dropout(0.0), nn.Conv2d(4, 4, 3))
    model = nn.Sequential()
    model.add_module("body", inner)
    assert "skip" in text_of(model) and "dropout" not in text_of(model)


def test_what_does_nothing_and_has_a_name_is_left_out():
    inner = nn.Sequential()
    for name, module in [("conv", nn.Conv2d(3, 4, 3)), ("no", nn.Identity()), ("act", nn.ReLU())]:
        inner.add_module(name, module)
    model = nn.Sequential()
    model.add_module("body", inner)
    assert "skip" not in text_of(model)


class Attends(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2)

    def forward(self, x):
        y = x.flatten(2).permute(2, 0, 1)
        return self.attention(y, y, y)[0]


def test_the_cause_of_a_transformer_is_its_attention():
    with pytest.raises(Refused, match="no spec has attention"):
        cnnspec.import_(Attends(), (8, 4, 4), "it")
