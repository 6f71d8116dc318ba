"""Mixup, cutmix, RandAugment and random erasing: torchvision's own, where it is installed.

Nothing of them is copied here. Their random numbers are drawn on the CPU under a seed of (seed,
step, process), so that a run that goes on draws what it would have drawn.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from cnnspec.train.errors import UsageError, one_line
from cnnspec.train.feed import Feed, Finish
from cnnspec.train.recipe import TransformsRecipe


def library() -> Any:
    """Return torchvision.transforms.v2; raise UsageError where it is not there."""
    try:
        from torchvision.transforms import v2
    except (ImportError, RuntimeError) as error:
        raise UsageError(
            "mixup, cutmix, randaugment and erase are torchvision's, which is not installed or "
            f"does not load ({one_line(error)}): pip install torchvision"
        ) from error
    return v2


class Transformed:
    """A feed whose training batches are transformed; all else is the feed's."""

    def __init__(self, feed: Feed, recipe: TransformsRecipe, classes: int, rank: int) -> None:
        """Make the transforms; those of pixels come before colours are scaled."""
        self._feed, self._rank, made = feed, rank, library()
        self._mixes = [
            make(alpha=alpha, num_classes=classes)
            for make, alpha in ((made.MixUp, recipe.mixup), (made.CutMix, recipe.cutmix)) if alpha
        ]  # fmt: skip
        self._erase = made.RandomErasing(p=recipe.erase, value=0) if recipe.erase else None
        if recipe.randaugment:
            feed.augment_pixels(_each(made.RandAugment(magnitude=recipe.randaugment)))

    def __getattr__(self, name: str) -> Any:
        """Give what the feed has."""
        return getattr(self._feed, name)

    def __setattr__(self, name: str, value: object) -> None:
        """Keep what is this class's, and hand the rest on."""
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            setattr(self._feed, name, value)

    def take(self, step: int) -> tuple[Tensor, Tensor]:
        """Return a step's batch; where images are mixed, labels are shares, float [B, classes]."""
        text = f"{self._feed.seed}/{step}/{self._rank}"
        digest = hashlib.sha256(text.encode()).digest()
        with torch.random.fork_rng(devices=[]):  # dropout's numbers on a GPU go on as they were
            torch.default_generator.manual_seed(int.from_bytes(digest[:7]))
            images, labels = self._feed.take(step)
            if self._erase is not None:
                images = _each(self._erase)(images)
            if self._mixes:
                chosen = self._mixes[int(torch.randint(len(self._mixes), ()))]
                images, labels = chosen(images, labels)
        return images.contiguous(memory_format=torch.channels_last), labels

    def test(self, size: int, only: Sequence[int] | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the test images as they are."""
        return self._feed.test(size, only)

    def blank(self) -> tuple[Tensor, Tensor]:
        """Return a batch of nothing."""
        return self._feed.blank()

    def close(self) -> None:
        """Let the feed go."""
        self._feed.close()

    def normalise_by(self, finish: Finish, pixel_mean: Tensor | None = None) -> None:
        """Hand other means on."""
        self._feed.normalise_by(finish, pixel_mean)


def _each(transform: Any) -> Callable[[Tensor], Tensor]:
    """Apply a transform to each image by itself: a batch would get one draw for all."""

    def apply(images: Tensor) -> Tensor:
        return torch.stack([transform(image) for image in images])

    return apply
