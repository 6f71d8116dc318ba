"""What a run is going to do: nothing in a plan changes while it runs."""

from dataclasses import dataclass

from cnnspec.train.device import Compute
from cnnspec.train.feed import Feed
from cnnspec.train.module import NetModule
from cnnspec.train.recipe import Recipe


@dataclass(frozen=True)
class RunPlan:
    """A run before it begins; nothing in it changes."""

    net: NetModule
    recipe: Recipe
    compute: Compute
    batches: Feed
    data: str
    root: str  # where data sets lie
    data_facts: dict[str, object]
    notes: list[str]
    parameters: int
    steps: int
    seed: int
    log_every: int
    eval_every: int
    save_every: int | None
    stop_at: int | None
    compile: bool = False
    graph: bool | None = None
    keep_best: bool = True
    patience: int | None = None
    profile: bool = False

    @property
    def epochs(self) -> float:
        """Length in epochs, not always whole."""
        return self.steps / self.batches.steps_per_epoch

    @property
    def classes(self) -> list[str]:
        """The names of the data set's classes."""
        classes = self.data_facts["classes"]
        assert isinstance(classes, list)
        return classes

    def logs(self, step: int) -> bool:
        """Say whether a line about training is due after a step."""
        return step > 0 and (step % self.log_every == 0 or step == self.steps)

    def evaluates(self, step: int) -> bool:
        """Say whether the test set is due after a step."""
        return step > 0 and (step % self.eval_every == 0 or step == self.steps)

    def saves(self, step: int) -> bool:
        """Say whether a checkpoint is due after a step, where steps decide it."""
        return self.save_every is not None and step > 0 and step % self.save_every == 0

    def facts(self) -> dict[str, object]:
        """Return what is written beside weights: what they are of, and how to feed the net."""
        mean = self.batches.pixel_mean
        image = {} if mean is None else {"pixel_mean": mean.tolist()}
        return image | {
            "net": self.net.name,
            "code_sha256": self.net.sha256,
            "data": self.data,
            "mean": self.batches.statistics.mean,
            "std": self.batches.statistics.std,
        }

    def length(self) -> str:
        """Return `30 epochs` or `300 steps`, as the recipe counts."""
        count, unit = (self.steps, "step") if self.recipe.steps else (self.recipe.epochs, "epoch")
        return f"{count:,} {unit}{'s' if count != 1 else ''}"

    def first_line(self) -> str:
        """Return what is trained on what, where and how."""
        optimizer, schedule = self.recipe.optimizer, self.recipe.schedule
        source = "trainer's defaults: " if self.recipe.is_default else ""
        counts = f"{self.data_facts['train']:,} train / {self.data_facts['test']:,} test"
        parts = [
            self.net.name,
            ", ".join([f"{self.data} {counts}", *self.notes]),
            self.compute.describe(),
            f"{source}{optimizer.name} lr {optimizer.lr:g}, {schedule.name}{self._averaged()}, "
            f"batch {self.recipe.batch}",
            self.length(),
            f"seed {self.seed}",
        ]
        return " · ".join(parts)

    def _averaged(self) -> str:
        average = self.recipe.average
        return f", weights averaged ({average.name})" if average else ""
