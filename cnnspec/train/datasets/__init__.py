"""Where images come from: one file a source, found by name in a recipe or after `--data` (T1, M8).

A source returns the whole set as uint8 tensors in memory, or an index of images that workers
decode, with sizes, label range and class count checked before the first step. Adding one touches
its file and the table below.
"""

from collections.abc import Callable

from cnnspec.train.datasets.base import Dataset, Request
from cnnspec.train.datasets.cifar import load_cifar10, load_cifar100
from cnnspec.train.datasets.digits import load_digits
from cnnspec.train.datasets.hub import load_hub
from cnnspec.train.datasets.idx import load_fashion_mnist, load_mnist
from cnnspec.train.datasets.shards import load_shards
from cnnspec.train.datasets.sources import Arrays, Stream
from cnnspec.train.datasets.synthetic import load_synthetic
from cnnspec.train.datasets.trees import load_folder, load_imagenet, load_tar
from cnnspec.train.errors import UsageError, unknown

SOURCES: dict[str, Callable[[Request], Dataset | Stream]] = {
    "digits": load_digits,
    "mnist": load_mnist,
    "fashion-mnist": load_fashion_mnist,
    "cifar10": load_cifar10,
    "cifar100": load_cifar100,
    "imagenet": load_imagenet,
    "folder": load_folder,
    "tar": load_tar,
    "wds": load_shards,
    "hf": load_hub,
    "synthetic": load_synthetic,
}
NEEDS_PATH = ("folder", "tar", "wds", "hf")


def split_name(text: str) -> tuple[str, str]:
    """Return the source's name and what follows the colon, '' where nothing does.

    Raises UsageError for a name that is no source, and for `folder` without its path.
    """
    name, _, argument = text.partition(":")
    if name not in SOURCES:
        raise UsageError(f"--data {text}: {unknown('data set', name, SOURCES)}")
    if name in NEEDS_PATH and not argument:
        raise UsageError(f"--data {text}: write --data {name}:PATH")
    if argument and name not in (*NEEDS_PATH, "digits"):
        raise UsageError(f"--data {text}: {name} takes nothing after a colon")
    return name, argument


def load_data(text: str, request: Request) -> Dataset | Stream:
    """Read the data set that text names, and check its labels."""
    name, _ = split_name(text)
    found = SOURCES[name](request)
    if isinstance(found, Stream):
        return found
    found.check()
    if not request.stream:
        return found
    if found.channels > request.channels:
        raise UsageError(
            f"{found.name} has {found.channels} channels and the net takes {request.channels}"
        )
    train, test = (Arrays(found.name, images) for images in (found.train, found.test))
    return Stream(found.name, train, test, found.classes, found.augment)


__all__ = ["SOURCES", "Dataset", "Request", "Stream", "load_data", "split_name"]
