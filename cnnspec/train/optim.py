"""Optimizers by the recipe, and schedules that count steps, never time."""

from bisect import bisect_right
from dataclasses import dataclass, field
from math import cos, pi

import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer, RMSprop

from cnnspec.train.installed import answer_for_absent
from cnnspec.train.recipe import OptimizerRecipe, ScheduleRecipe

PLATEAU_PATIENCE = 5  # evaluations without a lower test error
PLATEAU_MARGIN = 1e-3  # percent points that count as lower


def make_optimizer(recipe: OptimizerRecipe, model: nn.Module, device: torch.device) -> Optimizer:
    """Return torch's optimizer over all parameters; weight decay is on all of them, as in papers.

    RMSProp adds eps outside the root, as torch does (TensorFlow's, which Inception-v3 used, adds it
    inside).
    """
    answer_for_absent()
    parameters = list(model.parameters())
    if recipe.name == "sgd":
        return SGD(
            parameters,
            lr=recipe.lr,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            nesterov=recipe.nesterov,
            fused=True,
        )
    if recipe.name == "adamw":
        return AdamW(
            parameters, lr=recipe.lr, weight_decay=recipe.weight_decay, eps=recipe.eps, fused=True
        )
    return RMSprop(
        parameters,
        lr=recipe.lr,
        alpha=recipe.decay,
        eps=recipe.eps,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        foreach=device.type == "cuda",
    )


@dataclass
class Schedule:
    """The learning rate as a function of the step; only `on_plateau` remembers anything."""

    recipe: ScheduleRecipe
    lr: float
    warmup_steps: int
    total_steps: int
    steps_per_unit: int  # 1 where the recipe counts in steps
    best: float = field(default=float("inf"))
    waited: int = 0
    drops: int = 0

    def at(self, step: int) -> float:
        """Return the rate of a step, counted from 0."""
        if step < self.warmup_steps:
            return self.lr * (step + 1) / self.warmup_steps
        return self.lr * self._factor(step)

    def _factor(self, step: int) -> float:
        recipe, time = self.recipe, step / self.steps_per_unit
        if recipe.name == "cosine":
            span = max(1, self.total_steps - self.warmup_steps)
            return 0.5 * (1 + cos(pi * (step - self.warmup_steps) / span))
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

    def memory(self) -> dict[str, float]:
        """Return what a checkpoint keeps; JSON has no infinity, so none yet is -1."""
        best = -1.0 if self.best == float("inf") else self.best
        return {"best": best, "waited": self.waited, "drops": self.drops}

    def remember(self, memory: dict[str, float]) -> None:
        """Take up what `memory` returned."""
        self.best = float("inf") if memory["best"] < 0 else memory["best"]
        self.waited, self.drops = int(memory["waited"]), int(memory["drops"])
