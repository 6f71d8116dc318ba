"""How many batches a worker keeps ready, and how long a step then waits: one JSON line.

    python benchmarks/train_prefetch.py DIR/imagenet-sample-256.tar [-o RESULT.json]

A device that needs 1.3 times as long for a batch as one worker does is played by sleeping. The
depths take turns, three times each; the figure is the share of the time spent waiting for images.
"""

import argparse
import functools
import json
import tarfile
import time
from pathlib import Path

import torch
from PIL import Image

from cnnspec.train import stream
from cnnspec.train.datasets.sources import Stream, open_image
from cnnspec.train.device import machine
from cnnspec.train.geometry import Geometry

DEPTHS, ROUNDS, STEPS, BATCH, SLOWER = (2, 4, 8), 3, 20, 32, 1.3
GEOMETRY = Geometry((224, 224), (224, 224), 0, True, False, scale=(0.08, 1))


class Encoded:
    """The JPEGs of an archive, of two classes in turn."""

    def __init__(self, archive: Path) -> None:
        with tarfile.open(archive) as tar:
            members = [member for member in tar if member.name.lower().endswith((".jpg", ".jpeg"))]
            self.data = [tar.extractfile(member).read() for member in members]  # type: ignore[union-attr]
        self.labels = [number % 2 for number in range(len(self.data))]

    def __len__(self) -> int:
        return len(self.data)

    def open(self, index: int) -> Image.Image:
        return open_image(self.data[index], self.place(index))

    def place(self, index: int) -> str:
        return f"image {index}"


def streamed(images: Encoded, depth: int) -> stream.Streamed:
    """Return the batches of one worker that keeps so many ready; the first has been taken."""
    stream.DataLoader = functools.partial(torch.utils.data.DataLoader, prefetch_factor=depth)
    source = Stream("sample", images, images, ["a", "b"], True)
    found = stream.Streamed(source, GEOMETRY, 3, BATCH, 0, torch.device("cpu"), workers=1)
    found.take(0)
    return found


def waits(images: Encoded, depth: int, seconds: float) -> float:
    """Return the share of the time, in percent, that steps of so many seconds wait for images."""
    batches, waited, begun = streamed(images, depth), 0.0, time.monotonic()
    for step in range(1, STEPS + 1):
        asked = time.monotonic()
        batches.take(step)
        waited += time.monotonic() - asked
        time.sleep(seconds)
    whole = time.monotonic() - begun
    batches.close()
    return 100 * waited / whole


def run() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("archive", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    images = Encoded(given.archive)
    batches, begun = streamed(images, 2), time.monotonic()
    for step in range(1, 11):
        batches.take(step)
    decoding = (time.monotonic() - begun) / 10
    batches.close()
    shares: dict[int, list[float]] = {depth: [] for depth in DEPTHS}
    for _ in range(ROUNDS):  # in turns: what else the machine does meets all of them
        for depth in DEPTHS:
            shares[depth].append(round(waits(images, depth, SLOWER * decoding), 1))
    line = json.dumps({
        "benchmark": "train_prefetch", "machine": machine(torch.device("cpu")), "batch": BATCH,
        "seconds_of_a_batch": round(decoding, 3), "step_seconds": round(SLOWER * decoding, 3),
        "waits_percent_by_depth": shares,
    })  # fmt: skip
    print(line)
    if given.output:
        given.output.write_text(line + "\n", encoding="utf-8")


if __name__ == "__main__":
    run()
