"""The processes of a run: one, or several that torchrun started (T8).

DistributedDataParallel averages the gradients; here is what else they must agree on: when to stop,
when to save, the sums of losses and errors, and whether any of them saw a bad loss.
"""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from cnnspec.train.errors import DataError, TrainError, UsageError
from cnnspec.train.feed import Share

PATIENCE = timedelta(minutes=10)
T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """A process among the others; a single one asks nobody."""

    rank: int = 0
    count: int = 1
    nodes: int = 1  # machines
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
        return [bool(value) for value in self.meet(*(int(wish) for wish in wishes))]

    def together(self, work: Callable[[], T]) -> T:
        """Do some work; where it fails in one process, it fails in all, and one of them says why.

        The work itself must not wait for the others.
        """
        if self.count == 1:
            return work()
        result, failure = None, None
        try:
            result = work()
        except Exception as error:
            failure = error
        self._raise_first(failure)
        return result  # type: ignore[return-value]

    def _raise_first(self, failure: Exception | None) -> None:
        """Wait until all have done their work; raise what failed in the first that failed."""
        status = 0 if failure is None else getattr(failure, "status", 1)
        mine = torch.tensor([status, int(isinstance(failure, DataError))])
        found = [value.tolist() for value in self.gather(mine)]
        first = next((rank for rank, (status, _) in enumerate(found) if status), None)
        if first is None:
            return
        if failure is not None and first == self.rank:
            raise failure
        other = (DataError if found[first][1] else TrainError)(f"process {first} says what failed")
        other.status, other.told = found[first][0], True
        raise other

    def meet(self, *values: int) -> list[int]:
        """Return the largest of every value over all processes; the hosts wait for each other."""
        if self.count == 1:
            return list(values)
        found = torch.tensor(values)
        dist.all_reduce(found, dist.ReduceOp.MAX, group=self.control)
        return [int(value) for value in found.tolist()]

    def words(self, text: str) -> str:
        """Return the first process's text."""
        if self.count == 1:
            return text
        data = torch.tensor(list(text.encode()), dtype=torch.uint8)
        size = torch.tensor([len(data)])
        dist.broadcast(size, 0, group=self.control)
        data = data if self.leads else torch.empty(int(size), dtype=torch.uint8)
        dist.broadcast(data, 0, group=self.control)
        return bytes(data.tolist()).decode()

    def same(self, tensors: Sequence[Tensor]) -> None:
        """Put the first process's values into tensors, as DistributedDataParallel does."""
        if self.count > 1:
            for tensor in tensors:
                dist.broadcast(tensor, 0)

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
        return World(dist.get_rank(), count, _nodes(count), dist.new_group(backend="gloo"))
    except (RuntimeError, ValueError) as error:
        text = str(error).splitlines()[0]
        raise UsageError(f"the {count} processes do not find each other: {text}") from error


def _nodes(count: int) -> int:
    """Return on how many machines the processes are, by what torchrun says."""
    return max(1, count // max(1, int(os.environ.get("LOCAL_WORLD_SIZE", str(count)))))


def launch(count: int, argv: list[str], gpu: bool = True) -> int:
    """Start this command in several processes by torchrun, and return its status.

    A signal reaches them through torchrun, which waits until they have saved.
    """
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import main

    if gpu and count > torch.cuda.device_count():
        seen = torch.cuda.device_count()
        raise UsageError(f"--gpus {count}: torch {torch.__version__} sees {seen} GPUs")
    if os.environ.get("CNNSPEC_DEBUG") != "1":
        logging.disable(logging.CRITICAL)  # torchrun's own lines: the processes say what happened
    try:
        main(["--standalone", f"--nproc-per-node={count}", "-m", "cnnspec.train", *argv])
    except ChildFailedError as error:
        return max(1, *(int(failure.exitcode) for failure in error.failures.values()))
    except SignalException as error:
        return 128 + int(error.sigval)
    finally:
        logging.disable(logging.NOTSET)
    return 0
