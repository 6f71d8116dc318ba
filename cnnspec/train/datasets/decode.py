"""Decoding images into one uint8 tensor: Pillow, a short list of formats, limits on size."""

import io
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image

from cnnspec.train.datasets.base import Dataset, Images, Request, pair
from cnnspec.train.errors import MissingDataError, UsageError, one_line

FORMATS = ("JPEG", "PNG", "BMP", "PPM", "WEBP")
LARGEST_FILE = 64 << 20  # bytes
LARGEST_IMAGE = 64_000_000  # pixels; the largest of ImageNet has 18 million
MEMORY = 12 << 30  # bytes of decoded images held at once

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@dataclass
class Collector:
    """Decoded images of the splits, with their classes and names."""

    name: str
    request: Request
    found: dict[str, list[tuple[str, str, Pixels]]] = field(default_factory=dict)
    sizes: set[tuple[int, int]] = field(default_factory=set)
    held: int = 0

    def add(self, split: str, label: str, name: str, data: bytes) -> None:
        """Decode one image; raise UsageError, naming it, where that fails."""
        pixels = self._decode(data, f"{self.name}: {split}/{label}/{name}")
        self.held += pixels.nbytes
        if self.held > MEMORY:
            raise UsageError(
                f"{self.name} does not fit: more than {MEMORY >> 30} GiB at "
                f"{self.request.size[0]}x{self.request.size[1]}, and images are held in memory"
            )
        self.found.setdefault(split, []).append((label, name, pixels))

    def dataset(self, wanted: str) -> Dataset:
        """Return what was found; val counts as the test set, test where there is no val."""
        train = self.found.get("train", [])
        test = self.found.get("val") or self.found.get("test", [])
        if not train or not test:
            lacks = "training images" if not train else "test images (val/ or test/)"
            raise MissingDataError(f"--data {self.name} has no {lacks}; wanted are {wanted}")
        classes = sorted({label for label, _, _ in train})
        strange = sorted({label for label, _, _ in test} - set(classes))
        if strange:
            raise UsageError(f"{self.name}: the test set has a class {strange[0]} that train lacks")
        return Dataset(
            name=self.name,
            train=_stacked(train, classes),
            test=_stacked(test, classes),
            classes=classes,
            found_sizes=self._found_sizes(),
        )

    def _found_sizes(self) -> str:
        if len(self.sizes) > 1:
            return f"{len(self.sizes):,} sizes"
        ((width, height),) = self.sizes
        return f"{height}x{width}"

    def _decode(self, data: bytes, place: str) -> Pixels:
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                self.sizes.add(image.size)
                if image.width * image.height > LARGEST_IMAGE:
                    raise UsageError(f"{place} has {image.width}x{image.height} pixels: too large")
                mode = "L" if self.request.channels == 1 else "RGB"
                pixels = np.asarray(fitted(image.convert(mode), self.request.size))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise UsageError(f"{place} cannot be decoded: {one_line(error)}") from error
        return pixels.reshape(*self.request.size, self.request.channels)


def fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale an image until it just covers (height, width), and cut the middle out."""
    height, width = size
    if image.size == (width, height):
        return image
    scale = max(height / image.height, width / image.width)
    scaled = (max(width, round(image.width * scale)), max(height, round(image.height * scale)))
    left, top = (scaled[0] - width) // 2, (scaled[1] - height) // 2
    resized = image.resize(scaled, Image.Resampling.BILINEAR)
    return resized.crop((left, top, left + width, top + height))


def _stacked(items: list[tuple[str, str, Pixels]], classes: list[str]) -> Images:
    """Return images in the order of class and name, which a tree and an archive share."""
    number = {label: index for index, label in enumerate(classes)}
    items = sorted(items, key=lambda item: item[:2])
    pixels = torch.from_numpy(np.stack([item[2] for item in items]))
    return pair(pixels, torch.tensor([number[item[0]] for item in items]))
