"""The texts of docs/import are what comes out, and read as a person would have written them."""

from __future__ import annotations

import re

import pytest
import torch
from torch import nn

from benchmarks.importing.texts import FAMILY, FOLDER, of_torchvision
from cnnspec.importing.options import Options
from cnnspec.importing.torch.source import import_module

NETS = ("resnet50", "mobilenet_v2", "googlenet", "efficientnet_b0", "convnext_tiny")


@pytest.mark.parametrize("name", NETS)
def test_a_text_of_the_docs_is_what_comes_out(name, torchvision_models):
    text = of_torchvision(torchvision_models, name, proved=False)
    assert (FOLDER / f"{name}.cnn").read_text() == text


def test_the_family_of_the_docs_is_what_comes_out(torchvision_models):
    text = of_torchvision(torchvision_models, *FAMILY, family="resnet", proved=False)
    assert (FOLDER / "resnet_family.cnn").read_text() == text


class Unit(nn.Module):
    """A shortcut where the shape stays, another body where it does not."""

    def __init__(self, a: int, b: int, stride: int, last: bool = False) -> None:
        super().__init__()
        self.keeps = stride == 1 and a == b
        self.conv = nn.Conv2d(a, b, 3, stride, 1)
        self.act = nn.ELU() if last else nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.act(self.conv(x))
        return x + y if self.keeps else y


class Head(nn.Module):
    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.fc = nn.Linear(width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(x.mean((2, 3)))


class Net(nn.Module):
    """Units of several widths and strides, and a head for training."""

    def __init__(self, rows: list[tuple[int, int, int]], aux: int = 7) -> None:
        super().__init__()
        self.units = nn.Sequential(*(Unit(*row) for row in rows))
        self.aux1 = Head(rows[-1][1], aux)
        self.aux2 = Head(rows[-1][1], 7)
        self.fc = nn.Linear(rows[-1][1], 7)

    def forward(self, x: torch.Tensor) -> object:
        x = self.units(x)
        out = self.fc(x.mean((2, 3)))
        return (out, self.aux1(x), self.aux2(x)) if self.training else out


ROWS = [(3, 8, 1), (8, 8, 1), (8, 16, 2), (16, 16, 1), (16, 16, 2), (16, 24, 1), (24, 24, 1)]


def said(model: nn.Module) -> str:
    found = import_module(model, (3, 16, 16), "net_a", Options())
    assert found.difference == 0 and not found.flat
    return found.text


def test_a_shortcut_stands_where_stride_and_width_let_it():
    wanted = "if stride == 1 and in.channels == channels { add {"
    assert wanted in " ".join(said(Net(ROWS)).split())
    # where the width alone would fit these calls, a person says both all the same
    assert wanted in " ".join(said(Net([*ROWS[:4], *ROWS[5:]])).split())


def test_a_body_that_is_added_in_some_calls_only_is_one_block():
    assert said(Net(ROWS)).count("block unit") == 1


def test_auxiliary_heads_have_the_net_s_classes():
    text = said(Net(ROWS))
    assert "block head(classes) {" in text and text.count(": head classes") == 2
    other = said(Net(ROWS, aux=5))
    assert ": head classes" not in other and "head 5" in other


def test_three_columns_and_more_have_whole_words_in_the_order_of_the_call():
    rows = [(3, 16, 1), (16, 24, 2), (24, 24, 1), (24, 32, 1), (32, 32, 1), (32, 32, 1)]
    text = said(Net([*rows, (32, 64, 2), (64, 64, 1), (64, 96, 1)]))
    assert "for channels, stride, depth in [[16, 1, 1], [24, 2, 2], [32, 1, 3]" in text


class Choice(nn.Module):
    """One of three activations behind a convolution."""

    def __init__(self, act: type[nn.Module]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.act = act()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.act(self.conv(x))


def test_else_if_has_no_braces():
    model = nn.Sequential(nn.Conv2d(3, 8, 1), *map(Choice, (nn.ReLU, nn.ELU, nn.ReLU, nn.Tanh)))
    text = said(model)
    assert "else if " in text and "else { if" not in text


class Squeeze(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(width, inner, 1), nn.Conv2d(inner, width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(self.fc2(torch.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


def test_a_width_inside_that_is_less_than_arrives_is_called_squeezed():
    model = nn.Sequential(
        nn.Conv2d(3, 8, 1), Squeeze(8, 4), nn.Conv2d(8, 16, 1), Squeeze(16, 3),
    )  # fmt: skip
    assert "block squeeze(squeezed) {" in said(model)


class Ending(nn.Sequential):
    """A convolution, a norm, and one of two activations or none."""

    def __init__(self, width: int, act: type[nn.Module] | None) -> None:
        super().__init__(nn.Conv2d(width, width, 3, padding=1), *([act()] if act else []))


class Squeezed(nn.Module):
    """A part between two others that some calls lack, with a width of its own."""

    def __init__(self, width: int, inner: int, act: type[nn.Module]) -> None:
        super().__init__()
        self.first = Ending(width, act)
        self.gate = Squeeze(width, inner) if inner else None
        self.last = Ending(width, None)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        return self.last(self.gate(x) if self.gate else x)


def squeezed() -> str:
    acts = (nn.ReLU, nn.Hardswish, nn.Hardswish, nn.ReLU)
    rows = zip((0, 4, 8, 6), acts, strict=True)
    return said(nn.Sequential(nn.Conv2d(3, 16, 1), *(Squeezed(16, *row) for row in rows)))


def test_a_part_that_lacks_has_the_width_0():
    assert re.search(r"if (\w+) > 0 \{ gate: squeeze \1 \}", squeezed())


def test_whether_there_is_an_activation_is_said_before_which():
    text = " ".join(squeezed().split())
    assert "if act { if relu { relu } else { hardswish } }" in text


def test_a_convolution_that_ends_in_one_number_a_map_has_the_net_s_classes():
    layers = [nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 7, 1), nn.ReLU()]
    text = said(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    assert "(classes = 7)" in text and "conv classes, 1x1" in text and "=> [classes]" in text
    assert "classes" not in said(nn.Sequential(*layers))
    assert "classes" not in said(nn.Sequential(*layers, nn.Flatten()))


def test_the_default_is_the_one_with_which_the_text_is_shortest():
    one = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
    assert "default" not in said(one)
    more = [nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)),
            nn.Conv2d(8, 8, 5, padding=2, bias=False), nn.Conv2d(8, 9, 3, padding=1)]  # fmt: skip
    text = said(nn.Sequential(one, *more, *(nn.Conv2d(9, 9, 3, padding=1) for _ in range(3))))
    assert "bare" not in text and "default conv pad=same\n" in text


class Pyramid(nn.Module):
    """Three levels on the way down, a lateral layer on each on the way up."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(c, 8, 3, 2, 1) for c in (3, 8, 8))
        self.lateral = nn.ModuleList(nn.Conv2d(8, 6, 1) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        levels = []
        for conv in self.down:
            x = torch.relu(conv(x))
            levels.append(x)
        top = self.lateral[2](levels[2])
        for place in (1, 0):
            up = nn.functional.interpolate(top, scale_factor=2)
            top = self.lateral[place](levels[place]) + up
        return top


def test_no_join_of_a_pyramid_stands_in_another():
    text = said(Pyramid())
    depth = [text[: at.start()].count("{") - text[: at.start()].count("}")
             for at in re.finditer("add {", text)]  # fmt: skip
    assert depth == [1, 1]


@pytest.mark.parametrize(
    ("momentum", "written"), [(1 - 0.9997, "momentum = 1 - 0.9997"), (0.0003, "momentum=0.0003")]
)
def test_a_number_that_is_the_rest_of_one_is_written_so(momentum, written):
    """MNASNet's: 1 - 0.9997 is 0.00029999999999996696, and no person wrote that."""
    assert written in said(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, momentum=momentum)))
