"""Several models in one file: a family with its variants, where they are one."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cnnspec.importing.errors import Refused
from cnnspec.importing.importer import NO_FAMILY, Imported, write
from cnnspec.importing.options import Options
from cnnspec.importing.prove import Unequal, elaborate, prove
from cnnspec.importing.torch.source import captured


class Basic(nn.Module):
    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(a, b, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(b)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.bn(self.conv(x)))


class Wide(Basic):
    def __init__(self, a: int, b: int) -> None:
        super().__init__(a, b)
        self.wide = nn.Conv2d(b, b, 5, padding=2, groups=b)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.wide(super().forward(x)))


class Net(nn.Module):
    """Four stages."""

    def __init__(self, depths: list[int], unit: type[Basic] = Basic, width: int = 8) -> None:
        super().__init__()
        stages, came = [], 3
        for place, depth in enumerate(depths):
            wide = width * 2**place
            units = [unit(came if turn == 0 else wide, wide) for turn in range(depth)]
            stages.append(nn.Sequential(*units))
            came = wide
        self.stages = nn.Sequential(*stages)
        self.fc = nn.Linear(came, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.stages(x).mean((2, 3)))


def imported(*models: nn.Module, sizes: tuple[int, ...] = (16, 16, 16), **options: str) -> Imported:
    pairs = zip(models, sizes, strict=False)
    read = [
        captured(model, (3, size, size), f"net_{'abc'[place]}", Options())
        for place, (model, size) in enumerate(pairs)
    ]
    return write(read, **options)


def test_lists_and_blocks_that_differ_are_the_family_s_parameters():
    found = imported(Net([1, 2, 2, 1]), Net([2, 3, 4, 2]), Net([2, 3, 4, 2], Wide))
    assert "net net_model(depths, unit, classes = 10) {" in found.text
    assert "for n, c in zip(depths, [8, 16, 32, 64]) {" in found.text and "unit " in found.text
    assert "net net_a = net_model([1, 2, 2, 1], basic) {" in found.text
    assert "net net_c = net_model([2, 3, 4, 2], wide) {" in found.text
    assert found.difference == 0 and found.notes == () and not found.flat


def test_a_width_that_differs_is_a_parameter_and_the_family_has_the_given_name():
    found = imported(Net([2, 2, 2, 2]), Net([2, 2, 2, 2], width=12), family="small")
    assert "net small(widths, classes = 10) {" in found.text
    assert "net net_b = small([12, 24, 48, 96]) {" in found.text and found.difference == 0


def test_input_sizes_that_differ_are_a_parameter():
    found = imported(Net([2, 2, 2, 2]), Net([2, 2, 3, 2]), sizes=(16, 32))
    assert "input [3, size, size]" in found.text and "net net_b = net_model(32, " in found.text


def test_a_variant_that_says_another_net_is_seen():
    models = [
        captured(Net(depths), (3, 16, 16), name, Options())
        for name, depths in (("net_a", [1, 2, 2, 1]), ("net_b", [2, 3, 4, 2]))
    ]
    text = write(models).text
    wrong = text.replace("[2, 3, 4, 2]", "[2, 3, 3, 2]")
    assert wrong != text
    wrong = "\n".join(line for line in wrong.splitlines() if "claim" not in line) + "\n"
    prove(models[0].trace, elaborate(wrong, "net_a"))
    with pytest.raises(Unequal):
        prove(models[1].trace, elaborate(wrong, "net_b"))


def test_no_family_is_a_file_with_a_net_each():
    tail = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Flatten(), nn.Linear(4 * 256, 10))
    found = imported(Net([1, 2, 2, 1]), tail)
    assert "net net_a(classes = 10) {" in found.text and "net net_b(classes = 10) {" in found.text
    assert NO_FAMILY in found.notes and found.difference == 0


def test_every_model_of_a_flat_file_has_its_net():
    found = imported(Net([1, 2, 2, 1]), Net([2, 3, 4, 2]), only_flat=True)
    assert found.flat and found.text.count("\nnet net_") == 2 and found.difference == 0


def test_models_of_one_name_are_refused():
    one = captured(Net([1]), (3, 16, 16), "twice", Options())
    with pytest.raises(Refused, match="two models with the name twice"):
        write([one, one])


def test_the_torchvision_resnets_are_a_family(torchvision_models):
    names = ("resnet18", "resnet34", "resnet50")
    wanted = Options(verify=False)
    read = [captured(torchvision_models.get_model(n), (3, 224, 224), n, wanted) for n in names]
    found = write(read)
    assert "net resnet(depths, unit, classes = 1000) {" in found.text
    assert "net resnet50 = resnet([3, 4, 6, 3], bottleneck) {" in found.text
    rows = [row for row in found.text.splitlines() if row.strip() and "claim" not in row]
    assert len(rows) <= 38
