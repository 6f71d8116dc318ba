"""The whole training step as one CUDA graph, where shapes do not change (T5).

CIFAR nets at batch 128 wait for launches, not for arithmetic. The warm-up that a capture needs is
undone: weights, optimizer, running statistics and random states are those from before it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import torch
from torch import Tensor

from cnnspec.train.step import Step

WARM_UP = 3  # steps; cuDNN chooses its algorithms in the first

Capture = Callable[[Callable[[], None]], Callable[[], None]]


def on_gpu(step: Callable[[], None]) -> Callable[[], None]:
    """Capture a function of no arguments and return what replays it; raise RuntimeError if not."""
    graph = torch.cuda.CUDAGraph()
    before, pool = torch.cuda.current_stream(), torch.cuda.graph_pool_handle()
    torch.cuda.synchronize()
    try:
        # thread_local: the thread that pins the workers' batches goes on meanwhile
        with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
            step()
    except BaseException:
        end_capture(before, pool)
        raise
    return graph.replay


def end_capture(before: torch.cuda.Stream, pool: tuple[int, int]) -> None:
    """Do what torch leaves undone where a capture fails.

    `CUDAGraph.capture_end` finds the capture invalid before it tells the allocator that it is over,
    and `torch.cuda.graph` leaves its stream current: `empty_cache()` would then assert that a
    capture is under way, and blocks used on other streams would never be free again.
    """
    device = torch.cuda.current_device()
    for end in (torch._C._cuda_endAllocateToPool, torch._C._cuda_releasePool):
        with suppress(RuntimeError):  # where it failed before the allocator was told
            end(device, pool)
    torch.cuda.set_stream(before)


def release_generator(device: torch.device) -> None:
    """Take the random generator out of a capture that failed: it would refuse to give numbers."""
    torch.cuda.synchronize(device)
    generator = torch.cuda.default_generators[device.index or torch.cuda.current_device()]
    generator.graphsafe_set_state(generator.clone_state())


class Graphed:
    """A step whose inputs lie at fixed places, warmed up and captured."""

    def __init__(
        self, step: Step, images: Tensor, labels: Tensor, capture: Capture = on_gpu
    ) -> None:
        """Warm up on a batch, undo it, and capture; raise RuntimeError where that fails."""
        self._images, self._labels = images.clone(), labels.clone()
        kept = Snapshot(step)
        try:
            with aside(step.compute.device):
                for _ in range(WARM_UP):
                    step.run(self._images, self._labels)
            kept.put_back()
            self._replay = capture(lambda: step.run(self._images, self._labels))
        finally:
            kept.put_back()

    def run(self, images: Tensor, labels: Tensor) -> None:
        """Take a step."""
        self._images.copy_(images)
        self._labels.copy_(labels)
        self._replay()


class Snapshot:
    """All that a step changes, copied on the device."""

    def __init__(self, step: Step) -> None:
        """Copy tensors and random states."""
        self._step = step
        self._live = _tensors(step)
        self._copies = [tensor.detach().clone() for tensor in self._live]
        self._device = step.compute.device
        self._random = torch.get_rng_state()
        self._random_gpu = _gpu_state(self._device)

    @torch.no_grad()
    def put_back(self) -> None:
        """Put everything back where it was, in place; gradients are dropped."""
        for tensor, copy in zip(self._live, self._copies, strict=True):
            tensor.copy_(copy)
        self._step.optimizer.zero_grad(set_to_none=True)
        torch.set_rng_state(self._random)
        if self._random_gpu is not None:
            torch.cuda.synchronize(self._device)
            torch.cuda.set_rng_state(self._random_gpu, self._device)


def _tensors(step: Step) -> list[Tensor]:
    found: list[Tensor] = [*step.model.parameters(), *step.buffers.tensors()]
    for entry in step.optimizer.state.values():
        found += [value for value in entry.values() if isinstance(value, Tensor)]
    found += step.average.tensors if step.average is not None else []
    return [*found, step.meter, step.bad, step.stopped]


def _gpu_state(device: torch.device) -> Tensor | None:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else None


@contextmanager
def aside(device: torch.device) -> Iterator[None]:
    """Run a warm-up on a side stream; what follows waits for it."""
    if device.type != "cuda":
        yield
        return
    side = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(side):
        yield
    torch.cuda.current_stream(device).wait_stream(side)
