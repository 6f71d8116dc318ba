"""CUDA mapped to the CPU: every line of the CUDA path runs, and nothing is shown of its numbers.

Tensors that are asked for on "cuda" come to lie on the CPU; streams, graphs and counters answer as
a card would. A graph is replayed by calling what was captured. While one is captured, asking a
tensor for its value raises, as on a card.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import torch
from torch.overrides import TorchFunctionMode

import cnnspec.train.session
import cnnspec.train.stream
from cnnspec.train import graph
from cnnspec.train.datasets import cifar
from cnnspec.train.scorer import Scorer

ASKS = ("item", "__float__", "__int__", "__bool__", "tolist")
NAME = "no card: a rehearsal on a CPU"
SMALL = replace(cifar.CIFAR10, train_records=20, test_records=50)  # what a rehearsal is given


def _mapped(value: Any) -> Any:
    if isinstance(value, torch.device) and value.type == "cuda":
        return torch.device("cpu")
    return "cpu" if isinstance(value, str) and value.startswith("cuda") else value


class Mapped(TorchFunctionMode):
    """Puts on the CPU what is asked for on a card."""

    def __init__(self, card: "Card") -> None:
        super().__init__()
        self.card = card

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs, name = kwargs or {}, getattr(function, "__name__", "")
        if function is torch.device:
            return function(*args, **kwargs)
        if name in ASKS and self.card.capturing:
            raise RuntimeError("CUDA error: operation not permitted when stream is capturing")
        wanted = [*args, *kwargs.values()]
        if self.card.full and any(_mapped(item) is not item for item in wanted):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate (rehearsed)")
        if name == "cuda":
            return args[0].clone()
        moved = {key: _mapped(item) for key, item in kwargs.items()}
        return function(*(_mapped(item) for item in args), **moved)


class Stream:
    """Answers as a stream does."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def wait_stream(self, other: "Stream") -> None:
        pass

    def synchronize(self) -> None:
        pass


class Event:
    """A point in time on a stream."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def record(self, *_: Any) -> None:
        pass

    def elapsed_time(self, other: "Event") -> float:
        return 1.0


class Generator:
    """The generator of a card, as far as a failed capture needs it."""

    def clone_state(self) -> "Generator":
        return self

    def graphsafe_set_state(self, state: "Generator") -> None:
        pass


class Graph:
    """A graph: what is captured is said to it, and replayed by being called."""

    body: Callable[[], None] | None = None

    def replay(self) -> None:
        if self.body is not None:
            self.body()

    def reset(self) -> None:
        self.body = None


class Card:
    """The state of the card that is not there."""

    def __init__(self) -> None:
        self.capturing = self.full = False
        self.current = Stream()

    @contextmanager
    def graph(self, made: Graph, **_: Any) -> Iterator[None]:
        self.capturing = True
        try:
            yield
        finally:
            self.capturing = False

    @contextmanager
    def stream(self, stream: Stream) -> Iterator[None]:
        yield

    def fraction(self, share: float, *_: Any) -> None:
        self.full = share < 1.0


def _captured(real: Callable[..., Any]) -> Callable[..., Any]:
    """Give a graph what it replays: the mocked one cannot know what ran inside it."""

    def capture(step: Callable[[], None]) -> Callable[[], None]:
        real(step)
        return step

    return capture


class Autocast(torch.autocast):
    """autocast("cuda") is the CPU's."""

    def __init__(self, kind: str, *args: Any, **more: Any) -> None:
        super().__init__("cpu" if kind == "cuda" else kind, *args, **more)


class Loader(torch.utils.data.DataLoader):  # type: ignore[type-arg]
    """A loader that pins nothing."""

    def __init__(self, *args: Any, **more: Any) -> None:
        more["pin_memory"] = False
        super().__init__(*args, **more)


def replaced(card: Card) -> dict[str, object]:
    """Return what stands in torch.cuda's places."""
    return {
        "is_available": lambda: True, "device_count": lambda: 1, "current_device": lambda: 0,
        "set_device": lambda *_: None, "synchronize": lambda *_: None, "Stream": Stream,
        "Event": Event, "current_stream": lambda *_: card.current,
        "default_stream": lambda *_: card.current, "stream": card.stream,
        "set_stream": lambda *_: None, "get_device_name": lambda *_: NAME,
        "get_device_properties": lambda *_: mock.Mock(total_memory=1 << 30, name=NAME),
        "memory_reserved": lambda *_: 1, "memory_allocated": lambda *_: 1,
        "max_memory_allocated": lambda *_: 1, "reset_peak_memory_stats": lambda *_: None,
        "get_rng_state": lambda *_: torch.get_rng_state(),
        "set_rng_state": lambda state, *_: torch.set_rng_state(state),
        "set_sync_debug_mode": lambda *_: None, "empty_cache": lambda: None,
        "set_per_process_memory_fraction": card.fraction, "default_generators": (Generator(),),
        "graph_pool_handle": lambda: (0, 1), "CUDAGraph": Graph, "graph": card.graph,
    }  # fmt: skip


@contextmanager
def mocked_cuda() -> Iterator[None]:
    """Let this process see a card that is not there."""
    card = Card()
    with ExitStack() as held:
        for name, value in replaced(card).items():
            held.enter_context(mock.patch.object(torch.cuda, name, value))
        for name in ("_cuda_endAllocateToPool", "_cuda_releasePool"):
            held.enter_context(mock.patch.object(torch._C, name, lambda *_: None, create=True))
        held.enter_context(mock.patch.object(torch.Tensor, "pin_memory", lambda self: self))
        held.enter_context(mock.patch.object(torch.Tensor, "record_stream", lambda *_: None))
        held.enter_context(mock.patch.object(torch, "autocast", Autocast))
        held.enter_context(mock.patch.object(torch, "compile", lambda found, **_: found))
        held.enter_context(mock.patch.object(cnnspec.train.stream, "DataLoader", Loader))
        held.enter_context(mock.patch.object(cifar, "CIFAR10", SMALL))
        defaults = (_captured(graph.on_gpu),)
        held.enter_context(mock.patch.object(Scorer.__init__, "__defaults__", defaults))
        held.enter_context(mock.patch.object(graph.Graphed.__init__, "__defaults__", defaults))
        held.enter_context(Mapped(card))
        yield
