"""CIFAR-10-JPEG, decoded once: in the layout of CIFAR's binary files, which load in a second.

All that follows calls it CIFAR-10-JPEG: it is not the published set, and no figure on it is to be
set beside a paper's.
"""

import io
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.gpu_proof.proof import Proof, Report

ARCHIVES = {"train": "cifar10-jpeg-train.tar.xz", "test": "cifar10-jpeg-test.tar.xz"}
FILES = 5  # that the training set is cut into


def run(proof: Proof, report: Report) -> None:
    """Write the six files; without archives there is nothing to do, and noise is trained on."""
    if proof.data is None or not all((proof.data / name).is_file() for name in ARCHIVES.values()):
        report.note("data", "no CIFAR archives given: noise stands in for images")
        return
    folder = proof.out / "cifar-10-batches-bin"
    folder.mkdir(exist_ok=True)
    train = records(proof.data / ARCHIVES["train"])
    order = np.random.default_rng(0).permutation(len(train))
    for number, part in enumerate(np.array_split(train[order], FILES)):
        (folder / f"data_batch_{number + 1}.bin").write_bytes(part.tobytes())
    test = records(proof.data / ARCHIVES["test"])
    (folder / "test_batch.bin").write_bytes(test.tobytes())
    report.note("data", "CIFAR-10-JPEG")
    report.note("images", [len(train), len(test)])


def records(archive: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Return a label byte and 3,072 bytes of pixels an image, channel by channel."""
    found: list[tuple[str, bytes]] = []
    with tarfile.open(archive) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.name.endswith(".jpg") else None
            if content is not None:
                found.append((member.name.split("/")[-2], content.read()))
    names = {name: index for index, name in enumerate(sorted({name for name, _ in found}))}
    rows = np.empty((len(found), 1 + 3 * 32 * 32), np.uint8)
    for row, (name, data) in zip(rows, found, strict=True):
        with Image.open(io.BytesIO(data)) as image:
            pixels = np.asarray(image.convert("RGB").resize((32, 32)))
        row[0], row[1:] = names[name], pixels.transpose(2, 0, 1).reshape(-1)
    return rows
