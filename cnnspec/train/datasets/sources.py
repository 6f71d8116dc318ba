"""Sets that are decoded an image at a time, by workers: trees beyond memory, and scale jitter."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image, UnidentifiedImageError
from torch import Tensor

from cnnspec.train.datasets.base import Augment, Images
from cnnspec.train.datasets.encoded import Entry, read_encoded
from cnnspec.train.errors import UsageError, one_line

FORMATS = ("JPEG", "PNG", "BMP", "PPM", "WEBP")
KINDS = "JPEG, PNG, BMP, PPM or WebP"
LARGEST_IMAGE = 64_000_000  # pixels; the largest of ImageNet has 18 million
BROKEN = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


class Source(Protocol):
    """Images by number, and their labels."""

    @property
    def labels(self) -> Sequence[int]:
        """The class of every image."""

    def __len__(self) -> int:
        """Return the number of images."""

    def open(self, index: int) -> Image.Image:
        """Return an image whose size is known and whose pixels are not decoded yet."""

    def place(self, index: int) -> str:
        """Return what an error calls the image."""


@dataclass(frozen=True)
class Encodings:
    """The images of one split of a tree, in the order of class and file name."""

    name: str
    entries: Sequence[Entry]
    labels: Sequence[int]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.entries)

    def open(self, index: int) -> Image.Image:
        """Read an image's header; raise UsageError, naming it, where that fails."""
        entry = self.entries[index]
        try:
            return open_image(read_encoded(entry.where), self.place(index))
        except OSError as error:
            raise UsageError(f"{self.place(index)} cannot be read: {one_line(error)}") from error

    def place(self, index: int) -> str:
        """Return the set's name and the place of the image in it."""
        return f"{self.name}: {self.entries[index].place}"


class Arrays:
    """Images that are held in memory, handed out as Pillow's."""

    def __init__(self, name: str, images: Images) -> None:
        """Take uint8 [N, H, W, C]."""
        self.name, self.pixels = name, images.pixels
        self.labels: Sequence[int] = images.labels.tolist()

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)

    def open(self, index: int) -> Image.Image:
        """Return an image."""
        pixels: Tensor = self.pixels[index]
        return Image.fromarray(pixels.squeeze(2).numpy())

    def place(self, index: int) -> str:
        """Return the set's name and the image's number."""
        return f"{self.name}: image {index:,}"


@dataclass(frozen=True)
class Stream:
    """A training set and a test set that are decoded while they are used."""

    name: str
    train: Source
    test: Source
    classes: list[str]
    augment: Augment = field(default_factory=Augment)
    note: str = ""  # what the first line should say of its images


def open_image(data: bytes, place: str) -> Image.Image:
    """Open encoded bytes; raise UsageError, naming the place, where they are no image."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UsageError(f"{place} cannot be decoded: it is no {KINDS} image") from error
    except BROKEN as error:
        raise UsageError(f"{place} cannot be decoded: {one_line(error)}") from error
    if image.width * image.height > LARGEST_IMAGE:
        raise UsageError(f"{place} has {image.width}x{image.height} pixels: too large")
    return image
