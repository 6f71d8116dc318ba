"""Training loops as a person writes them: nothing here is the trainer's."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Taken = Callable[[Tensor, Tensor], Tensor]


class TensorFlowRMSProp:
    """tf.train.RMSPropOptimizer by its formula: ms begins at one, the rate is in the momentum."""

    def __init__(self, weights: list[nn.Parameter], lr: float, momentum: float, decay: float,
                 eps: float) -> None:  # fmt: skip
        self.weights, self.lr, self.momentum = weights, lr, momentum
        self.decay, self.eps = decay, eps
        self.square = [torch.ones_like(weight) for weight in weights]
        self.moved = [torch.zeros_like(weight) for weight in weights]

    @torch.no_grad()
    def step(self) -> None:
        for weight, square, moved in zip(self.weights, self.square, self.moved, strict=True):
            assert weight.grad is not None
            square.mul_(self.decay).add_(weight.grad**2 * (1 - self.decay))
            moved.mul_(self.momentum).add_(self.lr * weight.grad / (square + self.eps).sqrt())
            weight.sub_(moved)

    def zero_grad(self) -> None:
        for weight in self.weights:
            weight.grad = None


Optimizer = torch.optim.Optimizer | TensorFlowRMSProp


def optimizer(raw: dict[str, object], model: nn.Module) -> Optimizer:
    """Return torch's plain optimizer for a recipe's, or TensorFlow's by hand."""
    weights, rest = list(model.parameters()), {k: v for k, v in raw.items() if k != "name"}
    if raw["name"] == "sgd":
        return torch.optim.SGD(weights, foreach=False, **rest)  # type: ignore[arg-type]
    if raw["name"] == "adamw":
        return torch.optim.AdamW(weights, foreach=False, **rest)  # type: ignore[arg-type]
    numbers = {key: float(str(rest.get(key, default)))
               for key, default in (("lr", 0.01), ("momentum", 0.0), ("decay", 0.99),
                                    ("eps", 1e-8))}  # fmt: skip
    return TensorFlowRMSProp(weights, **numbers)


class Loop:
    """Forward, loss of all heads, backward, update; an exponential mean of the weights beside."""

    def __init__(
        self, model: nn.Module, raw: dict[str, object], parts: int = 1, smoothing: float = 0.0,
        heads: tuple[float, ...] = (1.0,), ema: float | None = None, bf16: bool = False,
    ) -> None:  # fmt: skip
        self.model, self.optimizer = model, optimizer(raw, model)
        self.parts, self.smoothing, self.heads, self.ema = parts, smoothing, heads, ema
        self.bf16 = bf16
        self.live = [*model.parameters(), *(b for b in model.buffers() if b.is_floating_point())]
        self.means: list[Tensor] = []

    def step(self, images: Tensor, labels: Tensor) -> Tensor:
        """Take a step and return its mean loss."""
        self.optimizer.zero_grad()
        total = torch.zeros((), device=images.device)
        for part in range(self.parts):
            cut = slice(part * len(labels) // self.parts, (part + 1) * len(labels) // self.parts)
            with torch.autocast("cuda", torch.bfloat16, enabled=self.bf16):
                outputs = self.model(images[cut])
            heads = outputs if isinstance(outputs, tuple) else (outputs,)
            loss = sum((weight * F.cross_entropy(head.float(), labels[cut],
                                                 label_smoothing=self.smoothing)
                        for weight, head in zip(self.heads, heads, strict=True)),
                       torch.zeros((), device=images.device)) / self.parts  # fmt: skip
            loss.backward()  # type: ignore[no-untyped-call]
            total = total + loss.detach()
        self.optimizer.step()
        self.average()
        return total

    @torch.no_grad()
    def average(self) -> None:
        """Take the weights into the mean; the first step's are its beginning."""
        if self.ema is None:
            return
        if not self.means:
            self.means = [value.detach().clone() for value in self.live]
            return
        for mean, value in zip(self.means, self.live, strict=True):
            mean.mul_(self.ema).add_(value * (1 - self.ema))


def textbook(model: nn.Module) -> Callable[[Tensor, Tensor], None]:
    """Return the step of a tutorial: fp32, and the loss is read at every step."""
    made = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step(images: Tensor, labels: Tensor) -> None:
        made.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()  # type: ignore[no-untyped-call]
        made.step()
        loss.item()

    return step


def good(model: nn.Module, device: torch.device) -> Callable[[Tensor, Tensor], None]:
    """Return the step of somebody who knows: channels_last, bf16, fused, nothing read."""
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    made = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, fused=True)

    def step(images: Tensor, labels: Tensor) -> None:
        made.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16):
            loss = F.cross_entropy(model(images), labels)
        loss.backward()  # type: ignore[no-untyped-call]
        made.step()

    return step


def captured(
    step: Callable[[Tensor, Tensor], None], images: Tensor, labels: Tensor
) -> Callable[[Tensor, Tensor], None]:
    """Return the step in a CUDA graph of its own, as PyTorch's notes do it."""
    held_images, held_labels = images.clone(), labels.clone()
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step(held_images, held_labels)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step(held_images, held_labels)

    def replay(images: Tensor, labels: Tensor) -> None:
        held_images.copy_(images)
        held_labels.copy_(labels)
        graph.replay()

    return replay
