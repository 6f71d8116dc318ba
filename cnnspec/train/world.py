"""The processes of a run: one, or several that torchrun started (T8).

DistributedDataParallel averages the gradients; here is what else they must agree on: when to stop,
when to save, the sums of losses and errors, and whether any of them saw a bad loss.
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from cnnspec.train.errors import UsageError
from cnnspec.train.feed import Share

PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class World:
    """A process among the others; a single one asks nobody."""

    rank: int = 0
    count: int = 1
    control: Any = None  # a gloo group: small host-side agreements that no GPU waits for

    @property
    def leads(self) -> bool:
        """Say whether this process writes and prints."""
        return self.rank == 0

    @property
    def share(self) -> Share:
        """Return this process's part of every batch."""
        return Share(self.rank, self.count)

    def agree(self, *wishes: bool) -> list[bool]:
        """Return for each wish whether any process has it."""
        if self.count == 1:
            return list(wishes)
        found = torch.tensor([int(wish) for wish in wishes])
        dist.all_reduce(found, dist.ReduceOp.MAX, group=self.control)
        return [bool(value) for value in found.tolist()]

    def sum(self, value: Tensor) -> Tensor:
        """Return the sum over all processes; with one process, the tensor itself."""
        if self.count == 1:
            return value
        total = value.clone()
        dist.all_reduce(total)
        return total

    def worst(self, value: Tensor) -> None:
        """Put the largest value of all processes into a tensor; no host waits on a GPU."""
        if self.count > 1:
            dist.all_reduce(value, dist.ReduceOp.MAX)

    def gather(self, value: Tensor) -> list[Tensor]:
        """Return a CPU tensor of every process, by rank."""
        if self.count == 1:
            return [value]
        found = [torch.empty_like(value) for _ in range(self.count)]
        dist.all_gather(found, value, group=self.control)
        return found

    def wrap(self, model: nn.Module, device: torch.device) -> nn.Module:
        """Return the model to call: DistributedDataParallel where there are several processes."""
        if self.count == 1:
            return model
        devices = [device] if device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(model, device_ids=devices)

    def wait(self) -> None:
        """Wait for the others."""
        if self.count > 1:
            dist.barrier(group=self.control)

    def leave(self) -> None:
        """End the group."""
        if self.count > 1 and dist.is_initialized():
            dist.destroy_process_group()


def join(gpu: bool) -> World:
    """Join the processes that torchrun started, by the variables that it sets."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return World()
    try:
        if gpu:
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        dist.init_process_group("nccl" if gpu else "gloo", timeout=PATIENCE)
        return World(dist.get_rank(), count, dist.new_group(backend="gloo"))
    except (RuntimeError, ValueError) as error:
        text = str(error).splitlines()[0]
        raise UsageError(f"the {count} processes do not find each other: {text}") from error


def launch(count: int, argv: list[str]) -> int:
    """Start this command on several GPUs by torchrun, and return its status."""
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import main

    if count > torch.cuda.device_count():
        seen = torch.cuda.device_count()
        raise UsageError(f"--gpus {count}: torch {torch.__version__} sees {seen} GPUs")
    try:
        main(["--standalone", f"--nproc-per-node={count}", "-m", "cnnspec.train", *argv])
    except ChildFailedError as error:
        return max(1, *(int(failure.exitcode) for failure in error.failures.values()))
    return 0
