"""Batches that worker processes decode: trees and shards beyond memory, scale jitter.

What an image becomes is decided here, from (seed, epoch), and handed to the workers with its
number: how many they are, and who decodes what, changes nothing. A GPU gets uint8 on a stream of
its own, one batch ahead, and everything else happens there.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from cnnspec.train.augment import Draws, draw
from cnnspec.train.datasets.sources import BROKEN, Source, Stream
from cnnspec.train.errors import DataError, UsageError, one_line
from cnnspec.train.feed import WHOLE, Finish, Share, blank, check_batch, statistics
from cnnspec.train.geometry import Geometry
from cnnspec.train.window import Pixels, cut, window

SAMPLE = 512  # evenly spaced images that mean and deviation are taken from
MOST_WORKERS = 8

Wanted = tuple[int, Sequence[float] | None, bool]  # image, numbers of its window, mirrored
Decoded = tuple[Tensor, Tensor] | str


class Decoder(TorchDataset[Any]):
    """Cuts one image in a worker; what is wrong with it comes back as text."""

    def __init__(self, source: Source, geometry: Geometry, channels: int) -> None:
        """Take the images of one split."""
        self.source, self.geometry, self.channels = source, geometry, channels

    def __getitem__(self, wanted: Wanted) -> tuple[Pixels, int] | str:
        """Return an image, uint8 [H, W, C], and its label."""
        index, numbers, mirrored = wanted
        try:
            with self.source.open(index) as image:
                box = window(image.size, self.geometry, numbers)
                pixels = cut(image, box, self.geometry.crop, self.channels)
        except UsageError as error:
            return str(error)
        except BROKEN as error:
            return f"{self.source.place(index)} cannot be decoded: {one_line(error)}"
        return (pixels[:, ::-1] if mirrored else pixels), self.source.labels[index]


def collate(items: list[tuple[Pixels, int] | str]) -> Decoded:
    """Stack a batch, or return what is wrong with its first broken image."""
    found = []
    for item in items:
        if isinstance(item, str):
            return item
        found.append(item)
    pixels = torch.from_numpy(np.stack([item[0] for item in found]))
    return pixels, torch.tensor([item[1] for item in found])


class EpochDraws:
    """The random numbers of one epoch after the other; the last one's are kept."""

    def __init__(self, count: int, geometry: Geometry, seed: int) -> None:
        """Draw nothing yet."""
        self._count, self._geometry, self._seed = count, geometry, seed
        self._epoch = -1
        self._draws: Draws | None = None

    def of(self, epoch: int) -> Draws:
        """Return an epoch's numbers."""
        if self._draws is None or epoch != self._epoch:
            self._draws = draw(self._count, self._geometry, self._seed, epoch)
            self._epoch = epoch
        return self._draws


class Order:
    """The images of all steps from one on, up to the run's last; without end behind that."""

    def __init__(self, feed: "Streamed", step: int, draws: EpochDraws) -> None:
        """Begin with a step, from 0."""
        self.feed, self.step, self.draws = feed, step, draws

    def __iter__(self) -> Iterator[list[Wanted]]:
        """Yield a batch's images with the numbers that decide how each is cut."""
        feed, step = self.feed, self.step
        while step != feed.ends_at:
            draws, batch = self.draws.of(step // feed.steps_per_epoch), feed.part(step)
            numbers = None if draws.window is None else draws.window[batch].tolist()
            images, flips = draws.order[batch].tolist(), draws.flip[batch].tolist()
            cuts = numbers or _corners(draws, batch, feed.geometry)
            yield list(zip(images, cuts, flips, strict=True))
            step += 1


def _corners(draws: Draws, batch: slice, geometry: Geometry) -> list[list[float]]:
    """Turn the offsets of a random crop into shares of the room that it has."""
    room = [max(1, geometry.stored[axis] - geometry.crop[axis]) for axis in (0, 1)]
    tops, lefts = draws.top[batch].tolist(), draws.left[batch].tolist()
    return [[0.0, 0.0, top / room[0], left / room[1]]
            for top, left in zip(tops, lefts, strict=True)]  # fmt: skip


class Streamed:
    """The training and test images of a run, decoded by workers while it goes on."""

    def __init__(
        self,
        stream: Stream,
        geometry: Geometry,
        channels: int,
        batch: int,
        seed: int,
        device: torch.device,
        workers: int | None = None,
        share: Share = WHOLE,
    ) -> None:
        """Take mean and deviation from a sample; raise UsageError where images cannot be used."""
        check_batch(stream.name, batch, len(stream.train), share)
        self.geometry, self.batch, self.seed, self.device = geometry, batch, seed, device
        self.steps_per_epoch = len(stream.train) // batch
        self.workers = default_workers() if workers is None else workers
        self._share = share
        self.pixel_mean: Tensor | None = None
        counts = np.bincount(np.asarray(stream.train.labels), minlength=len(stream.classes))
        self.class_counts: list[int] = counts.tolist()
        self._decoders = [Decoder(part, geometry, channels) for part in (stream.train, stream.test)]
        self._count, self._tests = len(stream.train), len(stream.test)
        self.statistics = statistics(self._sample())
        self._finish = Finish(self.statistics, geometry, device)
        self._draws = EpochDraws(self._count, geometry, seed)
        self._sent: tuple[int, Draws] | None = None
        self.ends_at = -1  # the step that is not taken any more
        self._next = -1
        self._batches: Iterator[Decoded] | None = None
        self._staged: tuple[Tensor, Tensor] | None = None
        self._side = side_stream(device)

    def _sample(self) -> Tensor:
        chosen = range(0, self._count, max(1, self._count // SAMPLE))
        found = collate([self._decoders[0][(index, None, False)] for index in chosen])
        if isinstance(found, str):
            raise UsageError(found)
        return found[0]

    def part(self, step: int) -> slice:
        """Return this process's part of a step's batch."""
        return self._share.of(step % self.steps_per_epoch, self.batch)

    def take(self, step: int) -> tuple[Tensor, Tensor]:
        """Return a step's batch; raise DataError where an image of it is broken."""
        if self._batches is None or step != self._next:
            order = Order(self, step, EpochDraws(self._count, self.geometry, self.seed))
            self._batches, self._staged = self._loader(self._decoders[0], order), None
        pixels, labels = self._arrived(self._staged or self._load(self._batches))
        self._staged = None
        if self._side is not None and step + 1 != self.ends_at:
            self._staged = self._load(self._batches)
        self._next = step + 1
        draws = self._on_device(step // self.steps_per_epoch)
        return self._finish.train(pixels, draws, self.part(step)), labels

    def _on_device(self, epoch: int) -> Draws:
        """Return an epoch's numbers on the device, where they are sent once."""
        if self._sent is None or self._sent[0] != epoch:
            self._sent = epoch, self._draws.of(epoch).to(self.device)
        return self._sent[1]

    def _arrived(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Let the computation wait for a batch, and the batch's memory for the computation."""
        if self._side is not None:
            now = torch.cuda.current_stream(self.device)
            now.wait_stream(self._side)
            for tensor in batch:
                tensor.record_stream(now)
        return batch

    def test(self, size: int, only: Sequence[int] | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield this process's test images, centre-cropped, in their order, size at a time."""
        chosen = range(self._tests) if only is None else only
        parts: list[list[Wanted]] = [
            [(index, None, False) for index in chosen[start : start + size]]
            for start in self._share.starts(len(chosen), size)
        ]
        batches = self._loader(self._decoders[1], parts)
        for _ in parts:
            pixels, labels = self._arrived(self._load(batches))
            yield self._finish.test(pixels), labels

    def normalise_by(self, finish: Finish, pixel_mean: Tensor | None = None) -> None:
        """Take the means and deviations that weights were trained with."""
        self._finish = finish

    def augment_pixels(self, augment: Callable[[Tensor], Tensor]) -> None:
        """Do something to the uint8 [B, C, H, W] of every training batch."""
        self._finish.pixels = augment

    def blank(self) -> tuple[Tensor, Tensor]:
        """Return a batch of nothing, of a step's shape, for a process that has no images for it."""
        return blank(self.geometry, len(self.statistics.mean), self._share, self.batch, self.device)

    def close(self) -> None:
        """Let the workers go."""
        self._batches = self._staged = None

    def _loader(self, decoder: Decoder, order: Iterable[list[Wanted]]) -> Iterator[Decoded]:
        """Start the workers; a generator of the loader's own leaves torch's random state alone."""
        loader: DataLoader[Any] = DataLoader(
            decoder,
            batch_sampler=order,
            num_workers=self.workers,
            collate_fn=collate,
            pin_memory=self.device.type == "cuda",
            generator=torch.Generator(),
            worker_init_fn=_leave_signals,
        )
        with held_signals():
            return iter(loader)

    def _load(self, batches: Iterator[Decoded]) -> tuple[Tensor, Tensor]:
        """Wait for the workers, and begin the way to the device."""
        try:
            found = next(batches)
        except RuntimeError as error:
            raise DataError(f"a worker that decodes images died: {one_line(error)}") from error
        if isinstance(found, str):
            raise DataError(f"{found}: put the image right or remove it")
        pixels, labels = found
        if self._side is None:
            return pixels, labels
        with torch.cuda.stream(self._side):
            return (
                pixels.to(self.device, non_blocking=True),
                labels.to(self.device, non_blocking=True),
            )


@contextmanager
def held_signals() -> Iterator[None]:
    """Hold signals back while workers are forked: they keep that until they ignore them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_signals(worker: int) -> None:
    """Leave signals to the run: a whole group gets them, and the last step needs its images."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def side_stream(device: torch.device) -> torch.cuda.Stream | None:
    """Return a stream for copies; the CPU needs none."""
    if device.type != "cuda":
        return None
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


def default_workers() -> int:
    """Return how many processes decode: one core is left to the training itself."""
    return max(1, min(MOST_WORKERS, (os.cpu_count() or 2) - 1))
