"""References of specs/more that classify, from their papers."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tests.zoo.more.parts import Residual, Sum, cba, chain, conv, head


def nin() -> nn.Module:
    """Network in Network, CIFAR-10."""

    def mlpconv(c: int, out: int, k: int, *widths: int) -> list[nn.Module]:
        layers: list[nn.Module] = []
        for size, a, b in zip((k, 1, 1), (c, out, widths[0]), (out, *widths), strict=True):
            layers += [conv(a, b, size, bias=True), nn.ReLU()]
        return layers

    return chain(
        *mlpconv(3, 192, 5, 160, 96), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Dropout(),
        *mlpconv(96, 192, 5, 192, 192), nn.AvgPool2d(3, 2, ceil_mode=True), nn.Dropout(),
        *mlpconv(192, 192, 3, 192, 10), nn.AvgPool2d(8), nn.Flatten(),
    )  # fmt: skip


def wide_resnet(n: int, k: int) -> nn.Module:
    """Wide ResNet for CIFAR: 6n + 4 convolutions, k times as wide."""

    class Unit(nn.Module):
        def __init__(self, c: int, out: int, stride: int) -> None:
            super().__init__()
            self.norm = chain(nn.BatchNorm2d(c), nn.ReLU())
            self.body = chain(
                conv(c, out, 3, stride), nn.BatchNorm2d(out), nn.ReLU(), conv(out, out, 3)
            )
            self.project = conv(c, out, 1, stride) if c != out else None

        def forward(self, x: Tensor) -> Tensor:
            y = self.norm(x)
            return self.body(y) + (x if self.project is None else self.project(y))

    layers: list[nn.Module] = [conv(3, 16, 3)]
    c = 16
    for i in range(3):
        for j in range(n):
            layers.append(Unit(c, 16 * k * 2**i, 2 if i and not j else 1))
            c = 16 * k * 2**i
    return chain(*layers, nn.BatchNorm2d(c), nn.ReLU(), head(c, 10))


def fractal(columns: int, widths: tuple[int, ...] = (16, 32, 64, 128, 128)) -> nn.Module:
    """FractalNet: columns are run side by side, and all that end at a depth are joined."""

    class Block(nn.Module):
        def __init__(self, c: int, out: int) -> None:
            super().__init__()
            self.depth = 2 ** (columns - 1)
            self.cells = nn.ModuleDict()
            for key in self.order():
                start = int(key.split("_")[1])
                self.cells[key] = cba(c if start == 0 else out, out, 3)

        def order(self) -> list[str]:
            """Column by column from the widest-stepping, as a reader of the formula meets them."""

            def walk(column: int, start: int) -> list[str]:
                first = [f"{column}_{start}"]
                if column == columns - 1:
                    return first
                step = self.depth // 2 ** (column + 1)
                return first + walk(column + 1, start) + walk(column + 1, start + step)

            return walk(0, 0)

        def forward(self, x: Tensor) -> Tensor:
            at = {0: x}
            for end in range(1, self.depth + 1):
                steps = [2 ** (columns - 1 - i) for i in range(columns)]
                ending = [(i, end - s) for i, s in enumerate(steps) if end % s == 0]
                arms = [self.cells[f"{i}_{start}"](at[start]) for i, start in ending]
                at[end] = torch.stack(arms).mean(0)
            return at[self.depth]

    layers: list[nn.Module] = []
    for c, out in zip((3, *widths), widths, strict=False):
        layers += [Block(c, out), nn.MaxPool2d(2)]
    return chain(*layers, nn.Flatten(), nn.Linear(widths[-1], 100))


class Separable(nn.Sequential):
    """A 3x3 on each channel, a 1x1, batch norm."""

    def __init__(self, c: int, out: int) -> None:
        super().__init__(conv(c, c, 3, g=c), conv(c, out), nn.BatchNorm2d(out))


def xception() -> nn.Module:
    def reduce(c: int, first: int, out: int, leads: bool = True) -> nn.Module:
        body = [Separable(c, first), nn.ReLU(), Separable(first, out), nn.MaxPool2d(3, 2, 1)]
        lead = [nn.ReLU()] if leads else []
        return Sum(chain(*lead, *body), cba(c, out, 1, 2, linear=True))

    def middle() -> nn.Module:
        return Residual(chain(*[m for _ in range(3) for m in (nn.ReLU(), Separable(728, 728))]))

    return chain(
        cba(3, 32, 3, 2, 0), cba(32, 64, 3, 1, 0), reduce(64, 128, 128, False),
        reduce(128, 256, 256), reduce(256, 728, 728), *[middle() for _ in range(8)],
        reduce(728, 728, 1024), Separable(1024, 1536), nn.ReLU(), Separable(1536, 2048), nn.ReLU(),
        head(2048, 1000),
    )  # fmt: skip


# --- nets that keep ResNet's table and change its block -----------------------------------------


def resnet(
    depths: tuple[int, ...], block: Callable[[int, int, int], nn.Module], expansion: int
) -> nn.Module:
    """ResNet's stem, four stages of `block(channels, width, stride)`, and its head."""
    layers: list[nn.Module] = [cba(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1)]
    c = 64
    for i, depth in enumerate(depths):
        for j in range(depth):
            layers.append(block(c, 64 * 2**i, 2 if i and not j else 1))
            c = 64 * 2**i * expansion
    return chain(*layers, head(c, 1000))


def shortcut(c: int, out: int, stride: int) -> nn.Module | None:
    return cba(c, out, 1, stride, linear=True) if stride != 1 or c != out else None


def relu_sum(body: nn.Module, c: int, out: int, stride: int) -> nn.Module:
    return Residual(body, shortcut(c, out, stride), nn.ReLU())


class SqueezeExcite(nn.Module):
    def __init__(self, c: int, squeezed: int, gate: nn.Module) -> None:
        super().__init__()
        self.fc1, self.fc2, self.gate = nn.Conv2d(c, squeezed, 1), nn.Conv2d(squeezed, c, 1), gate

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.fc1(x.mean((2, 3), keepdim=True)))
        return x * self.gate(self.fc2(y))


def se_resnet50() -> nn.Module:
    def block(c: int, w: int, s: int) -> nn.Module:
        gate = SqueezeExcite(4 * w, w // 4, nn.Sigmoid())
        body = chain(cba(c, w, 1, s), cba(w, w, 3), cba(w, 4 * w, linear=True), gate)
        return relu_sum(body, c, 4 * w, s)

    return resnet((3, 4, 6, 3), block, 4)


class Cbam(nn.Module):
    def __init__(self, c: int) -> None:
        super().__init__()
        self.mlp = chain(nn.Conv2d(c, c // 16, 1), nn.ReLU(), nn.Conv2d(c // 16, c, 1))
        self.spatial = conv(2, 1, 7)

    def forward(self, x: Tensor) -> Tensor:
        means, maxima = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        x = x * torch.sigmoid(self.mlp(means) + self.mlp(maxima))
        two = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return x * torch.sigmoid(self.spatial(two))


def cbam_basic(depths: tuple[int, ...]) -> nn.Module:
    def block(c: int, w: int, s: int) -> nn.Module:
        return relu_sum(chain(cba(c, w, 3, s), cba(w, w, 3, linear=True), Cbam(w)), c, w, s)

    return resnet(depths, block, 1)


def cbam_resnet50() -> nn.Module:
    def block(c: int, w: int, s: int) -> nn.Module:
        body = chain(cba(c, w, 1, s), cba(w, w, 3), cba(w, 4 * w, linear=True), Cbam(4 * w))
        return relu_sum(body, c, 4 * w, s)

    return resnet((3, 4, 6, 3), block, 4)


class Scales(nn.Module):
    """Res2Net's hierarchy in place of a 3x3 (equation 1)."""

    def __init__(self, width: int, scale: int, stride: int, begins: bool) -> None:
        super().__init__()
        self.width, self.begins = width, begins
        self.pool = nn.AvgPool2d(3, stride, 1) if begins else nn.Identity()
        self.convs = nn.ModuleList(cba(width, width, 3, stride) for _ in range(scale - 1))

    def forward(self, x: Tensor) -> Tensor:
        first, *parts = x.split(self.width, 1)
        ys: list[Tensor] = []
        for i, (part, layer) in enumerate(zip(parts, self.convs, strict=True)):
            ys.append(layer(part if self.begins or i == 0 else part + ys[-1]))
        return torch.cat([self.pool(first), *ys], 1)


def res2net(depths: tuple[int, ...], base: int, scale: int) -> nn.Module:
    def block(c: int, w: int, s: int) -> nn.Module:
        width = base * w // 64
        scales = Scales(width, scale, s, c != 4 * w)
        body = chain(cba(c, width * scale), scales, cba(width * scale, 4 * w, linear=True))
        return relu_sum(body, c, 4 * w, s)

    return resnet(depths, block, 4)


def repvgg(
    depths: tuple[int, ...], widths: tuple[int, ...], stem: int, training: bool
) -> nn.Module:
    def unit(c: int, out: int, s: int) -> nn.Module:
        if not training:
            return chain(conv(c, out, 3, s, bias=True), nn.ReLU())
        arms = [cba(c, out, k, s, linear=True) for k in (3, 1)]
        same = [nn.BatchNorm2d(c)] if s == 1 and c == out else []
        return chain(Sum(*arms, *same), nn.ReLU())

    layers, c = [unit(3, stem, 2)], stem
    for depth, width in zip(depths, widths, strict=True):
        for i in range(depth):
            layers.append(unit(c, width, 1 if i else 2))
            c = width
    return chain(*layers, head(c, 1000))


class Ghost(nn.Module):
    def __init__(self, c: int, out: int, active: bool) -> None:
        super().__init__()
        half = out // 2
        self.primary = cba(c, half, linear=not active)
        self.cheap = cba(half, half, 3, g=half, linear=not active)

    def forward(self, x: Tensor) -> Tensor:
        y = self.primary(x)
        return torch.cat([y, self.cheap(y)], 1)


GHOST = [
    (3, 16, 16, 0, 1), (3, 48, 24, 0, 2), (3, 72, 24, 0, 1), (5, 72, 40, 1, 2), (5, 120, 40, 1, 1),
    (3, 240, 80, 0, 2), (3, 200, 80, 0, 1), (3, 184, 80, 0, 1), (3, 184, 80, 0, 1),
    (3, 480, 112, 1, 1), (3, 672, 112, 1, 1), (5, 672, 160, 1, 2), (5, 960, 160, 0, 1),
    (5, 960, 160, 1, 1), (5, 960, 160, 0, 1), (5, 960, 160, 1, 1),
]  # fmt: skip


def ghostnet(width: float) -> nn.Module:
    def four(x: float) -> int:
        n = max(4, int(x + 2) // 4 * 4)
        return n + 4 if n < 0.9 * x else n

    def bottleneck(c: int, k: int, wide: int, out: int, gates: int, s: int) -> nn.Module:
        body: list[nn.Module] = [Ghost(c, wide, True)]
        if s > 1:
            body.append(cba(wide, wide, k, s, g=wide, linear=True))
        if gates:
            body.append(SqueezeExcite(wide, four(wide / 4), nn.Hardsigmoid()))
        body.append(Ghost(wide, out, False))
        if s == 1 and c == out:
            return Residual(chain(*body))
        other = [cba(c, c, k, s, g=c, linear=True), cba(c, out, linear=True)]
        return Residual(chain(*body), chain(*other))

    c = four(16 * width)
    layers: list[nn.Module] = [cba(3, c, 3, 2)]
    for k, wide, out, gates, s in GHOST:
        layers.append(bottleneck(c, k, four(wide * width), four(out * width), gates, s))
        c = four(out * width)
    last = four(960 * width)
    return chain(
        *layers, cba(c, last), nn.AdaptiveAvgPool2d(1), nn.Conv2d(last, 1280, 1), nn.ReLU(),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, 1000),
    )  # fmt: skip


def darknet_body() -> list[nn.Module]:
    """Darknet-53 without its head: the stem and five stages."""

    def layer(c: int, out: int, k: int, s: int = 1) -> nn.Module:
        return cba(c, out, k, s, act=nn.LeakyReLU(0.1))

    stages: list[nn.Module] = [layer(3, 32, 3)]
    c = 32
    for n in (1, 2, 8, 8, 4):
        units = [Residual(chain(layer(2 * c, c, 1), layer(c, 2 * c, 3))) for _ in range(n)]
        stages.append(chain(layer(c, 2 * c, 3, 2), *units))
        c *= 2
    return stages


def darknet53() -> nn.Module:
    return chain(*darknet_body(), head(1024, 1000))


class AlphaGoZero(nn.Module):
    def __init__(self, blocks: int, c: int = 256) -> None:
        super().__init__()

        def residual() -> nn.Module:
            return Residual(chain(cba(c, c, 3), cba(c, c, 3, linear=True)), after=nn.ReLU())

        self.tower = chain(cba(17, c, 3), *[residual() for _ in range(blocks)])
        hidden = [nn.Linear(361, 256), nn.ReLU(), nn.Linear(256, 1), nn.Tanh()]
        self.value = chain(cba(c, 1), nn.Flatten(), *hidden)
        self.policy = chain(cba(c, 2), nn.Flatten(), nn.Linear(722, 362))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.tower(x)
        return self.policy(x), self.value(x)


class Siamese(nn.Module):
    """Koch et al., figure 4; the sigmoid at the end is the loss's."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for c, out, k in ((1, 64, 10), (64, 128, 7), (128, 128, 4), (128, 256, 4)):
            layers += [nn.Conv2d(c, out, k), nn.ReLU(), nn.MaxPool2d(2)]
        last = [nn.Flatten(), nn.Linear(9216, 4096), nn.Sigmoid()]
        self.twin = chain(*layers[:-1], *last)
        self.join = nn.Linear(4096, 1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.join((self.twin(left) - self.twin(right)).abs())
