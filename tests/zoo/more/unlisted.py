"""References of nets that were on no list of the project, from their papers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tests.zoo.more.classifiers import relu_sum
from tests.zoo.more.parts import Residual, cba, chain, conv, head


def convmixer(width: int, depth: int, size: int, patch: int) -> nn.Module:
    def mixer() -> nn.Module:
        spatial = [conv(width, width, size, g=width, bias=True), nn.GELU(), nn.BatchNorm2d(width)]
        points = [conv(width, width, bias=True), nn.GELU(), nn.BatchNorm2d(width)]
        return chain(Residual(chain(*spatial)), *points)

    stem = [nn.Conv2d(3, width, patch, patch), nn.GELU(), nn.BatchNorm2d(width)]
    return chain(*stem, *[mixer() for _ in range(depth)], head(width, 1000))


class Unit(nn.Module):
    """DLA's residual block, whose shortcut is pooled and projected."""

    def __init__(self, c: int, out: int, s: int) -> None:
        super().__init__()
        self.body = chain(cba(c, out, 3, s), cba(out, out, 3, linear=True))
        pool = [nn.MaxPool2d(2)] if s > 1 else []
        project = [cba(c, out, linear=True)] if c != out else []
        self.other = chain(*pool, *project)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.body(x) + self.other(x))


class Tree(nn.Module):
    """An aggregation of `levels`: the root sees both halves and what is passed on (figure 3)."""

    def __init__(self, levels: int, c: int, out: int, s: int, rooted: bool, given: int = 0) -> None:
        super().__init__()
        self.levels, self.rooted = levels, rooted
        self.pool = nn.MaxPool2d(2) if s > 1 else nn.Identity()
        passed = given + (c if rooted else 0)
        if levels == 1:
            self.left, self.right = Unit(c, out, s), Unit(out, out, 1)
            self.root = cba(2 * out + passed, out)
        else:
            self.left = Tree(levels - 1, c, out, s, False)
            self.right = Tree(levels - 1, out, out, 1, False, passed + out)

    def forward(self, x: Tensor, given: tuple[Tensor, ...] = ()) -> Tensor:
        passed = (*given, self.pool(x)) if self.rooted else given
        left = self.left(x)
        if self.levels > 1:
            return self.right(left, (*passed, left))
        return self.root(torch.cat([self.right(left), left, *passed], 1))


def dla34() -> nn.Module:
    return chain(
        cba(3, 16, 7), cba(16, 16, 3), cba(16, 32, 3, 2), Tree(1, 32, 64, 2, False),
        Tree(2, 64, 128, 2, True), Tree(2, 128, 256, 2, True), Tree(1, 256, 512, 2, True),
        head(512, 1000),
    )  # fmt: skip


class Dual(nn.Module):
    """A block of DPN on the pair of a residual and a dense map."""

    def __init__(self, c: int, r: int, wide: int, grow: int, s: int, begins: bool) -> None:
        super().__init__()

        def step(a: int, b: int, k: int, stride: int, g: int) -> list[nn.Module]:
            return [nn.BatchNorm2d(a, 0.001), nn.ReLU(), conv(a, b, k, stride, g=g)]

        self.wide = wide
        self.project = chain(*step(c, wide + 2 * grow, 1, s, 1)) if begins else nn.Identity()
        self.body = chain(
            *step(c, r, 1, 1, 1), *step(r, r, 3, s, 32), *step(r, wide + grow, 1, 1, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        old, new = self.project(x), self.body(x)
        residual = old[:, : self.wide] + new[:, : self.wide]
        return torch.cat([residual, old[:, self.wide :], new[:, self.wide :]], 1)


def dpn92() -> nn.Module:
    layers: list[nn.Module] = [conv(3, 64, 7, 2), nn.BatchNorm2d(64, 0.001), nn.ReLU()]
    layers.append(nn.MaxPool2d(3, 2, 1))
    c = 64
    rows = (3, 96, 256, 16), (4, 192, 512, 32), (20, 384, 1024, 24), (3, 768, 2048, 128)
    for i, (depth, r, wide, grow) in enumerate(rows):
        for j in range(depth):
            layers.append(Dual(c, r, wide, grow, 2 if i and not j else 1, not j))
            c = wide + (3 + j) * grow
    return chain(*layers, nn.BatchNorm2d(c, 0.001), nn.ReLU(), head(c, 1000))


def pyramidnet(depth: int, alpha: int) -> nn.Module:
    class Pyramid(nn.Module):
        """The new channels of the shortcut are zeros behind the old ones, as the authors' are."""

        def __init__(self, c: int, out: int, s: int) -> None:
            super().__init__()
            self.body = chain(
                nn.BatchNorm2d(c), conv(c, out, 3, s), nn.BatchNorm2d(out), nn.ReLU(),
                conv(out, out, 3), nn.BatchNorm2d(out),
            )  # fmt: skip
            self.stride, self.more = s, out - c

        def forward(self, x: Tensor) -> Tensor:
            other = F.avg_pool2d(x, 2) if self.stride > 1 else x
            return self.body(x) + F.pad(other, (0, 0, 0, 0, 0, self.more))

    n = (depth - 2) // 6
    layers: list[nn.Module] = [conv(3, 16, 3), nn.BatchNorm2d(16)]
    c = 16
    for k in range(1, 3 * n + 1):
        out = 16 + alpha * k // (3 * n)
        layers.append(Pyramid(c, out, 2 if k in (n + 1, 2 * n + 1) else 1))
        c = out
    return chain(*layers, nn.BatchNorm2d(c), nn.ReLU(), head(c, 10))


class SelectiveKernel(nn.Module):
    def __init__(self, c: int, s: int) -> None:
        super().__init__()
        self.small = cba(c, c, 3, s, g=32)
        self.large = cba(c, c, 3, s, g=32)
        self.large[0].dilation, self.large[0].padding = (2, 2), (2, 2)
        d = max(c // 16, 32)
        self.squeeze, self.a, self.b = cba(c, d), conv(d, c), conv(d, c)

    def forward(self, x: Tensor) -> Tensor:
        maps = torch.stack([self.small(x), self.large(x)])
        z = self.squeeze(maps.sum(0).mean((2, 3), keepdim=True))
        return (maps * torch.stack([self.a(z), self.b(z)]).softmax(0)).sum(0)


def sknet50() -> nn.Module:
    layers: list[nn.Module] = [cba(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1)]
    c = 64
    for i, depth in enumerate((3, 4, 6, 3)):
        w = 128 * 2**i
        for j in range(depth):
            s = 2 if i and not j else 1
            body = chain(cba(c, w), SelectiveKernel(w, s), cba(w, 2 * w, linear=True))
            layers.append(relu_sum(body, c, 2 * w, s))
            c = 2 * w
    return chain(*layers, head(c, 1000))


class Csp(nn.Module):
    def __init__(self, c: int, out: int, depth: int, part: int, narrow: int) -> None:
        super().__init__()

        def layer(a: int, b: int, k: int = 1, s: int = 1) -> nn.Module:
            return cba(a, b, k, s, act=nn.Mish())

        units = [Residual(chain(layer(part, narrow), layer(narrow, part, 3))) for _ in range(depth)]
        self.down = layer(c, out, 3, 2)
        self.deep = chain(layer(out, part), *units, layer(part, part))
        self.flat, self.last = layer(out, part), layer(2 * part, out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.down(x)
        return self.last(torch.cat([self.deep(x), self.flat(x)], 1))


def cspdarknet53() -> nn.Module:
    return chain(
        cba(3, 32, 3, act=nn.Mish()), Csp(32, 64, 1, 64, 32), Csp(64, 128, 2, 64, 64),
        Csp(128, 256, 8, 128, 128), Csp(256, 512, 8, 256, 256), Csp(512, 1024, 4, 512, 512),
        head(1024, 1000),
    )  # fmt: skip


class OneShot(nn.Module):
    def __init__(self, c: int, width: int, out: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(cba(width if i else c, width, 3) for i in range(5))
        self.last = cba(c + 5 * width, out)

    def forward(self, x: Tensor) -> Tensor:
        seen = [x]
        for layer in self.layers:
            seen.append(layer(seen[-1]))
        return self.last(torch.cat(seen, 1))


def vovnet39() -> nn.Module:
    def pool() -> nn.Module:
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    return chain(
        cba(3, 64, 3, 2), cba(64, 64, 3), cba(64, 128, 3, 2), OneShot(128, 128, 256), pool(),
        OneShot(256, 160, 512), pool(), OneShot(512, 192, 768), OneShot(768, 192, 768), pool(),
        OneShot(768, 224, 1024), OneShot(1024, 224, 1024), head(1024, 1000),
    )  # fmt: skip


class LinkNet(nn.Module):
    def __init__(self, classes: int = 20) -> None:
        super().__init__()

        def up(c: int, out: int, s: int) -> nn.Module:
            larger = nn.ConvTranspose2d(c, out, 3, s, 1, s - 1, bias=False)
            return chain(larger, nn.BatchNorm2d(out), nn.ReLU())

        def basic(c: int, out: int, s: int) -> nn.Module:
            return relu_sum(chain(cba(c, out, 3, s), cba(out, out, 3, linear=True)), c, out, s)

        self.first = chain(cba(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1))
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for c, out in ((64, 64), (64, 128), (128, 256), (256, 512)):
            self.down.append(chain(basic(c, out, 2 if c != out else 1), basic(out, out, 1)))
        for c, out in ((512, 256), (256, 128), (128, 64), (64, 64)):
            self.up.append(chain(cba(c, c // 4), up(c // 4, c // 4, 2 if c != out else 1),
                                 cba(c // 4, out)))  # fmt: skip
        self.last = chain(up(64, 32, 2), cba(32, 32, 3), nn.ConvTranspose2d(32, classes, 2, 2))

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        x = self.first(x)
        for layer in self.down:
            x = layer(x)
            kept.append(x)
        for layer, other in zip(self.up, [*kept[2::-1], None], strict=True):
            x = layer(x) if other is None else layer(x) + other
        return self.last(x)


def edsr(depth: int, c: int, scaling: float) -> nn.Module:
    class Scaled(Residual):
        def forward(self, x: Tensor) -> Tensor:
            return x + scaling * self.body(x)

    def unit() -> nn.Module:
        return Scaled(chain(conv(c, c, 3, bias=True), nn.ReLU(), conv(c, c, 3, bias=True)))

    body = chain(*[unit() for _ in range(depth)], conv(c, c, 3, bias=True))
    larger = [m for _ in range(2) for m in (conv(c, 4 * c, 3, bias=True), nn.PixelShuffle(2))]
    return chain(conv(3, c, 3, bias=True), Residual(body), *larger, conv(c, 3, 3, bias=True))


def fsrcnn(d: int = 56, s: int = 12, m: int = 4, scale: int = 3) -> nn.Module:
    layers: list[nn.Module] = []
    rows = [(1, d, 5), (d, s, 1), *[(s, s, 3)] * m, (s, d, 1)]
    for a, b, k in rows:
        layers += [conv(a, b, k, bias=True), nn.PReLU(b)]
    return chain(*layers, nn.ConvTranspose2d(d, 1, 9, scale, 4, scale - 1))


class DnCNN(nn.Module):
    def __init__(self, depth: int = 17, c: int = 64) -> None:
        super().__init__()
        middle = [cba(c, c, 3) for _ in range(depth - 2)]
        self.noise = chain(conv(1, c, 3, bias=True), nn.ReLU(), *middle, conv(c, 1, 3, bias=True))

    def forward(self, x: Tensor) -> Tensor:
        return x - self.noise(x)
