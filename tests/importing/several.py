"""Models of two inputs and more, as people write them."""

import torch
from torch import nn
from torch.nn import functional as F


class Siamese(nn.Module):
    """One tower on both images; the distance decides."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 15 * 15, 32)
        )
        self.fc = nn.Linear(32, 1)

    def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.fc(torch.abs(self.net(left) - self.net(right))))


class Once(nn.Module):
    """The layers one after another, in a method of the model's own; both embeddings come back."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.fc = nn.Linear(16 * 8 * 8, 12)

    def forward_once(self, x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        return self.fc(x.view(x.size(0), -1))

    def forward(self, input1: torch.Tensor, input2: torch.Tensor) -> object:
        return self.forward_once(input1), self.forward_once(input2)


class Triplet(nn.Module):
    """Three images, one embedding; the outputs are a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
            nn.Flatten(), nn.Linear(8, 4),
        )  # fmt: skip

    def forward(self, anchor, positive, negative):
        words = {"anchor": anchor, "positive": positive, "negative": negative}
        return {name: self.embed(one) for name, one in words.items()}


class Stream(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16)
        self.conv2, self.bn2 = nn.Conv2d(16, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class TwoStream(nn.Module):
    """Colour and motion, joined late."""

    def __init__(self) -> None:
        super().__init__()
        self.spatial, self.temporal = Stream(3), Stream(20)
        self.fuse = nn.Conv2d(64, 32, 1)
        self.fc = nn.Linear(32, 10)

    def forward(self, rgb: torch.Tensor, flow: torch.Tensor) -> torch.Tensor:
        x = torch.cat([self.spatial(rgb), self.temporal(flow)], dim=1)
        return self.fc(F.relu(self.fuse(x)).mean((2, 3)))


class Guided(nn.Module):
    """An image and a mask of half its size, which comes in further down; keywords only."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.gate = nn.Conv2d(1, 16, 1)
        self.body = nn.Sequential(nn.Conv2d(16, 16, 3, 1, 1), nn.BatchNorm2d(16), nn.ReLU())
        self.head = nn.Conv2d(17, 2, 1)

    def forward(self, *, image, mask):
        x = F.relu(self.stem(image)) * torch.sigmoid(self.gate(mask))
        x = self.body(x) + x
        return F.interpolate(self.head(torch.cat((x, mask), 1)), size=image.shape[-2:])


class WithFacts(nn.Module):
    """An image and a row of numbers: the widths of both are joined."""

    def __init__(self) -> None:
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.mlp = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU())
        self.out = nn.Linear(16, 3)

    def forward(self, x, meta, debug=False):
        joined = torch.cat([self.cnn(x).flatten(1), self.mlp(meta)], dim=1)
        return self.out(joined)


class Change(nn.Module):
    """Two dates of one place: one encoder, differences at two levels, one map of what changed."""

    def __init__(self) -> None:
        super().__init__()
        self.enc1 = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.BatchNorm2d(8), nn.ReLU())
        self.enc2 = nn.Sequential(nn.Conv2d(8, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU())
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.out = nn.Conv2d(16, 1, 1)

    def forward(self, x1, x2):
        a1, b1 = self.enc1(x1), self.enc1(x2)
        a2, b2 = self.enc2(a1), self.enc2(b1)
        d2 = self.up(torch.abs(a2 - b2))
        return self.out(torch.cat([d2, torch.abs(a1 - b1)], 1))


class Pyramid(nn.Module):
    """Takes a list of maps of several sizes, as necks and heads do, and gives one of each."""

    def __init__(self) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(c, 8, 1) for c in (8, 16, 32))
        self.smooth = nn.ModuleList(nn.Conv2d(8, 8, 3, 1, 1) for _ in range(3))

    def forward(self, feats):
        tops = [conv(one) for conv, one in zip(self.lateral, feats, strict=True)]
        for place in (1, 0):
            tops[place] = tops[place] + F.interpolate(tops[place + 1], scale_factor=2)
        return tuple(conv(one) for conv, one in zip(self.smooth, tops, strict=True))


class Refine(nn.Module):
    """What came before is an argument with a default: without it there are other layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 8, 3, 1, 1)
        self.alone = nn.Conv2d(3, 8, 3, 1, 1)
        self.head = nn.Conv2d(8, 1, 1)

    def forward(self, image, before=None):
        if before is None:
            x = self.alone(image)
        else:
            x = self.conv(torch.cat([image, before], 1)) + self.alone(image)
        return self.head(torch.relu(x))


class Names(nn.Module):
    """Arguments are called as layers and as words of the language are."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.image = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 1)
        self.out = nn.Conv2d(8, 4, 1)

    def forward(self, left, input):
        return self.out(torch.cat([self.image(input), self.left(left)], 1))


class Early(nn.Module):
    """Both images are one before anything else."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(6, 8, 3), nn.Linear(8, 2)

    def forward(self, a, b):
        return self.fc(F.relu(self.conv(torch.cat([a, b], 1))).mean((2, 3)))


IMAGE = (3, 32, 32)
GRAY = (1, 32, 32)
MODELS: dict[type[nn.Module], object] = {
    Siamese: [GRAY, GRAY],
    Once: {"input1": GRAY, "input2": GRAY},
    Triplet: [IMAGE, IMAGE, IMAGE],
    TwoStream: {"flow": (20, 32, 32), "rgb": IMAGE},
    Guided: [IMAGE, (1, 16, 16)],
    WithFacts: [IMAGE, (5,)],
    Change: [IMAGE, IMAGE],
    Pyramid: [(8, 32, 32), (16, 16, 16), (32, 8, 8)],
    Refine: [IMAGE, (1, 32, 32)],
    Names: [IMAGE, IMAGE],
    Early: [IMAGE, IMAGE],
}
"""What is given as the shapes of each."""
