"""From an index of encoded images to a set: decoded into memory, or left for the workers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image

from cnnspec.train.datasets.base import Dataset, Images, Request, pair
from cnnspec.train.datasets.decoders import opened_as
from cnnspec.train.datasets.encoded import Entry, read_encoded
from cnnspec.train.datasets.sources import BROKEN, Encodings, Stream, open_image
from cnnspec.train.errors import MissingDataError, UsageError, one_line, shorten

MEMORY = 12 << 30  # bytes of decoded images held at once; larger sets are decoded by workers

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@dataclass
class Collector:
    """The images of the splits, with their classes and names; none is decoded yet."""

    name: str
    request: Request
    found: dict[str, list[Entry]] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)  # folders of train/, with images or without

    def add(self, entry: Entry) -> None:
        """Take one image."""
        self.found.setdefault(entry.split, []).append(entry)

    def dataset(self, wanted: str) -> Dataset | Stream:
        """Return what was found; val counts as the test set, test where there is no val."""
        train = self.found.get("train", [])
        test = self.found.get("val") or self.found.get("test", [])
        if not train or not test:
            lacks = "training images" if not train else "test images (val/ or test/)"
            raise MissingDataError(f"--data {self.name} has no {lacks}; wanted are {wanted}")
        classes = sorted({entry.label for entry in train})
        empty = sorted(set(self.classes) - set(classes))
        if empty:
            raise UsageError(
                f"--data {self.name}: no image lies in train/{empty[0]}: put some there, or remove "
                "the folder"
            )
        strange = sorted({entry.label for entry in test} - set(classes))
        if strange:
            raise UsageError(f"{self.name}: the test set has a class {strange[0]} that train lacks")
        lacking = sorted(set(classes) - {entry.label for entry in test})
        note = f"no test image of {shorten(lacking)}" if lacking else ""
        number = {label: index for index, label in enumerate(classes)}
        parts = [_source(self.name, entries, number) for entries in (train, test)]
        if self.request.stream or self._bytes(len(train) + len(test)) > MEMORY:
            return Stream(self.name, parts[0], parts[1], classes, note=note)
        sizes: set[tuple[int, int]] = set()
        held = [_decoded(part, self.request, sizes) for part in parts]
        return Dataset(self.name, held[0], held[1], classes, found_sizes=_shown(sizes), note=note)

    def _bytes(self, count: int) -> int:
        height, width = self.request.size
        return count * height * width * self.request.channels


def _source(name: str, entries: list[Entry], number: dict[str, int]) -> Encodings:
    """Put images in the order of class and name, which a tree and an archive share."""
    ordered = sorted(entries, key=lambda entry: (entry.label, entry.name))
    return Encodings(name, ordered, [number[entry.label] for entry in ordered])


def _shown(sizes: set[tuple[int, int]]) -> str:
    if len(sizes) > 1:
        return f"{len(sizes):,} sizes"
    ((width, height),) = sizes
    return f"{height}x{width}"


def _decoded(source: Encodings, request: Request, sizes: set[tuple[int, int]]) -> Images:
    images = [_decode(source, index, request, sizes) for index in range(len(source))]
    return pair(torch.from_numpy(np.stack(images)), torch.tensor(_list(source.labels)))


def _list(labels: Sequence[int]) -> list[int]:
    return list(labels)


def _decode(source: Encodings, index: int, request: Request, sizes: set[tuple[int, int]]) -> Pixels:
    place = source.place(index)
    try:
        with open_image(read_encoded(source.entries[index].where), place) as image:
            sizes.add(image.size)
            mode = "L" if request.channels == 1 else "RGB"
            pixels = np.asarray(fitted(opened_as(image, mode, None), request.size))
    except BROKEN as error:
        raise UsageError(f"{place} cannot be decoded: {one_line(error)}") from error
    return pixels.reshape(*request.size, request.channels)


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
