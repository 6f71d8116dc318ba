"""References of Inception-v4 and Inception-ResNet-v2, from the figures of Szegedy et al. 2016."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tests.zoo.more.parts import Cat, Size, chain, conv, head
from tests.zoo.more.parts import cba as plain_cba


def cba(c: int, out: int, k: Size = 1, s: int = 1, p: Size | None = None) -> nn.Module:
    return plain_cba(c, out, k, s, p, eps=0.001)


def row(c: int, *steps: tuple[Any, ...]) -> nn.Module:
    """Convolutions behind each other: (channels, kernel[, stride, pad])."""
    layers = []
    for out, k, *rest in steps:
        layers.append(cba(c, out, k, *rest))
        c = out
    return chain(*layers)


def stem() -> nn.Module:
    return chain(
        cba(3, 32, 3, 2, 0), cba(32, 32, 3, 1, 0), cba(32, 64, 3),
        Cat(nn.MaxPool2d(3, 2), cba(64, 96, 3, 2, 0)),
        Cat(
            row(160, (64, 1), (96, 3, 1, 0)),
            row(160, (64, 1), (64, (7, 1)), (64, (1, 7)), (96, 3, 1, 0)),
        ),
        Cat(cba(192, 192, 3, 2, 0), nn.MaxPool2d(3, 2)),
    )  # fmt: skip


def pooled(c: int, out: int) -> nn.Module:
    return chain(nn.AvgPool2d(3, 1, 1), cba(c, out))


def reduction_a(k: int, l: int, m: int, n: int) -> nn.Module:  # noqa: E741 - the paper's letters
    deep = row(384, (k, 1), (l, 3), (m, 3, 2, 0))
    return Cat(nn.MaxPool2d(3, 2), cba(384, n, 3, 2, 0), deep)


def inception_v4() -> nn.Module:
    def a() -> nn.Module:
        double = row(384, (64, 1), (96, 3), (96, 3))
        return Cat(pooled(384, 96), cba(384, 96), row(384, (64, 1), (96, 3)), double)

    def b() -> nn.Module:
        tall, flat = (7, 1), (1, 7)
        once = row(1024, (192, 1), (224, flat), (256, tall))
        twice = row(1024, (192, 1), (192, flat), (224, tall), (224, flat), (256, tall))
        return Cat(pooled(1024, 128), cba(1024, 384), once, twice)

    def c() -> nn.Module:
        fork = Cat(cba(384, 256, (1, 3)), cba(384, 256, (3, 1)))
        deep = row(1536, (384, 1), (448, (1, 3)), (512, (3, 1)))
        last = Cat(cba(512, 256, (3, 1)), cba(512, 256, (1, 3)))
        arms = chain(cba(1536, 384), fork), chain(deep, last)
        return Cat(pooled(1536, 256), cba(1536, 256), *arms)

    reduction_b = Cat(
        nn.MaxPool2d(3, 2), row(1024, (192, 1), (192, 3, 2, 0)),
        row(1024, (256, 1), (256, (1, 7)), (320, (7, 1)), (320, 3, 2, 0)),
    )  # fmt: skip
    return chain(
        stem(), *[a() for _ in range(4)], reduction_a(192, 224, 256, 384),
        *[b() for _ in range(7)], reduction_b, *[c() for _ in range(3)], head(1536, 1000),
    )  # fmt: skip


class Scaled(nn.Module):
    """relu(x + factor * linear(module(x)))."""

    def __init__(self, c: int, factor: float, wide: int, *arms: nn.Module) -> None:
        super().__init__()
        self.module, self.linear, self.factor = Cat(*arms), conv(wide, c, bias=True), factor

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.linear(self.module(x)) * self.factor)


def inception_resnet_v2() -> nn.Module:
    def a() -> nn.Module:
        deep = row(384, (32, 1), (48, 3), (64, 3))
        return Scaled(384, 0.17, 128, cba(384, 32), row(384, (32, 1), (32, 3)), deep)

    def b() -> nn.Module:
        deep = row(1152, (128, 1), (160, (1, 7)), (192, (7, 1)))
        return Scaled(1152, 0.1, 384, cba(1152, 192), deep)

    def c() -> nn.Module:
        deep = row(2144, (192, 1), (224, (1, 3)), (256, (3, 1)))
        return Scaled(2144, 0.2, 448, cba(2144, 192), deep)

    reduction_b = Cat(
        nn.MaxPool2d(3, 2), row(1152, (256, 1), (384, 3, 2, 0)),
        row(1152, (256, 1), (288, 3, 2, 0)), row(1152, (256, 1), (288, 3), (320, 3, 2, 0)),
    )  # fmt: skip
    return chain(
        stem(), *[a() for _ in range(5)], reduction_a(256, 256, 384, 384),
        *[b() for _ in range(10)], reduction_b, *[c() for _ in range(5)],
        head(2144, 1000),
    )  # fmt: skip
