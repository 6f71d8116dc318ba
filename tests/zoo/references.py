"""Every net of `specs/` once more, written by hand or taken from torchvision.

Nothing here comes from the compiler.  Layers are registered in the order in which they run, so that
weights can be copied by position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Build = Callable[[Any], nn.Module]
"""Makes a net; the argument is `torchvision.models`."""


class Cat(nn.Module):
    """The outputs of several modules on one input, along the channels."""

    def __init__(self, *arms: nn.Module) -> None:
        super().__init__()
        self.arms = nn.ModuleList(arms)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([arm(x) for arm in self.arms], 1)


class Sum(Cat):
    """The sum of several modules on one input."""

    def forward(self, x: Tensor) -> Tensor:
        return sum((arm(x) for arm in self.arms[1:]), self.arms[0](x))


class Apply(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def chain(*modules: nn.Module) -> nn.Sequential:
    return nn.Sequential(*modules)


def head(channels: int, classes: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]


# --- LeNet, AlexNet, VGG ------------------------------------------------------------------------

TABLE_1 = [
    "012", "123", "234", "345", "045", "015", "0123", "1234", "2345", "0345", "0145", "0125",
    "0134", "1245", "0235", "012345",
]  # fmt: skip


class LeNet1998(nn.Module):
    """LeCun et al. 1998, section II.B: C3 map by map, S2 and S4 with a gain and a bias."""

    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.s2 = nn.ParameterList([torch.ones(6), torch.zeros(6)])
        self.c3 = nn.ParameterList([torch.zeros(60, 5, 5), torch.zeros(16)])
        self.s4 = nn.ParameterList([torch.ones(16), torch.zeros(16)])
        self.c5, self.f6 = nn.Conv2d(16, 120, 5), nn.Linear(120, 84)
        self.rbf = nn.Module()
        self.rbf.register_buffer("codes", torch.ones(10, 84))

    def forward(self, x: Tensor) -> Tensor:
        x = self.subsample(squash(self.c1(x)), *self.s2)
        maps, used = [], 0
        for i, row in enumerate(TABLE_1):
            kernels = self.c3[0][used : used + len(row)][None]
            maps.append(F.conv2d(x[:, [int(j) for j in row]], kernels, self.c3[1][i : i + 1]))
            used += len(row)
        x = self.subsample(squash(torch.cat(maps, 1)), *self.s4)
        x = squash(self.f6(squash(self.c5(x)).flatten(1)))
        return torch.stack([-((x - code) ** 2).sum(1) for code in self.rbf.codes], 1)

    @staticmethod
    def subsample(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
        return squash(F.avg_pool2d(x, 2) * gain[:, None, None] + bias[:, None, None])


def squash(x: Tensor) -> Tensor:
    return 1.7159 * torch.tanh(x * 2 / 3)


def lenet5(_: Any) -> nn.Module:
    return chain(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84),
        nn.ReLU(), nn.Linear(84, 2),
    )  # fmt: skip


def lenet5_book(_: Any) -> nn.Module:
    return chain(
        nn.Conv2d(3, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 53 * 53, 512), nn.Linear(512, 2),
    )  # fmt: skip


def alexnet(columns: int, norm: bool) -> Build:
    def lrn() -> list[nn.Module]:
        return [nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)] if norm else []

    def build(_: Any) -> nn.Module:
        return chain(
            nn.Conv2d(3, 96, 11, 4), nn.ReLU(), *lrn(), nn.MaxPool2d(3, 2),
            nn.Conv2d(96, 256, 5, padding=2, groups=columns), nn.ReLU(), *lrn(),
            nn.MaxPool2d(3, 2), nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
            nn.Conv2d(384, 384, 3, padding=1, groups=columns), nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1, groups=columns), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096),
            nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000),
        )  # fmt: skip

    return build


def alexnet_book(models: Any) -> nn.Module:
    net = models.alexnet(weights=None)
    net.classifier[4], net.classifier[6] = nn.Linear(4096, 512), nn.Linear(512, 2)
    return net


def vgg(plan: str) -> Build:
    """`64 L M 128 M ...`: a number is a 3x3 convolution, with a `/` behind it a 1x1."""

    def build(_: Any) -> nn.Module:
        layers: list[nn.Module] = []
        channels = 3
        for word in plan.split():
            if word == "M":
                layers.append(nn.MaxPool2d(2))
            elif word == "L":
                layers.append(nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2))
            else:
                size, out = (1 if word.endswith("/") else 3), int(word.rstrip("/"))
                layers += [nn.Conv2d(channels, out, size, padding=size // 2), nn.ReLU()]
                channels = out
        return chain(
            *layers, nn.Flatten(), nn.Linear(512 * 49, 4096), nn.ReLU(), nn.Dropout(),
            nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000),
        )  # fmt: skip

    return build


# --- ResNets ------------------------------------------------------------------------------------


def conv(i: int, o: int, size: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(i, o, size, stride, size // 2, bias=False)


def cbn(i: int, o: int, size: int, stride: int = 1) -> list[nn.Module]:
    return [conv(i, o, size, stride), nn.BatchNorm2d(o)]


def shortcut(i: int, o: int, stride: int, option: str) -> nn.Module:
    """He et al. 2015, table 3."""
    if option == "C" or (option == "B" and (i != o or stride > 1)):
        return chain(*cbn(i, o, 1, stride))
    half = (o - i) // 2
    return Apply(lambda x: F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, half, o - i - half)))


Unit = Callable[[int, int, int, bool], nn.Module]
"""A residual unit from its channels in, channels out, stride, and whether it starts the net."""


def basic(option: str) -> Unit:
    def unit(i: int, o: int, stride: int, start: bool) -> nn.Module:
        branch = chain(*cbn(i, o, 3, stride), nn.ReLU(), *cbn(o, o, 3))
        return chain(Sum(branch, shortcut(i, o, stride, option)), nn.ReLU())

    return unit


def plain(i: int, o: int, stride: int, start: bool) -> nn.Module:
    return chain(*cbn(i, o, 3, stride), nn.ReLU(), *cbn(o, o, 3), nn.ReLU())


def bottleneck(first: bool) -> Unit:
    """Three layers; `first` puts the stride on the first 1x1."""

    def unit(i: int, o: int, stride: int, start: bool) -> nn.Module:
        a, b = (stride, 1) if first else (1, stride)
        branch = chain(*cbn(i, o // 4, 1, a), nn.ReLU(), *cbn(o // 4, o // 4, 3, b), nn.ReLU(),
                       *cbn(o // 4, o, 1))  # fmt: skip
        return chain(Sum(branch, shortcut(i, o, stride, "B")), nn.ReLU())

    return unit


def bn_after_add(i: int, o: int, stride: int, start: bool) -> nn.Module:
    branch = chain(*cbn(i, o, 3, stride), nn.ReLU(), conv(o, o, 3))
    return chain(Sum(branch, shortcut(i, o, stride, "A")), nn.BatchNorm2d(o), nn.ReLU())


def relu_before_add(i: int, o: int, stride: int, start: bool) -> nn.Module:
    branch = chain(*cbn(i, o, 3, stride), nn.ReLU(), *cbn(o, o, 3), nn.ReLU())
    return Sum(branch, shortcut(i, o, stride, "A"))


def relu_only(i: int, o: int, stride: int, start: bool) -> nn.Module:
    branch = [*cbn(i, o, 3, stride), nn.ReLU(), *cbn(o, o, 3)]
    return _activated([nn.ReLU()], branch, shortcut(i, o, stride, "A"), i != o, start)


def preact(i: int, o: int, stride: int, start: bool) -> nn.Module:
    branch = [*cbn(i, o, 3, stride), nn.ReLU(), conv(o, o, 3)]
    return _activated(_bn_relu(i), branch, shortcut(i, o, stride, "A"), i != o, start)


def preact_bottleneck(i: int, o: int, stride: int, start: bool) -> nn.Module:
    branch = [*cbn(i, o // 4, 1, stride), nn.ReLU(), *cbn(o // 4, o // 4, 3), nn.ReLU(),
              conv(o // 4, o, 1)]  # fmt: skip
    way = conv(i, o, 1, stride) if i != o else nn.Identity()
    return _activated(_bn_relu(i), branch, way, i != o, start)


def _bn_relu(channels: int) -> list[nn.Module]:
    return [nn.BatchNorm2d(channels), nn.ReLU()]


def _activated(
    first: list[nn.Module], branch: list[nn.Module], way: nn.Module, changes: bool, start: bool
) -> nn.Module:
    """Activation before the branch: shared with the shortcut where the shape changes."""
    if start:
        return Sum(chain(*branch), way)
    if changes:
        return chain(*first, Sum(chain(*branch), way))
    return Sum(chain(*first, *branch), way)


def stages(
    unit: Unit, depths: Sequence[int], widths: Sequence[int], channels: int
) -> list[nn.Module]:
    units = []
    for number, (depth, width) in enumerate(zip(depths, widths, strict=True)):
        for position in range(depth):
            stride = 2 if number > 0 and position == 0 else 1
            units.append(unit(channels, width, stride, number == position == 0))
            channels = width
    return units


def cifar(n: int, unit: Unit, wide: int = 1, last: str = "") -> Build:
    def build(_: Any) -> nn.Module:
        tail = {"": [], "relu": [nn.ReLU()], "bn": _bn_relu(64 * wide)}[last]
        body = stages(unit, [n] * 3, [16 * wide, 32 * wide, 64 * wide], 16)
        return chain(*cbn(3, 16, 3), nn.ReLU(), *body, *tail, *head(64 * wide, 10))

    return build


def imagenet(depths: Sequence[int], unit: Unit, wide: int = 1, last: str = "") -> Build:
    def build(_: Any) -> nn.Module:
        widths = [wide * c for c in (64, 128, 256, 512)]
        tail = _bn_relu(widths[-1]) if last else []
        stem = [*cbn(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        return chain(*stem, *stages(unit, depths, widths, 64), *tail, *head(widths[-1], 1000))

    return build


# --- inception ----------------------------------------------------------------------------------


def cr(i: int, o: int, size: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(i, o, size, stride, size // 2), nn.ReLU()]


def inception(i: int, n1: int, r3: int, n3: int, r5: int, n5: int, proj: int) -> nn.Module:
    return Cat(
        chain(*cr(i, n1, 1)), chain(*cr(i, r3, 1), *cr(r3, n3, 3)),
        chain(*cr(i, r5, 1), *cr(r5, n5, 5)), chain(nn.MaxPool2d(3, 1, 1), *cr(i, proj, 1)),
    )  # fmt: skip


GOOGLENET = {
    "3a": (192, 64, 96, 128, 16, 32, 32), "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64), "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64), "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128), "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}  # fmt: skip


def googlenet(_: Any) -> nn.Module:
    """Without the auxiliary heads."""

    def pool() -> nn.Module:
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    blocks = {name: inception(*row) for name, row in GOOGLENET.items()}
    return chain(
        *cr(3, 64, 7, 2), pool(), nn.LocalResponseNorm(5), *cr(64, 64, 1), *cr(64, 192, 3),
        nn.LocalResponseNorm(5), pool(), blocks["3a"], blocks["3b"], pool(),
        *(blocks[f"4{x}"] for x in "abcde"), pool(), blocks["5a"], blocks["5b"],
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), nn.Linear(1024, 1000),
    )  # fmt: skip


def inception_naive(_: Any) -> nn.Module:
    return Cat(chain(*cr(192, 64, 1)), chain(*cr(192, 128, 3)), chain(*cr(192, 32, 5)),
               nn.MaxPool2d(3, 1, 1))  # fmt: skip


def inception_v2(models: Any) -> nn.Module:
    """torchvision's modules behind the stem of the paper's table; figure 5 by hand."""
    v3 = models.inception

    def cbr(i: int, o: int, **window: int) -> nn.Module:
        return v3.BasicConv2d(i, o, **window)

    def figure5() -> nn.Module:
        return Cat(
            cbr(288, 64, kernel_size=1),
            chain(cbr(288, 48, kernel_size=1), cbr(48, 64, kernel_size=3, padding=1)),
            chain(cbr(288, 64, kernel_size=1), cbr(64, 96, kernel_size=3, padding=1),
                  cbr(96, 96, kernel_size=3, padding=1)),
            chain(nn.AvgPool2d(3, 1, 1), cbr(288, 64, kernel_size=1)),
        )  # fmt: skip

    return chain(
        cbr(3, 32, kernel_size=3, stride=2), cbr(32, 32, kernel_size=3),
        cbr(32, 64, kernel_size=3, padding=1), nn.MaxPool2d(3, 2), cbr(64, 80, kernel_size=3),
        cbr(80, 192, kernel_size=3, stride=2), cbr(192, 288, kernel_size=3, padding=1),
        figure5(), figure5(), figure5(), v3.InceptionB(288),
        *(v3.InceptionC(768, channels_7x7=c) for c in (128, 160, 160, 160, 192)),
        v3.InceptionD(768), v3.InceptionE(1280), v3.InceptionE(2048),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000),
    )  # fmt: skip


def factorised_5x5(_: Any) -> nn.Module:
    def c(size: int) -> nn.Module:
        return nn.Conv2d(64, 64, size, padding=size // 2)

    return Cat(c(5), chain(c(3), nn.ReLU(), c(3)), c(7),
               chain(c(3), nn.ReLU(), c(3), nn.ReLU(), c(3)))  # fmt: skip


def factorised_3x3(_: Any) -> nn.Module:
    def c(rows: int, columns: int) -> nn.Module:
        return nn.Conv2d(64, 64, (rows, columns), padding=(rows // 2, columns // 2))

    twos = chain(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(64, 64, 2), nn.ZeroPad2d((1, 0, 1, 0)),
                 nn.Conv2d(64, 64, 2))  # fmt: skip
    return Cat(c(3, 3), chain(c(3, 1), c(1, 3)), twos)


# --- DenseNet -----------------------------------------------------------------------------------


def densenet_cifar(depth: int, bottleneck: bool, stem: int, halve: bool) -> Build:
    def build(_: Any) -> nn.Module:
        layers: list[nn.Module] = [conv(3, stem, 3)]
        channels = stem
        for block in range(3):
            for _ in range(depth):
                new = [*_bn_relu(channels)]
                if bottleneck:
                    new += [conv(channels, 48, 1), *_bn_relu(48), conv(48, 12, 3)]
                else:
                    new += [conv(channels, 12, 3)]
                layers.append(Cat(nn.Identity(), chain(*new)))
                channels += 12
            out = channels // 2 if halve else channels
            layers += _bn_relu(channels)
            if block < 2:
                layers += [conv(channels, out, 1), nn.AvgPool2d(2)]
                channels = out
        return chain(*layers, *head(channels, 10))

    return build


def of_torchvision(name: str, **arguments: Any) -> Build:
    return lambda models: getattr(models, name)(weights=None, **arguments)


def densenet264(models: Any) -> nn.Module:
    return models.DenseNet(growth_rate=32, block_config=(6, 12, 64, 48))


WITH_AUX = {"aux_logits": True, "init_weights": False}
WITHOUT_AUX = {"aux_logits": False, "init_weights": False}

TORCHVISION: dict[str, Build] = {
    "alexnet_torchvision": of_torchvision("alexnet"),
    "vgg_a": of_torchvision("vgg11"), "vgg_b": of_torchvision("vgg13"),
    "vgg_d": of_torchvision("vgg16"), "vgg_e": of_torchvision("vgg19"),
    "googlenet_bn": of_torchvision("googlenet", **WITH_AUX),
    "inception_v3": of_torchvision("inception_v3", **WITH_AUX),
    **{f"densenet{n}": of_torchvision(f"densenet{n}") for n in (121, 161, 169, 201)},
    **{f"resnet{n}": of_torchvision(f"resnet{n}") for n in (18, 34, 50, 101, 152)},
}  # fmt: skip
"""The nets whose weights torchvision has: the same keys."""

BY_HAND: dict[str, Build] = {
    "lenet5": lenet5, "lenet5_book": lenet5_book, "lenet5_1998": lambda _: LeNet1998(),
    "alexnet": alexnet(1, norm=False), "alexnet_2012": alexnet(2, norm=True),
    "alexnet_book": alexnet_book,
    "vgg_a_lrn": vgg("64 L M 128 M 256 256 M 512 512 M 512 512 M"),
    "vgg_c": vgg("64 64 M 128 128 M 256 256 256/ M 512 512 512/ M 512 512 512/ M"),
    "plain18": imagenet([2, 2, 2, 2], plain), "plain34": imagenet([3, 4, 6, 3], plain),
    "resnet34_a": imagenet([3, 4, 6, 3], basic("A")),
    "resnet34_c": imagenet([3, 4, 6, 3], basic("C")),
    "resnet50_paper": imagenet([3, 4, 6, 3], bottleneck(first=True), 4),
    "resnet101_paper": imagenet([3, 4, 23, 3], bottleneck(first=True), 4),
    "resnet152_paper": imagenet([3, 8, 36, 3], bottleneck(first=True), 4),
    "preact_resnet200": imagenet([3, 24, 36, 3], preact_bottleneck, 4, last="bn"),
    **{f"resnet{6 * n + 2}": cifar(n, basic("A")) for n in (3, 5, 7, 9, 18, 200)},
    **{f"plain{6 * n + 2}": cifar(n, plain) for n in (3, 5, 7, 9, 18)},
    "resnet110_original": cifar(18, basic("A")),
    "resnet110_bn_after_add": cifar(18, bn_after_add),
    "resnet110_relu_before_add": cifar(18, relu_before_add),
    "resnet110_relu_only_preact": cifar(18, relu_only, last="relu"),
    "resnet110_preact": cifar(18, preact, last="bn"),
    "resnet164": cifar(18, bottleneck(first=True), 4),
    "resnet1001": cifar(111, bottleneck(first=True), 4),
    "resnet164_preact": cifar(18, preact_bottleneck, 4, last="bn"),
    "resnet1001_preact": cifar(111, preact_bottleneck, 4, last="bn"),
    "googlenet": googlenet, "inception_v2": inception_v2,
    "inception_module": lambda _: inception(*GOOGLENET["3a"]),
    "inception_module_naive": inception_naive,
    "factorised_5x5": factorised_5x5, "factorised_3x3": factorised_3x3,
    "densenet264": densenet264,
    "densenet_40_12": densenet_cifar(12, bottleneck=False, stem=16, halve=False),
    "densenet_bc_100_12": densenet_cifar(16, bottleneck=True, stem=24, halve=True),
}  # fmt: skip
"""The other nets, without their auxiliary heads."""
