"""All that a run changes: what a checkpoint holds and a resumed run takes up (T10)."""

import json
import random
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from cnnspec.train.errors import DataError, TrainError
from cnnspec.train.optim import Schedule
from cnnspec.train.scorer import Scorer
from cnnspec.train.step import Step
from cnnspec.train.world import World


@dataclass
class State:
    """Model, optimizer, schedule and counters; `meter` sums loss, right, right in 5, and images."""

    model: nn.Module
    optimizer: Optimizer
    schedule: Schedule
    meter: Tensor
    work: Step
    world: World
    scorer: Scorer
    step: int = 0  # steps taken
    logged: int = 0  # the step of the last line in metrics.jsonl
    evaluated: int = 0
    metrics_bytes: int = 0
    test: dict[str, float] = field(default_factory=dict)  # of the last evaluation
    best: dict[str, float] = field(default_factory=dict)  # its top-1 error and step
    fault: DataError | None = None  # an image of this process that is broken
    seconds: float = 0.0  # spent so far, over all sessions; decides nothing

    def tensors(self) -> dict[str, Tensor]:
        """Return weights, buffers, optimizer state, meter and random states by name.

        Every process has to call this: the meters are summed, the random states collected.
        """
        found = {f"model.{key}": value.clone() for key, value in self.model.state_dict().items()}
        for index, entry in self.optimizer.state_dict()["state"].items():
            for key, value in entry.items():
                if isinstance(value, Tensor):
                    found[f"optimizer.{index}.{key}"] = value
        found |= {f"average.{name}": value for name, value in self._means().items()}
        found["meter"] = self.world.sum(self.meter)
        for rank, value in enumerate(self.world.gather(torch.get_rng_state())):
            found[f"random.torch.{rank}"] = value
        if self.work.compute.device.type == "cuda":
            own = torch.cuda.get_rng_state(self.work.compute.device)
            for rank, value in enumerate(self.world.gather(own)):
                found[f"random.cuda.{rank}"] = value
        found["random.numpy"] = torch.from_numpy(_numpy_state()[1].astype(np.int64))
        return found

    def values(self) -> dict[str, object]:
        """Return everything else as plain values for JSON."""
        return {
            "step": self.step,
            "logged": self.logged,
            "evaluated": self.evaluated,
            "metrics_bytes": self.metrics_bytes,
            "test": self.test,
            "best": self.best,
            "seconds": self.seconds,
            "schedule": self.schedule.memory(),
            "random.python": random.getstate(),
            "random.numpy": list(_numpy_state()[2:]),
        }

    def restore(self, tensors: dict[str, Tensor], raw: dict[str, object]) -> None:
        """Take up a checkpoint; raise TrainError where it is of another net."""
        values = json.loads(json.dumps(raw))
        prefix = "model."
        weights = {key.removeprefix(prefix): value
                   for key, value in tensors.items() if key.startswith(prefix)}  # fmt: skip
        try:
            self.model.load_state_dict(weights)
        except RuntimeError as error:
            raise TrainError("the checkpoint is of another net: its weights do not fit") from error
        self._restore_optimizer(tensors)
        for name, value in self._means().items():
            value.copy_(tensors[f"average.{name}"])
        self.meter.copy_(tensors["meter"] if self.world.leads else torch.zeros_like(self.meter))
        self.step, self.logged = values["step"], values["logged"]
        self.evaluated, self.metrics_bytes = values["evaluated"], values["metrics_bytes"]
        self.test, self.best = values["test"], values.get("best", {})
        self.seconds = values["seconds"]
        self.schedule.remember(values["schedule"])
        version, words, gauss = values["random.python"]
        random.setstate((version, tuple(words), gauss))
        position, has_gauss, cached = values["random.numpy"]
        key = tensors["random.numpy"].numpy().astype(np.uint32)
        np.random.set_state(("MT19937", key, position, has_gauss, cached))
        self._restore_random(tensors)

    def _restore_random(self, tensors: dict[str, Tensor]) -> None:
        """Take up this process's own random states; one that was not there keeps its seed's."""
        own = tensors.get(f"random.torch.{self.world.rank}")
        if own is not None:
            torch.set_rng_state(own)
        on_gpu = tensors.get(f"random.cuda.{self.world.rank}")
        if on_gpu is not None and self.work.compute.device.type == "cuda":
            torch.cuda.set_rng_state(on_gpu, self.work.compute.device)

    def _means(self) -> dict[str, Tensor]:
        """Return the means under the names of what they are means of."""
        if self.work.average is None:
            return {}
        names = [name for name, _ in self.model.named_parameters()]
        means = self.work.average.tensors
        return dict(zip(names, means, strict=False)) | self.work.buffers.named(means[len(names) :])

    def _restore_optimizer(self, tensors: dict[str, Tensor]) -> None:
        parameters = [item for group in self.optimizer.param_groups for item in group["params"]]
        for name, value in tensors.items():
            if not name.startswith("optimizer."):
                continue
            _, index, key = name.split(".", 2)
            with torch.no_grad():  # in place: the memory format of the weight stays
                self.optimizer.state[parameters[int(index)]][key].copy_(value)


def _numpy_state() -> tuple[str, np.ndarray[tuple[int], np.dtype[np.uint32]], int, int, float]:
    return np.random.get_state(legacy=True)  # type: ignore[return-value]


def seed_everything(seed: int) -> None:
    """Seed python, numpy and torch, on all devices; every process begins with equal weights."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
