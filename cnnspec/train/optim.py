"""Optimizers by the recipe, and schedules that count steps, never time."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, pi

import torch
from torch import Tensor, nn
from torch.optim import SGD, AdamW, Optimizer

from cnnspec.train.groups import groups
from cnnspec.train.installed import answer_for_absent
from cnnspec.train.recipe import OptimizerRecipe, ScheduleRecipe, Warmup
from cnnspec.train.rmsprop import RMSProp
from cnnspec.train.sgd import RowsSGD

PLATEAU_PATIENCE = 5  # evaluations without a lower test error
PLATEAU_MARGIN = 1e-3  # percent points that count as lower


def make_optimizer(
    recipe: OptimizerRecipe,
    model: nn.Module,
    device: torch.device,
    no_decay: Sequence[str] = (),
    factors: Sequence[tuple[str, float]] = (),
) -> Optimizer:
    """Return the optimizer over all weights that are trained.

    Weight decay is on all of them, as in the papers, but for the kinds of `no_decay`; `factors` are
    shares of the rate by path. Its state exists before the first step, as zeros: a checkpoint, a
    resumed run and a captured graph then all have the same. On a GPU the rate is a tensor there,
    which a graph reads.
    """
    answer_for_absent()
    on_gpu = device.type == "cuda"

    def rate() -> float | Tensor:
        return torch.tensor(recipe.lr, device=device) if on_gpu else recipe.lr

    weights = [
        {"params": group.weights, "lr": rate(), "factor": group.factor,
         "weight_decay": recipe.weight_decay if group.decays else 0.0}
        for group in groups(model, no_decay, factors)
    ]  # fmt: skip
    if recipe.name == "sgd":
        kind = RowsSGD if device.type == "cpu" else SGD
        sgd = kind(
            weights, lr=rate(), momentum=recipe.momentum, nesterov=recipe.nesterov, fused=True
        )
        return _primed(sgd, ["momentum_buffer"] if recipe.momentum else [])
    if recipe.name == "adamw":
        adamw = AdamW(weights, lr=rate(), eps=recipe.eps, fused=True, capturable=on_gpu)
        return _primed(adamw, ["exp_avg", "exp_avg_sq"], counts=True)
    rmsprop = RMSProp(
        weights, rate(), recipe.decay, recipe.eps, recipe.momentum, 0.0, recipe.eps_inside
    )
    names = ["square_avg", *(["momentum_buffer"] if recipe.momentum else [])]
    primed = _primed(rmsprop, names)
    if recipe.eps_inside:
        for entry in primed.state.values():
            entry["square_avg"].fill_(1.0)  # TensorFlow's beginning
    return primed


def _primed(optimizer: Optimizer, names: list[str], counts: bool = False) -> Optimizer:
    """Give every parameter its state: zeros in the parameter's memory format, a step of 0."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            entry: dict[str, Tensor] = optimizer.state[parameter] if names else {}
            if counts:
                entry["step"] = torch.zeros((), dtype=torch.float32, device=parameter.device)
            for name in names:
                entry[name] = torch.zeros_like(parameter, memory_format=torch.preserve_format)
                entry[name].requires_grad_(False)
    return optimizer


@dataclass
class Schedule:
    """The learning rate as a function of the step; `on_plateau` and a warm-up by error remember."""

    recipe: ScheduleRecipe
    lr: float
    warmup_steps: int
    total_steps: int
    steps_per_unit: int  # 1 where the recipe counts in steps
    best: float = field(default=float("inf"))
    waited: int = 0
    drops: int = 0
    warmup: Warmup = field(default_factory=Warmup)
    warm: bool = False  # the training error has been under that of the warm-up

    def at(self, step: int) -> float:
        """Return the rate of a step, counted from 0."""
        low = self.warmup.lr
        if low is not None and (self._cold() or step < self.warmup_steps):
            return low
        if step < self.warmup_steps:
            return self.lr * (step + 1) / self.warmup_steps
        return self.lr * self._factor(step)

    def _factor(self, step: int) -> float:
        recipe, time = self.recipe, step / self.steps_per_unit
        if recipe.name == "cosine":
            span = max(1, self.total_steps - self.warmup_steps)
            return 0.5 * (1 + cos(pi * (step - self.warmup_steps) / span))
        if recipe.name == "poly":
            return float(max(0.0, 1 - step / max(1, self.total_steps)) ** recipe.power)
        if recipe.name == "on_plateau":
            return recipe.factor**self.drops
        if recipe.name == "exponential":
            return recipe.factor ** int(time / (recipe.every or 1))
        if recipe.name == "step":
            times = int(time / recipe.every) if recipe.every else bisect_right(recipe.at, time)
            return recipe.factor**times
        return 1.0

    def observe(self, error: float) -> None:
        """Tell the schedule a test error, in percent; after five without progress it drops."""
        if error < self.best - PLATEAU_MARGIN:
            self.best, self.waited = error, 0
            return
        self.waited += 1
        if self.waited >= PLATEAU_PATIENCE:
            self.waited, self.drops = 0, self.drops + 1

    def trained(self, error: float) -> None:
        """Tell the schedule the training error of a log interval, in percent."""
        if self.warmup.error is not None and error < self.warmup.error:
            self.warm = True

    def _cold(self) -> bool:
        return self.warmup.error is not None and not self.warm

    def memory(self) -> dict[str, float]:
        """Return what a checkpoint keeps; JSON has no infinity, so none yet is -1."""
        best = -1.0 if self.best == float("inf") else self.best
        return {"best": best, "waited": self.waited, "drops": self.drops,
                "warm": self.warm}  # fmt: skip

    def remember(self, memory: dict[str, float]) -> None:
        """Take up what `memory` returned."""
        self.best = float("inf") if memory["best"] < 0 else memory["best"]
        self.waited, self.drops = int(memory["waited"]), int(memory["drops"])
        self.warm = bool(memory.get("warm", False))
