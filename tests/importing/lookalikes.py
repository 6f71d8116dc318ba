"""Small nets that are written as timm writes its own: classes of PyTorch's with another forward.

Each stands for a family that `python -m benchmarks.importing.timm_nets` imports where timm is
installed; the code is ours.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class NormAct(nn.BatchNorm2d):
    """A batch norm with its activation, under one key."""

    def __init__(self, channels: int, act: nn.Module | None = None) -> None:
        super().__init__(channels)
        self.act = act or nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        mean, var = self.running_mean, self.running_var
        x = F.batch_norm(x, mean, var, self.weight, self.bias, self.training, 0.1, self.eps)
        return self.act(x)


class GroupAct(nn.GroupNorm):
    """A group norm with its activation."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps))


class NormMap(nn.LayerNorm):
    """A layer norm over the channels of a map."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class Same(nn.Conv2d):
    """A convolution padded as TensorFlow does."""

    def forward(self, x: Tensor) -> Tensor:
        (rows, columns), kernel, stride = x.shape[-2:], self.kernel_size, self.stride
        high = max((-(-rows // stride[0]) - 1) * stride[0] + kernel[0] - rows, 0)
        wide = max((-(-columns // stride[1]) - 1) * stride[1] + kernel[1] - columns, 0)
        x = F.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2), value=0)
        return F.conv2d(x, self.weight, self.bias, stride, (0, 0), self.dilation, self.groups)


class Fc(nn.Linear):
    """A linear layer with a forward of its own."""

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


class Gate(nn.Module):
    """Squeeze and excitation as a gate on the map."""

    def __init__(self, channels: int, narrow: int) -> None:
        super().__init__()
        self.conv_reduce = nn.Conv2d(channels, narrow, 1)
        self.conv_expand = nn.Conv2d(narrow, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = F.silu(self.conv_reduce(x.mean((2, 3), keepdim=True)))
        return x * self.conv_expand(y).sigmoid()


class Separable(nn.Module):
    """EfficientNet's first block."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv_dw = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.bn1 = NormAct(channels, nn.SiLU())
        self.se = Gate(channels, channels // 4)
        self.conv_pw = nn.Conv2d(channels, out, 1, bias=False)
        self.bn2 = NormAct(out, nn.Identity())

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv_pw(self.se(self.bn1(self.conv_dw(x)))))
        return y + x if x.shape == y.shape else y


class Next(nn.Module):
    """ConvNeXt's block with a gain [C] that is seen as [1, C, 1, 1]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_dw = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = NormMap(channels)
        self.fc1, self.fc2 = (
            nn.Conv2d(channels, 2 * channels, 1),
            nn.Conv2d(2 * channels, channels, 1),
        )
        self.gamma = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        y = self.fc2(F.gelu(self.fc1(self.norm(self.conv_dw(x)))))
        return y.mul(self.gamma.reshape(1, -1, 1, 1)) + x


class Rep(nn.Module):
    """RepVGG's three branches."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.identity = nn.BatchNorm2d(channels)
        self.conv_kxk = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )
        self.conv_1x1 = nn.Sequential(
            nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv_1x1(x) + self.conv_kxk(x) + self.identity(x))


class Split(nn.Module):
    """Res2Net's parts of the channels, each added to what the one before gives."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.width = channels // 4
        wide = self.width
        self.convs = nn.ModuleList(nn.Conv2d(wide, wide, 3, padding=1) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        parts = torch.split(x, self.width, 1)
        found = [self.convs[0](parts[0])]
        for conv, part in zip(list(self.convs)[1:], parts[1:], strict=False):
            found.append(conv(found[-1] + part))
        return torch.cat([*found, parts[3]], 1)


class Dense(nn.Module):
    """DenseNet's layers over lists of maps, with norms that are two layers each."""

    def __init__(self, channels: int, depth: int = 3) -> None:
        super().__init__()
        widths = [channels + 4 * turn for turn in range(depth)]
        self.norms = nn.ModuleList(NormAct(width) for width in widths)
        self.convs = nn.ModuleList(nn.Conv2d(width, 4, 3, padding=1) for width in widths)

    def forward(self, x: Tensor) -> Tensor:
        maps = [x]
        for norm, conv in zip(self.norms, self.convs, strict=True):
            maps.append(conv(norm(torch.cat(maps, 1))))
        return torch.cat(maps, 1)


class CrossStage(nn.Module):
    """CSPNet: half of the channels go past the blocks."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_exp = nn.Conv2d(channels, channels, 1)
        self.block = nn.Conv2d(channels // 2, channels // 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        past, through = self.conv_exp(x).chunk(2, dim=1)
        return torch.cat([past, self.block(through)], dim=1)


class Whole(nn.Module):
    """A stem, what is looked at, and a head."""

    def __init__(self, middle: nn.Module, out: int = 16) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.middle = middle
        self.fc = Fc(out, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.middle(self.stem(x)).mean((2, 3)))


NETS: dict[str, tuple[nn.Module, str]] = {
    "BatchNormAct2d": (Whole(NormAct(16)), "middle: bn -> relu"),
    "GroupNormAct": (Whole(GroupAct(4, 16)), "middle: gn 4 -> relu"),
    "LayerNorm2d": (Whole(NormMap(16)), "middle: ln"),
    "Conv2dSame": (Whole(Same(16, 16, 3, stride=2)), "conv 16, 3x3/2, pad=tf_same"),
    "numbered": (Whole(nn.Sequential(nn.Conv2d(16, 16, 1), NormAct(16))), "1: bn -> relu"),
    "efficientnet": (
        Whole(nn.Sequential(Separable(16, 16), Separable(16, 24)), 24),
        "se: gate",
    ),
    "convnext": (Whole(Next(16)), "gamma: scale"),
    "repvgg": (Whole(Rep(16)), "identity: bn"),
    "res2net": (Whole(Split(16)), "slice 0, 4"),
    "densenet": (Whole(Dense(16), 28), "concat"),
    "cspnet": (Whole(CrossStage(16)), "conv_exp: conv 16, 1x1"),
    "semnasnet": (Whole(Separable(16, 24), 24), "conv_reduce: conv"),
}
"""What each stands for -> the net, and something that its text says."""
OTHER_ORDER = ("convnext", "repvgg")
"""Nets that register their layers in another order than that in which they run."""
