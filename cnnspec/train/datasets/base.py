"""What a source is asked for and what it returns."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from cnnspec.train.errors import UsageError

MEASURE = "--data synthetic measures the speed"


@dataclass(frozen=True)
class Request:
    """What a source may need to know: where to look, and what the net will be fed."""

    argument: str
    root: Path
    size: tuple[int, int]  # height and width that an image of a tree is stored at
    channels: int
    classes: int
    batch: int
    said_by: str = "--data"  # or "the recipe"
    stream: bool = False  # images are to be cut from the originals, by workers
    schemes: tuple[str, ...] = ()  # of addresses that fsspec may read
    fetch: bool = False  # what is absent may be fetched from its publisher


@dataclass(frozen=True)
class Images:
    """Images as uint8 [N, H, W, C] and labels as int64 [N], both on the CPU."""

    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        """Return the number of images."""
        return self.pixels.shape[0]


@dataclass(frozen=True)
class Augment:
    """What a set usually gets in training: `pad` as a share of the side, mirroring or not."""

    pad: float = 0.0
    flip: bool = False


@dataclass(frozen=True)
class Dataset:
    """A training set and a test set with the same classes."""

    name: str
    train: Images
    test: Images
    classes: list[str]
    augment: Augment = Augment()  # for a recipe that says nothing
    found_sizes: str = ""  # of a tree, whose images were fitted while they were decoded
    times: int = 1  # how often an epoch shows each training image
    note: str = ""  # what the first line should say of its files

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the images."""
        return self.train.pixels.shape[1], self.train.pixels.shape[2]

    @property
    def channels(self) -> int:
        """1 for grey, 3 for colour."""
        return self.train.pixels.shape[3]

    def check(self) -> None:
        """Raise UsageError where images and labels do not match, or a label has no class."""
        for split, images in (("training", self.train), ("test", self.test)):
            if len(images) == 0:
                raise UsageError(f"{self.name} has no {split} images")
            if len(images) != len(images.labels):
                counts = f"{len(images):,} images and {len(images.labels):,} labels"
                raise UsageError(f"{self.name}: {counts} in the {split} set")
            low, high = int(images.labels.min()), int(images.labels.max())
            if low < 0 or high >= len(self.classes):
                wrong = low if low < 0 else high
                line = (
                    f"a {split} label is {wrong}, and labels go from 0 to {len(self.classes) - 1}"
                )
                raise UsageError(f"{self.name}: {line}")


def pair(pixels: Tensor, labels: Tensor) -> Images:
    """Return Images from uint8 [N, H, W, C] and labels of any integer type."""
    return Images(pixels.contiguous(), labels.to(torch.int64))
