"""References of specs/more that answer for each place: segmentation, poses, boxes, images."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tests.zoo.more.classifiers import darknet_body
from tests.zoo.more.parts import Residual, cba, chain, conv, head


def middle(x: Tensor, side: int) -> Tensor:
    top, left = (x.shape[2] - side) // 2, (x.shape[3] - side) // 2
    return x[:, :, top : top + side, left : left + side]


def convs(c: int, *widths: int, pad: int = 1) -> list[nn.Module]:
    """3x3 convolutions with biases, each with a ReLU."""
    layers: list[nn.Module] = []
    for a, b in zip((c, *widths), widths, strict=False):
        layers += [nn.Conv2d(a, b, 3, padding=pad), nn.ReLU()]
    return layers


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        widths = (1, 64, 128, 256, 512, 1024)
        pairs = pairwise(widths)
        self.down = nn.ModuleList(chain(*convs(a, b, b, pad=0)) for a, b in pairs)
        self.up = nn.ModuleList()
        for c in (512, 256, 128, 64):
            both = nn.ConvTranspose2d(2 * c, c, 2, 2), chain(*convs(2 * c, c, c, pad=0))
            self.up.append(nn.ModuleList(both))
        self.last = nn.Conv2d(64, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for i, layer in enumerate(self.down):
            x = layer(F.max_pool2d(x, 2) if i else x)
            kept.append(x)
        for (larger, layer), other in zip(self.up, reversed(kept[:-1]), strict=True):
            x = larger(x)
            x = layer(torch.cat([middle(other, x.shape[2]), x], 1))
        return self.last(x)


class FCN8s(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        first, *rest = convs(3, 64, 64)
        first.padding = (100, 100)
        pools = [nn.MaxPool2d(2, 2, ceil_mode=True) for _ in range(5)]
        self.to3 = chain(
            first, *rest, pools[0], *convs(64, 128, 128), pools[1], *convs(128, 256, 256, 256),
            pools[2],
        )  # fmt: skip
        self.to4 = chain(*convs(256, 512, 512, 512), pools[3])
        fc6 = [nn.Conv2d(512, 4096, 7), nn.ReLU(), nn.Dropout()]
        fc7 = [nn.Conv2d(4096, 4096, 1), nn.ReLU(), nn.Dropout()]
        self.score = chain(*convs(512, 512, 512, 512), pools[4], *fc6, *fc7, nn.Conv2d(4096, 21, 1))
        self.up2 = nn.ConvTranspose2d(21, 21, 4, 2, bias=False)
        self.score4 = nn.Conv2d(512, 21, 1)
        self.up4 = nn.ConvTranspose2d(21, 21, 4, 2, bias=False)
        self.score3 = nn.Conv2d(256, 21, 1)
        self.up8 = nn.ConvTranspose2d(21, 21, 16, 8, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        side = x.shape[2]
        third = self.to3(x)
        fourth = self.to4(third)
        y = self.up2(self.score(fourth))
        y = self.up4(y + middle(self.score4(fourth), y.shape[2]))
        y = self.up8(y + middle(self.score3(third), y.shape[2]))
        return middle(y, side)


class SegNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        arriving = 3
        for depth, c in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
            self.down.append(self.stage(arriving, [c] * depth))
            arriving = c
        for widths in ([512] * 3, [512, 512, 256], [256, 256, 128], [128, 64], [64]):
            self.up.append(self.stage(arriving, widths))
            arriving = widths[-1]
        self.last = nn.Conv2d(64, 11, 3, padding=1, bias=False)

    def stage(self, arriving: int, widths: list[int]) -> nn.Sequential:
        layers: list[nn.Module] = []
        for a, b in pairwise([arriving, *widths]):
            conv = nn.Conv2d(a, b, 3, padding=1, bias=False)
            layers += [conv, nn.BatchNorm2d(b), nn.ReLU()]
        return nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        pool, back = nn.MaxPool2d(2, 2, ceil_mode=True, return_indices=True), nn.MaxUnpool2d(2, 2)
        kept = []
        for stage in self.down:
            x = stage(x)
            size = x.shape
            x, places = pool(x)
            kept.append((places, size))
        for stage, (places, size) in zip(self.up, reversed(kept), strict=True):
            x = stage(back(x, places, output_size=size))
        return self.last(x)


class RetinaNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = chain(cba(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1))
        self.stages, c = nn.ModuleList(), 64
        for depth, w, s in ((3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)):
            blocks = [self.bottleneck(c, w, s)]
            blocks += [self.bottleneck(4 * w, w, 1) for _ in range(depth - 1)]
            self.stages.append(chain(*blocks))
            c = 4 * w
        self.lateral = nn.ModuleList(nn.Conv2d(c, 256, 1) for c in (2048, 1024, 512))
        self.pyramid = nn.ModuleList(nn.Conv2d(256, 256, 3, padding=1) for _ in range(3))
        self.six = nn.Conv2d(2048, 256, 3, 2, 1)
        self.seven = nn.Conv2d(256, 256, 3, 2, 1)
        self.heads = nn.ModuleList()
        for values in (9 * 80, 9 * 4):
            layers = convs(256, 256, 256, 256, 256)
            self.heads.append(nn.Sequential(*layers, nn.Conv2d(256, values, 3, padding=1)))

    def bottleneck(self, c: int, w: int, s: int) -> nn.Module:
        body = chain(cba(c, w), cba(w, w, 3, s), cba(w, 4 * w, linear=True))
        shortcut = cba(c, 4 * w, 1, s, linear=True) if (c, s) != (4 * w, 1) else None
        return Residual(body, shortcut, nn.ReLU())

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stem(x)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        merged = [self.lateral[0](maps[3])]
        for number, c in ((1, maps[2]), (2, maps[1])):
            above = F.interpolate(merged[-1], scale_factor=2)
            merged.append(above + self.lateral[number](c))
        levels = [layer(m) for layer, m in zip(self.pyramid, reversed(merged), strict=True)]
        levels.append(self.six(maps[3]))
        levels.append(self.seven(F.relu(levels[-1])))
        return [head(level) for level in levels for head in self.heads]


class SSD300(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        pool = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.to4 = chain(
            *convs(3, 64, 64), pool, *convs(64, 128, 128), pool, *convs(128, 256, 256, 256), pool,
            *convs(256, 512, 512, 512),
        )  # fmt: skip
        six = [nn.Conv2d(512, 1024, 3, padding=6, dilation=6), nn.ReLU()]
        seven = [nn.Conv2d(1024, 1024, 1), nn.ReLU()]
        fifth = [pool, *convs(512, 512, 512, 512), nn.MaxPool2d(3, 1, 1)]
        self.rest = nn.ModuleList([chain(*fifth, *six, *seven)])
        for c, narrow, out, s in (
            (1024, 256, 512, 2), (512, 128, 256, 2), (256, 128, 256, 1), (256, 128, 256, 1),
        ):  # fmt: skip
            larger = nn.Conv2d(narrow, out, 3, s, s - 1)
            self.rest.append(chain(nn.Conv2d(c, narrow, 1), nn.ReLU(), larger, nn.ReLU()))
        self.gain = nn.ParameterList([torch.full((512,), 20.0)])
        self.heads = nn.ModuleList()
        for c, boxes in ((512, 4), (1024, 6), (512, 6), (256, 6), (256, 4), (256, 4)):
            pair = [nn.Conv2d(c, boxes * n, 3, padding=1) for n in (4, 21)]
            self.heads.append(nn.ModuleList(pair))

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.to4(x)
        maps = [F.normalize(x) * self.gain[0][:, None, None]]
        for layer in self.rest:
            x = layer(x)
            maps.append(x)
        pairs = zip(maps, self.heads, strict=True)
        return [torch.cat([loc(y), conf(y)], 1) for y, (loc, conf) in pairs]


class YOLOv3(nn.Module):
    def __init__(self, classes: int = 80) -> None:
        super().__init__()
        self.body = nn.ModuleList(darknet_body())
        self.steps = nn.ModuleList()
        for c, arriving in ((512, 1024), (256, 768), (128, 384)):
            five = chain(
                self.layer(arriving, c, 1), self.layer(c, 2 * c, 3), self.layer(2 * c, c, 1),
                self.layer(c, 2 * c, 3), self.layer(2 * c, c, 1),
            )  # fmt: skip
            predict = chain(self.layer(c, 2 * c, 3), conv(2 * c, 3 * (5 + classes), bias=True))
            after = [self.layer(c, c // 2, 1)] if c > 128 else []
            self.steps.append(nn.ModuleList([five, predict, *after]))

    @staticmethod
    def layer(c: int, out: int, k: int) -> nn.Module:
        return cba(c, out, k, act=nn.LeakyReLU(0.1))

    def forward(self, x: Tensor) -> list[Tensor]:
        kept, found = [], []
        for layer in self.body:
            x = layer(x)
            kept.append(x)
        for i, (five, predict, *after) in enumerate(self.steps):
            x = five(x)
            found.append(predict(x))
            if after:
                larger = F.interpolate(after[0](x), scale_factor=2)
                x = torch.cat([larger, kept[4 - i]], 1)
        return found


class Hourglass(nn.Module):
    """One level around another."""

    def __init__(self, n: int, c: int) -> None:
        super().__init__()
        self.stays, self.before = Preact(c, c), Preact(c, c)
        self.inner = Hourglass(n - 1, c) if n > 1 else Preact(c, c)
        self.after = Preact(c, c)

    def forward(self, x: Tensor) -> Tensor:
        y = self.after(self.inner(self.before(F.max_pool2d(x, 2))))
        return self.stays(x) + F.interpolate(y, scale_factor=2)


class Preact(nn.Module):
    def __init__(self, c: int, out: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for a, b, k in ((c, out // 2, 1), (out // 2, out // 2, 3), (out // 2, out, 1)):
            layers += [nn.BatchNorm2d(a), nn.ReLU(), conv(a, b, k, bias=len(layers) == 6)]
        self.body = chain(*layers)
        self.other = conv(c, out, bias=True) if c != out else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + self.other(x)


class StackedHourglass(nn.Module):
    def __init__(self, stacks: int, c: int = 256) -> None:
        super().__init__()
        pool = nn.MaxPool2d(2)
        self.first = chain(
            cba(3, 64, 7, 2), Preact(64, 128), pool, Preact(128, 128), Preact(128, c)
        )
        self.stacks = nn.ModuleList()
        for i in range(stacks):
            work = chain(Hourglass(4, c), Preact(c, c), cba(c, c))
            again = [conv(c, c, bias=True), conv(16, c, bias=True)] if i < stacks - 1 else []
            self.stacks.append(nn.ModuleList([work, conv(c, 16, bias=True), *again]))

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for work, heat, *again in self.stacks:
            y = work(x)
            heatmap = heat(y)
            if again:
                x = x + again[0](y) + again[1](heatmap)
        return heatmap


class HighResolution(nn.Module):
    """HRNet's trunk: the maps of the last module."""

    def __init__(self, width: int, only_first: bool = False) -> None:
        super().__init__()

        def bottleneck(c: int) -> nn.Module:
            body = chain(cba(c, 64), cba(64, 64, 3), cba(64, 256, linear=True))
            return Residual(body, cba(c, 256, linear=True) if c != 256 else None, nn.ReLU())

        self.first = chain(
            cba(3, 64, 3, 2),
            cba(64, 64, 3, 2),
            bottleneck(64),
            *[bottleneck(256) for _ in range(3)],
        )
        w = [width * 2**i for i in range(4)]

        self.stages = nn.ModuleList()
        arriving = 1
        for m, n in enumerate((2, 3, 3, 3, 3, 4, 4, 4)):
            outs = 1 if only_first and m == 7 else n
            stage = nn.ModuleList()
            for i in range(n):
                enter = nn.Identity()
                if m == 0:
                    enter = cba(256, w[i], 3, 2**i)
                elif i >= arriving:
                    enter = cba(w[i - 1], w[i], 3, 2)
                units = [
                    Residual(chain(cba(w[i], w[i], 3), cba(w[i], w[i], 3, linear=True)),
                             after=nn.ReLU())
                    for _ in range(4)
                ]  # fmt: skip
                stage.append(nn.ModuleList([enter, chain(*units)]))
            for i in range(outs):
                stage.append(nn.ModuleList(self.route(w, j, i) for j in range(n)))
            self.stages.append(stage)
            arriving = n

    @staticmethod
    def route(w: list[int], j: int, i: int) -> nn.Module:
        if i < j:
            return chain(cba(w[j], w[i], linear=True), nn.Upsample(scale_factor=2 ** (j - i)))
        steps = [cba(w[j], w[j], 3, 2) for _ in range(i - j - 1)]
        return chain(*steps, cba(w[j], w[i], 3, 2, linear=True)) if i > j else nn.Identity()

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = [self.first(x)]
        for m, n in enumerate((2, 3, 3, 3, 3, 4, 4, 4)):
            stage = list(self.stages[m])
            entering = [*maps, maps[-1]] if n > len(maps) else maps
            ys = [units(enter(y)) for (enter, units), y in zip(stage[:n], entering, strict=True)]
            maps = [
                F.relu(sum(route(y) for route, y in zip(routes, ys, strict=True)))
                for routes in stage[n:]
            ]
        return maps


class HRNet(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.trunk = HighResolution(width)
        self.heads = nn.ModuleList()
        for i in range(4):
            c, h = width * 2**i, 32 * 2**i
            body = chain(cba(c, h), cba(h, h, 3), cba(h, 4 * h, linear=True))
            self.heads.append(Residual(body, cba(c, 4 * h, linear=True), nn.ReLU()))
        self.down = nn.ModuleList(cba(128 * 2**i, 256 * 2**i, 3, 2) for i in range(3))
        self.last = chain(cba(1024, 2048), head(2048, 1000))

    def forward(self, x: Tensor) -> Tensor:
        maps = [layer(y) for layer, y in zip(self.heads, self.trunk(x), strict=True)]
        y = maps[0]
        for down, other in zip(self.down, maps[1:], strict=True):
            y = down(y) + other
        return self.last(y)


class PoseHRNet(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.trunk, self.last = HighResolution(width, True), conv(width, 17, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.trunk(x)[0])


def dcgan_generator() -> nn.Module:
    layers: list[nn.Module] = [nn.ConvTranspose2d(100, 1024, 4, bias=False)]
    for c in (1024, 512, 256):
        up = nn.ConvTranspose2d(c, c // 2, 5, 2, 2, 1, bias=False)
        layers += [nn.BatchNorm2d(c), nn.ReLU(), up]
    last = nn.ConvTranspose2d(128, 3, 5, 2, 2, 1)
    return chain(*layers, nn.BatchNorm2d(128), nn.ReLU(), last, nn.Tanh())


def dcgan_discriminator() -> nn.Module:
    layers: list[nn.Module] = [conv(3, 128, 5, 2, bias=True), nn.LeakyReLU(0.2)]
    layers += [cba(c, 2 * c, 5, 2, act=nn.LeakyReLU(0.2)) for c in (128, 256, 512)]
    return chain(*layers, conv(1024, 1, 4, p=0, bias=True), nn.Flatten())
