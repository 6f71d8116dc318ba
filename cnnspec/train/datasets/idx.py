"""MNIST and Fashion-MNIST as their publishers give them: four idx files, plain or gzipped.

The format: two zero bytes, 8 for unsigned bytes, the number of dimensions, each dimension as a
big-endian 32-bit number, then the bytes (http://yann.lecun.com/exdb/mnist/).

Fashion-MNIST's publisher prints MD5 sums. MNIST's page prints none: the sums here are those that
torchvision keeps, and a file of another sum is read all the same, and said so.
"""

import gzip
import hashlib
import struct
import zlib
from pathlib import Path

import torch
from torch import Tensor

from cnnspec.train.datasets.base import MEASURE, Augment, Dataset, Images, Request, pair
from cnnspec.train.datasets.fetch import fetch
from cnnspec.train.errors import MissingDataError, UsageError

FILES = {"train": "train", "test": "t10k"}
NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
SITES = {
    "mnist": "https://ossci-datasets.s3.amazonaws.com/mnist",
    "fashion-mnist": "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
}
SUMS = {  # MD5 of the gzipped files, in the order of NAMES
    "mnist": (
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    ),
    "fashion-mnist": (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
}
COUNTS = {"train": 60_000, "test": 10_000}
SIDE = 28
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
DEBIAN_SUMS = (  # packed anew by dataset-fashion-mnist 0.0~git20200523.55506a9-1
    "cf8536b0aa1a6ac5fa3f23001093305c",
    "10bea18fdb374794d4bb42e356e600c9",
    "f78720b4224f21cce2f2ccf2d7a94c9a",
    "0d30e22e447f3c33dab9ed536400ac01",
)
LIMIT = 1 << 30  # bytes after decompression; Fashion-MNIST has 47 million
CLOTHES = [
    "t-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "boot",
]


def load_mnist(request: Request) -> Dataset:
    """Return MNIST from mnist/ or MNIST/raw/ below the root."""
    folders = [request.root / "mnist", request.root / "MNIST" / "raw"]
    digits = [str(digit) for digit in range(10)]
    return _load("mnist", folders, digits, Augment(pad=1 / 14), request)


def load_fashion_mnist(request: Request) -> Dataset:
    """Return Fashion-MNIST from below the root, or from Debian's dataset-fashion-mnist."""
    folders = [request.root / "fashion-mnist", request.root / "FashionMNIST" / "raw", DEBIAN]
    return _load("fashion-mnist", folders, CLOTHES, Augment(pad=1 / 14, flip=True), request)


def _load(
    name: str,
    folders: list[Path],
    classes: list[str],
    augment: Augment,
    request: Request,
) -> Dataset:
    if request.fetch and not any(_find(folder, NAMES[0]) for folder in folders):
        for file, md5 in zip(NAMES, SUMS[name], strict=True):
            fetch(f"{SITES[name]}/{file}.gz", folders[0] / f"{file}.gz", md5, LIMIT)
    for folder in folders:
        if _find(folder, NAMES[0]):
            train, test = (_images(folder, split) for split in ("train", "test"))
            return Dataset(name, train, test, classes, augment, note=_note(name, folder))
    raise MissingDataError(
        f"{request.said_by} wants {name}, and there is none under {request.root}/. Put "
        f"train-images-idx3-ubyte.gz and the three files beside it into {folders[0]}/, or add "
        f"--fetch; {MEASURE}."
    )


def _find(folder: Path, name: str) -> Path | None:
    candidates = (folder / name, folder / f"{name}.gz")
    return next((path for path in candidates if path.is_file()), None)


def _images(folder: Path, split: str) -> Images:
    path = _required(folder, f"{FILES[split]}-images-idx3-ubyte")
    pixels = read_idx(path, dimensions=3)
    if tuple(pixels.shape) != (COUNTS[split], SIDE, SIDE):
        shown = "x".join(str(size) for size in pixels.shape)
        published = f"{COUNTS[split]}x{SIDE}x{SIDE}"
        raise UsageError(f"{path} holds {shown} pixels; the published file holds {published}")
    labels = read_idx(_required(folder, f"{FILES[split]}-labels-idx1-ubyte"), dimensions=1)
    return pair(pixels.unsqueeze(3), labels)


def _note(name: str, folder: Path) -> str:
    """Return what to say of gzipped files that are not the published ones byte for byte."""
    packed = [_find(folder, file) for file in NAMES]
    found = {path.name: _md5(path) for path in packed if path and path.suffix == ".gz"}
    other = [file for file, md5 in found.items() if md5 not in (*SUMS[name], *DEBIAN_SUMS)]
    return f"other MD5 than published: {', '.join(other)}" if other else ""


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _required(folder: Path, name: str) -> Path:
    path = _find(folder, name)
    if path is None:
        raise MissingDataError(f"{folder} lacks {name} (or {name}.gz)")
    return path


def read_idx(path: Path, dimensions: int) -> Tensor:
    """Return an idx file of unsigned bytes as uint8; raise UsageError where it is not one."""
    data = _bytes(path)
    start = 4 + 4 * dimensions
    if len(data) < start or data[:4] != bytes([0, 0, 8, dimensions]):
        raise UsageError(f"{path} is no idx file of bytes with {dimensions} dimensions")
    shape = struct.unpack(f">{dimensions}I", data[4:start])
    count = 1
    for size in shape:
        count *= size
    if len(data) - start != count:
        shown = "x".join(str(size) for size in shape)
        raise UsageError(
            f"{path} is damaged: {len(data) - start:,} bytes for {shown}, which is {count:,}"
        )
    return torch.frombuffer(bytearray(data), dtype=torch.uint8, offset=start).reshape(shape)


def _bytes(path: Path) -> bytes:
    try:
        if path.suffix != ".gz":
            return path.read_bytes()
        with gzip.open(path) as file:
            data = file.read(LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    if len(data) > LIMIT:
        raise UsageError(f"{path} holds more than {LIMIT:,} bytes, and no such set does")
    return data
