"""Batches from a set that lives whole on the device, as uint8, augmented and normalised there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from cnnspec.train.augment import Draws, Windows, crop_batch, draw
from cnnspec.train.datasets.base import Dataset
from cnnspec.train.feed import WHOLE, Finish, Share, Statistics, blank, check_batch, statistics
from cnnspec.train.geometry import Geometry


class Batches:
    """The training and test images of a run on its device.

    Order and augmentation depend on (seed, epoch) only. The last images of an epoch that fill no
    whole batch are left out of it: every step sees the same batch size, and another order follows.
    """

    def __init__(
        self,
        dataset: Dataset,
        geometry: Geometry,
        batch: int,
        seed: int,
        device: torch.device,
        share: Share = WHOLE,
    ) -> None:
        """Move the set to the device; raise UsageError where a batch is larger than the set."""
        check_batch(dataset.name, batch, len(dataset.train), share)
        self.geometry, self.batch, self.seed, self.device = geometry, batch, seed, device
        self._held, self._count = len(dataset.train), len(dataset.train) * dataset.times
        self.steps_per_epoch = self._count // batch
        self.statistics = statistics(dataset.train.pixels)
        self._share, self.ends_at = share, -1
        self._pixels = padded(dataset.train.pixels, geometry.pad, self.statistics).to(device)
        self._labels = dataset.train.labels.to(device)
        self._test_pixels = centre(dataset.test.pixels, geometry).contiguous().to(device)
        self._test_labels = dataset.test.labels.to(device)
        self._finish = Finish(self.statistics, geometry, device)
        found = torch.bincount(dataset.train.labels, minlength=len(dataset.classes))
        self.class_counts: list[int] = found.tolist()
        self.pixel_mean = mean_image(dataset.train.pixels) if geometry.pixel_mean else None
        self._lay_mean()
        self._epoch = -1
        self._draws: Draws | None = None

    def take(self, step: int) -> tuple[Tensor, Tensor]:
        """Return a step's batch (from 0): float [B, C, H, W], channels last, and labels [B]."""
        epoch, index = divmod(step, self.steps_per_epoch)
        draws = self._draws
        if draws is None or epoch != self._epoch:
            draws = draw(self._count, self.geometry, self.seed, epoch)
            if self._count > self._held:
                draws = replace(draws, order=draws.order % self._held)
            self._epoch, self._draws = epoch, (draws := draws.to(self.device))
        batch = self._share.of(index, self.batch)
        pixels = crop_batch(self._pixels, self.geometry, draws, batch)
        images, labels = self._finish.train(pixels, draws, batch), self._labels[draws.order[batch]]
        if self._mean is not None:
            images.sub_(self._mean.of(draws, batch))
        return images, labels

    def _lay_mean(self) -> None:
        """Lay the mean image, less the means of its channels, on a canvas as the images have it."""
        self._mean: Windows | None = None
        self._test_mean: Tensor | None = None
        if self.pixel_mean is None:
            return
        pad = self.geometry.pad
        canvas = padded(self.pixel_mean[None], pad, self.statistics).to(self.device)
        self._mean = Windows(self._finish.test(canvas)[0], self.geometry.crop)
        inner = canvas[:, pad : canvas.shape[1] - pad, pad : canvas.shape[2] - pad]
        self._test_mean = self._finish.test(centre(inner, self.geometry))

    def test(self, size: int, only: Sequence[int] | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield this process's test images, centre-cropped, in their order, size at a time."""
        pixels, labels = self._test_pixels, self._test_labels
        if only is not None:
            pixels, labels = pixels[list(only)], labels[list(only)]
        for start in self._share.starts(len(labels), size):
            part = slice(start, start + size)
            images = self._finish.test(pixels[part])
            yield images if self._test_mean is None else images - self._test_mean, labels[part]

    def normalise_by(self, finish: Finish, pixel_mean: Tensor | None = None) -> None:
        """Take the means and deviations that weights were trained with."""
        self._finish, self.pixel_mean = finish, pixel_mean
        self._lay_mean()

    def augment_pixels(self, augment: Callable[[Tensor], Tensor]) -> None:
        """Do something to the uint8 [B, C, H, W] of every training batch."""
        self._finish.pixels = augment

    def blank(self) -> tuple[Tensor, Tensor]:
        """Return a batch of nothing, of a step's shape, for a process that has no images for it."""
        return blank(self.geometry, len(self.statistics.mean), self._share, self.batch, self.device)

    def close(self) -> None:
        """Do nothing: there are no workers."""


def mean_image(pixels: Tensor, chunk: int = 4096) -> Tensor:
    """Return the mean of uint8 [N, H, W, C] over the images, [H, W, C] in thousandths."""
    total = torch.zeros(pixels.shape[1:], dtype=torch.int64)
    for part in torch.split(pixels, chunk):
        total += part.sum(0, dtype=torch.int64)
    return (total.double() / len(pixels)).mul_(1000).round_().div_(1000).float()


def padded(pixels: Tensor, pad: int, found: Statistics) -> Tensor:
    """Put a border round [N, H, W, C] in 0..255: black for grey images, the mean pixel for colour.

    The papers pad with zeros after the mean was subtracted, which is the mean pixel; digits and
    clothes stand on black.
    """
    if pad == 0:
        return pixels
    count, height, width, channels = pixels.shape
    border = [round(value * 255) for value in found.mean] if channels == 3 else [0] * channels
    canvas = torch.empty(count, height + 2 * pad, width + 2 * pad, channels, dtype=pixels.dtype)
    canvas[:] = torch.tensor(border, dtype=pixels.dtype)
    canvas[:, pad : pad + height, pad : pad + width] = pixels
    return canvas


def centre(pixels: Tensor, geometry: Geometry) -> Tensor:
    """Cut the middle out of uint8 [N, H, W, C]."""
    height, width = geometry.crop
    top, left = (pixels.shape[1] - height) // 2, (pixels.shape[2] - width) // 2
    return pixels[:, top : top + height, left : left + width]
