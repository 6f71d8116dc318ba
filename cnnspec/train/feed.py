"""What resident and streamed batches share: statistics, a process's part, colour and scaling."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from cnnspec.train.augment import Draws, coloured, cut_out
from cnnspec.train.errors import UsageError
from cnnspec.train.geometry import Geometry

STATISTICS_IMAGES = 10_000


@dataclass(frozen=True)
class Statistics:
    """Mean and standard deviation of each channel of the training images, in 0..1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True)
class Share:
    """The part of every batch, and of the test set, that one of several processes takes."""

    rank: int = 0
    count: int = 1

    def of(self, index: int, batch: int) -> slice:
        """Return where this process's part of a batch lies in the order of the epoch."""
        part = batch // self.count
        start = index * batch + self.rank * part
        return slice(start, start + part)

    def starts(self, count: int, size: int) -> range:
        """Return where this process's chunks of the test set begin."""
        return range(self.rank * size, count, self.count * size)


WHOLE = Share()


class Feed(Protocol):
    """The training and test images of a run."""

    geometry: Geometry
    batch: int
    seed: int
    steps_per_epoch: int
    statistics: Statistics
    pixel_mean: Tensor | None  # [H, W, C] in 0..255, where a mean image is subtracted
    class_counts: list[int]  # training images of each class
    ends_at: int  # nothing is read for this step in advance: the run has come to its end

    def take(self, step: int) -> tuple[Tensor, Tensor]:
        """Return this process's part of a step's batch (from 0), on the device."""

    def test(self, size: int, only: Sequence[int] | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield this process's part of the test images, or of some by number, size at a time."""

    def normalise_by(self, finish: "Finish", pixel_mean: Tensor | None = None) -> None:
        """Take other means and deviations: those that weights were trained with."""

    def blank(self) -> tuple[Tensor, Tensor]:
        """Return a batch of nothing, of a step's shape, for a process that has no images for it."""

    def augment_pixels(self, augment: Callable[[Tensor], Tensor]) -> None:
        """Do something to the uint8 [B, C, H, W] of every training batch."""

    def close(self) -> None:
        """Let workers go."""


def blank(
    geometry: Geometry, channels: int, share: Share, batch: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return zeros of this process's part of a batch, float [B, C, H, W], and labels [B]."""
    count = batch // share.count
    images = torch.zeros(count, *geometry.crop, channels, device=device).permute(0, 3, 1, 2)
    return images, torch.zeros(count, dtype=torch.int64, device=device)


def check_batch(name: str, batch: int, count: int, share: Share) -> None:
    """Raise UsageError where a batch is larger than the set, or cannot be shared evenly."""
    if batch > count:
        raise UsageError(
            f"a batch of {batch:,} is larger than the {count:,} training images of {name}: give "
            "--batch"
        )
    if batch % share.count:
        raise UsageError(f"a batch of {batch:,} cannot be shared by {share.count} processes evenly")


def statistics(pixels: Tensor) -> Statistics:
    """Count the values of up to 10,000 evenly spaced images, uint8 [N, H, W, C]; exact in order."""
    sample = pixels[:: max(1, len(pixels) // STATISTICS_IMAGES)].numpy()
    values = np.arange(256) / 255
    mean, std = [], []
    for channel in range(sample.shape[3]):
        counts = sum(np.bincount(image[..., channel].ravel(), minlength=256) for image in sample)
        share = np.asarray(counts) / np.sum(counts)
        mean.append(float(share @ values))
        std.append(float(np.sqrt(share @ (values - mean[-1]) ** 2)) or 1.0)
    return Statistics(tuple(mean), tuple(std))


class Finish:
    """From uint8 [B, H, W, C] on the device to what the net is fed: colour, scale, holes."""

    def __init__(self, found: Statistics, geometry: Geometry, device: torch.device) -> None:
        """Put the statistics on the device."""
        deviation = torch.tensor(found.std)
        self.geometry = geometry
        self._factor = (1 / (255 * deviation)).to(device)
        self._shift = (-torch.tensor(found.mean) / deviation).to(device)
        self._deviation = deviation.to(device)
        self.pixels: Callable[[Tensor], Tensor] | None = None  # what is done to training images

    def test(self, pixels: Tensor) -> Tensor:
        """Return float [B, C, H, W], channels last, of mean 0 and deviation 1."""
        scaled = torch.addcmul(self._shift, pixels.float(), self._factor)
        return scaled.permute(0, 3, 1, 2)

    def train(self, pixels: Tensor, draws: Draws, batch: slice) -> Tensor:
        """The same with the augmentation that is done on the device."""
        if self.pixels is not None:
            pixels = self.pixels(pixels.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        if draws.jitter is None:
            images = self.test(pixels)
        else:
            planes = coloured(pixels.permute(0, 3, 1, 2).float() / 255, draws, batch)
            images = self.test(planes.permute(0, 2, 3, 1) * 255)
        if draws.shade is not None:
            images.add_((draws.shade[batch] / self._deviation)[:, :, None, None])
        return cut_out(images, draws, batch, self.geometry.cutout)
