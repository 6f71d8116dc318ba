"""Decoding for workers, by every decoder that is installed: one JSON line.

    python benchmarks/train_decode.py DIR/imagenet-sample-256.tar [-o RESULT.json]

The images of an archive are cut to 224x224 as training cuts them, once with scale jitter and once
with random-resized crops, by a second of processor time of one process; the best of four rounds
counts.
"""

import argparse
import json
import tarfile
import time
from pathlib import Path

import numpy as np
import torch

from cnnspec.train.augment import draw
from cnnspec.train.datasets import decoders
from cnnspec.train.datasets.sources import open_image
from cnnspec.train.device import machine
from cnnspec.train.geometry import Geometry
from cnnspec.train.window import cut, window

ROUNDS = 4
RECIPES = {
    "scale jitter [256, 480]": Geometry((256, 256), (224, 224), 0, True, False, scale=(256, 480)),
    "random-resized [0.08, 1]": Geometry((224, 224), (224, 224), 0, True, False, scale=(0.08, 1)),
}


def images_a_second(encoded: list[bytes], geometry: Geometry) -> tuple[float, int]:
    """Return the speed, and the sum of all pixels: equal pixels have equal sums."""
    numbers = draw(len(encoded), geometry, 0, 0).window
    assert numbers is not None
    total, begun = 0, time.process_time()
    for data, row in zip(encoded, numbers.tolist(), strict=True):
        with open_image(data, "image") as image:
            pixels = cut(image, window(image.size, geometry, row), geometry.crop, 3)
        total += int(np.sum(pixels, dtype=np.int64))
    return len(encoded) / (time.process_time() - begun), total


def run() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("archive", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    with tarfile.open(given.archive) as tar:
        members = [member for member in tar if member.name.lower().endswith((".jpg", ".jpeg"))]
        encoded = [tar.extractfile(member).read() for member in members]  # type: ignore[union-attr]
    known = dict(decoders.CANDIDATES)
    speeds: dict[str, dict[str, int]] = {}
    sums: dict[str, set[int]] = {recipe: set() for recipe in RECIPES}
    for _ in range(ROUNDS):  # in turns: what else the machine does meets all of them
        for name in ("Pillow", *known):
            decoders.CANDIDATES = {name: known[name]} if name in known else {}
            decoders.chosen.cache_clear()
            if decoders.decoder_name() != name:
                continue
            best = speeds.setdefault(name, dict.fromkeys(RECIPES, 0))
            for recipe, geometry in RECIPES.items():
                speed, total = images_a_second(encoded, geometry)
                best[recipe] = max(best[recipe], round(speed))
                sums[recipe].add(total)
    line = json.dumps({
        "benchmark": "train_decode", "images": len(encoded), "cut_to": 224,
        "machine": machine(torch.device("cpu")), "images_per_cpu_second": speeds,
        "equal_pixels": all(len(found) == 1 for found in sums.values()),
    })  # fmt: skip
    print(line)
    if given.output:
        given.output.write_text(line + "\n", encoding="utf-8")


if __name__ == "__main__":
    run()
