"""Random models of one input and more: layers, joins of any two values, and layers once more."""

import random

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH = 4
JOINS = ("add", "mul", "sub", "concat")
LAYERS = ("conv", "norm", "block")


class Drawn(nn.Module):
    """What `seed` says; a value is known by its number, the inputs are the first."""

    def __init__(self, seed: int, inputs: int) -> None:
        super().__init__()
        drawn, self.inputs = random.Random(seed), inputs
        self.plan: list[tuple[str, int, int]] = []
        self.layers = nn.ModuleDict()
        for place in range(drawn.randint(2, 9)):
            kind = drawn.choice((*JOINS, *LAYERS, "conv", "again"))
            weighted = [at for at, (one, _, _) in enumerate(self.plan) if one in ("conv", "block")]
            kind = kind if kind != "again" or weighted else "conv"
            known = inputs + place
            first = drawn.randrange(max(0, known - 4), known)
            other = drawn.choice(weighted) if kind == "again" else drawn.randrange(known)
            self.plan.append((kind, first, other))
            if (layer := _layer(kind)) is not None:
                self.layers[f"l{place}"] = layer
        self.pair = drawn.random() < 0.5

    def forward(self, *images: Tensor) -> object:
        values = [*images]
        for place, (kind, first, other) in enumerate(self.plan):
            values.append(self._value(f"l{place}", kind, values[first], values, other))
        return (values[-1], values[len(values) // 2]) if self.pair else values[-1]

    def _value(self, name: str, kind: str, x: Tensor, values: list[Tensor], other: int) -> Tensor:
        match kind:
            case "add":
                return x + values[other]
            case "mul":
                return x * torch.sigmoid(values[other])
            case "sub":
                return torch.abs(x - values[other])
            case "concat":
                return self.layers[name](torch.cat([x, values[other]], 1))
            case "again":
                return self.layers[f"l{other}"](x)
            case "norm":
                return F.relu(self.layers[name](x))
        return self.layers[name](x)


def _layer(kind: str) -> nn.Module | None:
    match kind:
        case "conv":
            return nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        case "norm":
            return nn.BatchNorm2d(WIDTH)
        case "concat":
            return nn.Conv2d(2 * WIDTH, WIDTH, 1)
        case "block":
            conv = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(WIDTH), nn.ReLU())
    return None
