"""The degradation of plain nets, in CPU minutes: plain and residual nets of 20 and 56 layers.

    python benchmarks/degradation_cpu.py DIR [--out DIR] [-o RESULT.json]

DIR holds cifar10-jpeg-train.tar.xz and -test.tar.xz. The paper's claim is about the training error
(He et al. 2015, figure 1): so that it shows in minutes, each net learns the first 50 images of each
class by heart, for 80 epochs, as they are (no crops, no flips), at a rate that all four bear. The
test error on 20 images a class says little and is printed beside it. One JSON line comes out, that
of `cnnspec reproduce degradation`; what was interrupted goes on.
"""

import argparse
import sys
import tarfile
from collections import Counter
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cnnspec.train.reports.__main__ import main  # noqa: E402

SPLITS = {"train": ("train", 50), "test": ("val", 20)}  # of the archives: folder, images a class
FLAGS = ("--batch 32 --steps 1200 --lr 0.03 --at 900,1100 --pad 0 --no-flip --log-every 15 "
         "--eval-every 600 --threads 1").split()  # fmt: skip


def write_first(archive: Path, folder: Path, count: int) -> None:
    """Write the first images of each class of an archive to folders of the classes' names."""
    found: Counter[str] = Counter()
    with tarfile.open(archive) as tar:
        for member in tar:
            name = PurePosixPath(member.name)
            held = tar.extractfile(member) if member.isfile() else None
            if held is None or found[name.parent.name] == count:
                continue
            found[name.parent.name] += 1
            place = folder / name.parent.name
            place.mkdir(parents=True, exist_ok=True)
            (place / name.name).write_bytes(held.read())


def run() -> int:
    """Write the images, train what is not trained yet, and keep the line where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="the folder of the two archives")
    parser.add_argument("--out", type=Path, default=Path("runs/degradation"))
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    images = given.out / "images"
    for split, (name, count) in SPLITS.items():
        if not (images / name).is_dir():
            write_first(given.data / f"cifar10-jpeg-{split}.tar.xz", images / name, count)
    argv = ["reproduce", "degradation", "--modules", str(ROOT / "generated"), "--out"]
    status = main([*argv, str(given.out), "--data", f"folder:{images}", *FLAGS])
    if given.output and status == 0:
        given.output.write_text((given.out / "degradation.json").read_text(), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(run())
