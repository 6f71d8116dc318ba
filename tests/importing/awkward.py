"""Models that are hard to read, as people write them: each is read exactly, or refused by name."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(a: int, b: int, **words: object) -> nn.Conv2d:
    return nn.Conv2d(a, b, 3, padding=1, **words)


class ShapeIf(nn.Module):
    """Control flow on a shape."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 8)
        self.fc = nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if x.shape[2] > 7:
            x = F.max_pool2d(x, 2)
        assert x.shape[1] == 8
        return self.fc(x.mean([2, 3]))


class ViewSize(nn.Module):
    """Flattened by its own size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 4)
        self.fc = nn.Linear(4 * 32 * 32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.conv(x))
        return self.fc(x.view(x.size(0), -1))


class InPlaceAlias(nn.Module):
    """`+=` and in-place activations on a value with two names."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = conv(3, 8), conv(8, 8)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        y = x
        y = self.relu(y)
        z = self.b(x)
        z += y
        return self.relu(z)


class SharedAct(nn.Module):
    """One activation module for all layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = conv(3, 8), conv(8, 8)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.conv2(self.act(self.conv1(x))))


class Keywords(nn.Module):
    """Modules called by keyword."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.pool = conv(3, 8), nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(input=torch.flatten(self.pool(input=self.stem(input=x)), start_dim=1))


class TwoHeads(nn.Module):
    """A dict of outputs, one of them several layers of the net itself."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8)
        self.box1, self.box2 = conv(8, 8), nn.Conv2d(8, 4, 1)
        self.score = nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = F.relu(self.stem(x))
        return {"score": self.score(x), "box": self.box2(F.relu(self.box1(x)))}


class InnerOut(nn.Module):
    """An output that is an inner value."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.head = conv(3, 8), conv(8, 2)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.stem(x)
        return {"out": self.head(x), "features": x}


class Up(nn.Module):
    """The upper half of a U-Net's step: two maps come in."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(a, b, 2, stride=2)
        self.conv = nn.Sequential(conv(2 * b, b, bias=False), nn.BatchNorm2d(b), nn.ReLU())

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.conv(torch.cat([skip, self.up(x)], dim=1))


class UNet(nn.Module):
    """A small U-Net."""

    def __init__(self) -> None:
        super().__init__()
        self.inc, self.down1, self.down2 = conv(3, 8), conv(8, 16), conv(16, 32)
        self.up1, self.up2 = Up(32, 16), Up(16, 8)
        self.outc = nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = F.relu(self.inc(x))
        b = F.relu(self.down1(F.max_pool2d(a, 2)))
        c = F.relu(self.down2(F.max_pool2d(b, 2)))
        return self.outc(self.up2(self.up1(c, b), a))


class Layers(nn.Module):
    """A ModuleList run through in a loop."""

    def __init__(self, depth: int = 3) -> None:
        super().__init__()
        self.stem = conv(3, 8)
        self.layers = nn.ModuleList(nn.Sequential(conv(8, 8), nn.ReLU()) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for layer in self.layers:
            x = layer(x)
        return x


class Shared(nn.Module):
    """Weights used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.conv = conv(3, 8), conv(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv(self.stem(x)))
        return F.relu(self.conv(x))


class SharedBlock(nn.Module):
    """A block used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8)
        self.unit = nn.Sequential(conv(8, 8), nn.BatchNorm2d(8), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        return self.unit(self.unit(self.stem(x)))


class Dash(nn.Module):
    """A name that no label can be."""

    def __init__(self) -> None:
        super().__init__()
        self.add_module("conv-0", conv(3, 8))
        self.add_module("repeat", conv(8, 8))

    def forward(self, x: Tensor) -> Tensor:
        return self.get_submodule("repeat")(self.get_submodule("conv-0")(x))


class Functional(nn.Module):
    """Dropout, pooling and activations as functions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = conv(3, 8), nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.gelu(self.conv(x)) * 0.5
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.fc(F.dropout(x, 0.3, self.training))


class Gate(nn.Module):
    """Squeeze-and-excitation by multiplication with an expanded vector's map."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 8)
        self.down, self.up = nn.Conv2d(8, 2, 1), nn.Conv2d(2, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        s = F.adaptive_avg_pool2d(x, 1)
        return x * torch.sigmoid(self.up(F.relu(self.down(s))))


class Identity(nn.Module):
    """Shortcuts that are an identity or an empty sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv(3, 8), nn.Identity(), nn.ReLU())
        self.conv, self.shortcut = conv(8, 8), nn.Sequential()

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return F.relu(self.conv(x) + self.shortcut(x))


class SoftmaxEnd(nn.Module):
    """Probabilities at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = conv(3, 8), nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        return torch.softmax(self.fc(self.conv(x).mean((2, 3))), dim=1)


class AuxInTraining(nn.Module):
    """A head that exists in training only."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.body = conv(3, 8), conv(8, 8)
        self.aux = nn.Linear(8, 10)
        self.fc = nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        x = self.stem(x)
        y = self.fc(self.body(x).mean((2, 3)))
        return (y, self.aux(x.mean((2, 3)))) if self.training else y


# --- refused ------------------------------------------------------------------------------------


class DataIf(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x if x.mean() > 0 else -x


class Normalise(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 8)
        self.register_buffer("mean", torch.zeros(3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x - self.mean)


class Plus(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 8)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x) + 3


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.q = conv(3, 8), nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x).flatten(2).transpose(1, 2)
        return torch.softmax(self.q(x) @ x.transpose(1, 2), -1)


class Unused(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.spare = conv(3, 8), conv(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class WeightNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.utils.parametrizations.weight_norm(conv(3, 8))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Bare(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(8, 3, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight)


class Volume(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(3, 8, (1, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x.unsqueeze(2))


EXACT = (
    ShapeIf, ViewSize, InPlaceAlias, SharedAct, Keywords, TwoHeads, InnerOut, UNet, Layers, Shared,
    SharedBlock, Dash, Functional, Gate, Identity, SoftmaxEnd, AuxInTraining,
)  # fmt: skip
REFUSED = {
    DataIf: "needs the values of a tensor",
    Normalise: "mean",
    Plus: "constant 3",
    Attention: "no op",
    Unused: "no forward uses: in spare",
    WeightNorm: "a parametrisation",
    Bare: "tensors of its own",
    Volume: "no op",
}
