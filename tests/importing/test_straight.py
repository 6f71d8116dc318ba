"""A U-Net is one line down and one up, however deep: nobody nests its skip connections."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnspec.importing.options import Options
from cnnspec.importing.torch.source import import_module


def said(model: nn.Module, size: tuple[int, ...] = (3, 32, 32)) -> str:
    found = import_module(model, size, "net_a", Options())
    assert found.difference == 0 and not found.flat and found.tried == ()
    return found.text


class Double(nn.Sequential):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU(),
        )  # fmt: skip


class Up(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
        self.conv = Double(2 * outputs, outputs)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.conv(torch.cat([skip, self.up(x)], dim=1))


class UNet(nn.Module):
    def __init__(self, levels: int, width: int = 8) -> None:
        super().__init__()
        wide = [width * 2**level for level in range(levels)]
        self.downs = nn.ModuleList(Double(a, b) for a, b in zip([3, *wide], wide, strict=False))
        self.ups = nn.ModuleList(Up(b, a) for a, b in reversed([*pairwise(wide)]))
        self.head = nn.Conv2d(width, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for down in self.downs:
            x = down(F.max_pool2d(x, 2) if skips else x)
            skips.append(x)
        skips.pop()
        for up in self.ups:
            x = up(x, skips.pop())
        return self.head(x)


def test_levels_are_a_loop_and_joins_begin_at_what_they_join():
    text = said(UNet(4))
    assert "for i in range(3) { downs.${i}: double 8 * 2^i; maxpool 2x2/2 }" in text
    for up, down in enumerate((2, 1, 0)):
        assert f"concat {{ from downs[{down}]; ups.{up}.up: conv_transpose" in text


def test_one_skip_connection_stays_a_fork():
    text = said(UNet(2))
    assert "skip" in text and "from downs" not in text


class Residual(nn.Module):
    """A residual block in a residual block: no map gets smaller in it."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.a(x)
        return x + (y + self.b(y))


def test_a_skip_connection_that_passes_by_no_smaller_map_stays_one():
    assert said(Residual()).count("skip") == 2


class Coder(nn.Module):
    """An autoencoder whose last module ends with the sigmoid that a spec leaves to the loss."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU())
        self.decoder = nn.Sequential(nn.ConvTranspose2d(8, 3, 2, 2), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


def test_l16_a_head_inside_the_last_module_is_compared_with_it():
    assert "conv_transpose 3, 2x2/2 -> sigmoid" in said(Coder())


class OptionA(nn.Module):
    """A residual block whose shortcut takes every other pixel and adds channels of zeros."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.extra, self.stride = outputs - inputs, stride

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn(self.conv(x))
        if self.extra:
            half = self.extra // 2
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, half))
        return F.relu(x + y)


def test_every_other_pixel_is_a_pool_of_single_pixels():
    model = nn.Sequential(
        nn.Conv2d(3, 8, 1), OptionA(8, 8, 1), OptionA(8, 16, 2), OptionA(16, 16, 1)
    )
    text = said(model)
    assert "{ avgpool 1x1/stride -> pad_channels channels }" in text
    assert text.count("block option_a") == 1


class Crop(nn.Module):
    """A crop to the size of a map that is as large."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.a(x)
        rows, columns = y.shape[2:]
        return self.b(x)[:, :, :rows, :columns] + y


def test_a_crop_that_takes_all_is_no_pool():
    assert "avgpool" not in said(Crop())


class ShortcutFirst(nn.Module):
    """Registers the shortcut first and adds it last, as many residual blocks of timm do."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.shortcut = nn.Conv2d(a, b, 1, bias=False)
        self.conv1 = nn.Conv2d(a, b, 3, padding=1)
        self.conv2 = nn.Conv2d(b, b, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv2(torch.relu(self.conv1(x)))
        return torch.relu(y + self.shortcut(x))


def test_the_arms_of_a_sum_stand_as_the_model_registers_them():
    """A sum of two is the same to the last bit, and the keys have the model's order."""
    model = nn.Sequential(ShortcutFirst(3, 4), ShortcutFirst(4, 8))
    found = import_module(model, (3, 9, 9), "first", Options())
    assert found.difference == 0 and not found.flat and not found.notes, found.notes
    assert "add {\n    shortcut: conv" in found.text
