"""More models that are hard to read, as public ones are: recursion, names, dicts, sums."""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SkipBlock(nn.Module):
    """A level of a U-Net that holds the level below, as image translation nets are built."""

    def __init__(self, outer: int, inner: int, below: nn.Module | None, outermost: bool = False):
        super().__init__()
        self.outermost = outermost
        down = nn.Conv2d(3 if outermost else outer, inner, 4, 2, 1, bias=False)
        up = nn.ConvTranspose2d(inner * (2 if below else 1), outer, 4, 2, 1)
        if outermost:
            layers = [down, below, nn.ReLU(True), up, nn.Tanh()]
        elif below is None:
            layers = [nn.LeakyReLU(0.2, True), down, nn.ReLU(True), up, nn.BatchNorm2d(outer)]
        else:
            layers = [nn.LeakyReLU(0.2), down, nn.BatchNorm2d(inner), below, nn.ReLU(True), up]
            layers += [nn.BatchNorm2d(outer), nn.Dropout(0.5)]
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


class Translate(nn.Module):
    """A U-Net of blocks in blocks."""

    def __init__(self) -> None:
        super().__init__()
        block = SkipBlock(16, 16, None)
        block = SkipBlock(8, 16, block)
        self.model = SkipBlock(3, 8, block, outermost=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class ByName(nn.Module):
    """Layers that are set and got by names in a loop; each reads all before it."""

    def __init__(self, depth: int = 4) -> None:
        super().__init__()
        self.depth = depth
        for i in range(depth):
            setattr(self, f"conv{i}", nn.Conv2d(3 + 8 * i, 8, 3, padding=1, bias=False))
            self.add_module(f"norm{i}", nn.BatchNorm2d(8))
        self.out = nn.Conv2d(3 + 8 * depth, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        for i in range(self.depth):
            y = getattr(self, f"norm{i}")(getattr(self, f"conv{i}")(x))
            x = torch.cat((x, F.relu_(y)), dim=1)
        return self.out(x)


class Levels(nn.Module):
    """Gives what chosen layers of a sequence give, which it runs one by one."""

    def __init__(self, wanted: tuple[str, ...] = ("2", "5", "8")) -> None:
        super().__init__()
        self.wanted = wanted
        self.features = nn.Sequential()
        for i, (a, b) in enumerate(((3, 8), (8, 16), (16, 16))):
            self.features.add_module(str(3 * i), nn.Conv2d(a, b, 3, padding=1))
            self.features.add_module(str(3 * i + 1), nn.ReLU(inplace=True))
            self.features.add_module(str(3 * i + 2), nn.MaxPool2d(2))

    def forward(self, x: Tensor) -> list[Tensor]:
        found = []
        for name, layer in self.features._modules.items():
            x = layer(x)
            if name in self.wanted:
                found.append(x)
        return found


class Guarded(nn.BatchNorm2d):
    """A norm that asks first whether there is anything."""

    def forward(self, x: Tensor) -> Tensor:
        if x.numel() > 0:
            return super().forward(x)
        return x.new_zeros(x.shape)


class Tasks(nn.Module):
    """One trunk, a head for each task by its name, and a flag that asks for the features too."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            OrderedDict(conv=nn.Conv2d(3, 8, 3, 2, 1), norm=Guarded(8), act=nn.SiLU())
        )
        self.heads = nn.ModuleDict(
            {
                "depth": nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1), nn.ReLU(), nn.Conv2d(8, 1, 1)),
                "normals": nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1), nn.ReLU(), nn.Conv2d(8, 3, 1)),
            }
        )

    def forward(self, x: Tensor, return_features: bool = False) -> dict[str, Tensor]:
        size, feats = x.shape[-2:], self.trunk(x)
        out = {
            name: F.interpolate(head(feats), size, mode="bilinear", align_corners=False)
            for name, head in self.heads.items()
        }
        return {**out, "features": feats} if return_features else out


class Branches(nn.Module):
    """Branches that Python's own sum adds up, which begins at 0."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Conv2d(width, width, k, padding=k // 2, groups=width) for k in (3, 5, 7)
        )
        self.scale = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.scale(sum(branch(x) for branch in self.branches)) * x


class Sums(nn.Module):
    """Two such units behind a stem; the mean of the last map is taken with its axes by name."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.body = nn.Sequential(*(Branches(8) for _ in range(2)))
        self.fc = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.body(self.stem(x)).mean(dim=[-1, -2]))


EXACT = (Translate, ByName, Levels, Tasks, Sums)
