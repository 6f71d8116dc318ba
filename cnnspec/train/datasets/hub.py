"""Sets of the Hugging Face hub by name, through their own library, `datasets`, where installed.

`hf:NAME` takes the splits train and validation (or test) with one image and one label column. The
network is asked only with --fetch; without it what lies in the library's cache is read.
"""

import os
from collections.abc import Sequence
from typing import Any

from PIL import Image

from cnnspec.train.datasets.base import MEASURE, Dataset, Request
from cnnspec.train.datasets.sources import Stream
from cnnspec.train.errors import MissingDataError, UsageError, one_line

TESTS = ("validation", "val", "test")


class Column:
    """One split: images are decoded by the library when they are asked for."""

    def __init__(self, name: str, split: Any, image: str, label: str) -> None:
        """Take the columns that hold images and labels."""
        self.name, self.split, self.image = name, split, image
        self.labels: Sequence[int] = list(split[label])

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)

    def open(self, index: int) -> Image.Image:
        """Return an image."""
        found = self.split[index][self.image]
        if not isinstance(found, Image.Image):
            raise UsageError(f"{self.place(index)} is no image: {type(found).__name__}")
        return found

    def place(self, index: int) -> str:
        """Return the set's name and the image's number."""
        return f"{self.name}: image {index:,}"


def load_hub(request: Request) -> Dataset | Stream:
    """Load the set that the name after `hf:` says; raise UsageError where it cannot be used."""
    name = f"hf:{request.argument}"
    try:
        if not request.fetch:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read where the library is imported
        import datasets
    except ImportError as error:
        raise UsageError(f"--data {name} needs datasets, which is not installed: "
                         "pip install datasets") from error  # fmt: skip
    try:
        found: Any = datasets.load_dataset(request.argument)
    except Exception as error:  # its own errors, of the network and of files, have many types
        way = "" if request.fetch else "; --fetch asks the hub"
        raise MissingDataError(f"--data {name}: {one_line(error)}{way}; {MEASURE}") from error
    test = next((split for split in TESTS if split in found), None)
    if "train" not in found or test is None:
        raise UsageError(f"--data {name} has no train with {', '.join(TESTS)}: {list(found)}")
    image, label = _columns(name, found["train"])
    parts = [Column(name, found[split], image, label) for split in ("train", test)]
    return Stream(name, parts[0], parts[1], _classes(found["train"], label, parts))


def _columns(name: str, split: Any) -> tuple[str, str]:
    """Return the names of the image and the label column."""
    kinds = {key: type(feature).__name__ for key, feature in split.features.items()}
    images = [key for key, kind in kinds.items() if kind == "Image"]
    labels = [key for key, kind in kinds.items() if kind == "ClassLabel"]
    if len(images) != 1 or not labels:
        raise UsageError(f"--data {name}: one image and one class column are wanted: {kinds}")
    return images[0], labels[0]


def _classes(split: Any, label: str, parts: Sequence[Column]) -> list[str]:
    names = [str(name) for name in split.features[label].names]
    for part in parts:
        if min(part.labels) < 0 or max(part.labels) >= len(names):
            raise UsageError(f"{part.name}: a label has no class (from 0 to {len(names) - 1})")
    return names
