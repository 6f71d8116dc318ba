"""CIFAR-10 and CIFAR-100 from the published binary files, never from the Python pickles.

A record is one label byte (two for CIFAR-100, coarse and fine) and 3,072 bytes of pixels, channel
by channel. Either the publisher's archive or its unpacked folder is taken; the archive's MD5 is
the one that https://www.cs.toronto.edu/~kriz/cifar.html prints.
"""

import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

import torch

from cnnspec.train.datasets.base import MEASURE, Augment, Dataset, Images, Request, pair
from cnnspec.train.datasets.fetch import fetch
from cnnspec.train.errors import MissingDataError, UsageError

PIXELS = 3 * 32 * 32
CIFAR10_CLASSES = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
]
AUGMENT = Augment(pad=1 / 8, flip=True)  # 4 of 32 pixels: He et al. 2015, section 4.2


@dataclass(frozen=True)
class Layout:
    """One published set: its archive, its files and what each holds."""

    name: str
    archive: str
    md5: str
    folder: str
    train: tuple[str, ...]
    test: str
    train_records: int  # in one file
    test_records: int
    label_bytes: int
    classes: int
    site: str = "https://www.cs.toronto.edu/~kriz"


CIFAR10 = Layout(
    name="cifar10",
    archive="cifar-10-binary.tar.gz",
    md5="c32a1d4ab5d03f1284b67883e8d87530",
    folder="cifar-10-batches-bin",
    train=tuple(f"data_batch_{index}.bin" for index in range(1, 6)),
    test="test_batch.bin",
    train_records=10_000,
    test_records=10_000,
    label_bytes=1,
    classes=10,
)
CIFAR100 = Layout(
    name="cifar100",
    archive="cifar-100-binary.tar.gz",
    md5="03b5dce01913d631647c71ecec9e9cb8",
    folder="cifar-100-binary",
    train=("train.bin",),
    test="test.bin",
    train_records=50_000,
    test_records=10_000,
    label_bytes=2,
    classes=100,
)


def load_cifar10(request: Request) -> Dataset:
    """Return CIFAR-10 from cifar-10-batches-bin/ or cifar-10-binary.tar.gz under the root."""
    return load(CIFAR10, request, CIFAR10_CLASSES)


def load_cifar100(request: Request) -> Dataset:
    """Return CIFAR-100, fine labels, from cifar-100-binary/ or its archive under the root."""
    return load(CIFAR100, request, [str(index) for index in range(100)])


def load(layout: Layout, request: Request, classes: list[str]) -> Dataset:
    """Read the files of a layout; raise MissingDataError where there are none."""
    files = _files(layout, request)
    train = torch.cat([_records(layout, name, files[name], layout.train_records)
                       for name in layout.train])  # fmt: skip
    test = _records(layout, layout.test, files[layout.test], layout.test_records)
    dataset = Dataset(layout.name, _split(layout, train), _split(layout, test), classes, AUGMENT)
    dataset.check()
    _check_balance(dataset)
    return dataset


def _files(layout: Layout, request: Request) -> dict[str, bytes]:
    names = (*layout.train, layout.test)
    for folder in (request.root / layout.folder, request.root / layout.name / layout.folder):
        if folder.is_dir():
            return {name: _read(folder / name) for name in names}
    for archive in (request.root / layout.archive, request.root / layout.name / layout.archive):
        if archive.is_file():
            return _unpacked(layout, archive, names)
    if request.fetch:
        url = f"{layout.site}/{layout.archive}"
        return _unpacked(layout, fetch(url, request.root / layout.archive, layout.md5), names)
    text = (
        f"{request.said_by} wants {layout.name}, and there is none under {request.root}/. Put "
        f"{layout.archive} from {layout.site}/cifar.html there or add --fetch, or name images "
        f"with --data folder:PATH or tar:PATH; {MEASURE}."
    )
    if any(request.root.glob(f"**/{layout.folder.replace('-bin', '-py')}")):
        text += " The Python version that lies there is pickles, which are not read."
    raise MissingDataError(text)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MissingDataError(f"cannot read {path}: {error.strerror}") from error


def _unpacked(layout: Layout, archive: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    data = _read(archive)
    found = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if found != layout.md5:
        raise UsageError(f"{archive} is damaged: its MD5 is {found}, the publisher's {layout.md5}")
    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            name = member.name.rpartition("/")[2]
            content = tar.extractfile(member) if member.isfile() and name in names else None
            if content is not None:
                files[name] = content.read()
    return files


def _records(layout: Layout, name: str, data: bytes, count: int) -> torch.Tensor:
    """Return the records of one file, uint8 [count, label bytes + 3072]."""
    record = layout.label_bytes + PIXELS
    if len(data) != count * record:
        expected = f"{count * record:,} ({count:,} records of {record:,})"
        raise UsageError(f"{layout.name}: {name} has {len(data):,} bytes instead of {expected}")
    return torch.frombuffer(bytearray(data), dtype=torch.uint8).reshape(count, record)


def _split(layout: Layout, records: torch.Tensor) -> Images:
    labels = records[:, layout.label_bytes - 1]
    pixels = records[:, layout.label_bytes :].reshape(-1, 3, 32, 32)
    return pair(pixels.permute(0, 2, 3, 1), labels)


def _check_balance(dataset: Dataset) -> None:
    """Both sets hold every class equally often; a shifted or cut file does not."""
    for split, images in (("training", dataset.train), ("test", dataset.test)):
        counts = torch.bincount(images.labels, minlength=len(dataset.classes))
        if int(counts.min()) != int(counts.max()):
            spread = f"{int(counts.min()):,} to {int(counts.max()):,} images a class"
            raise UsageError(
                f"{dataset.name}: the {split} set has {spread}; the published one has equal classes"
            )
