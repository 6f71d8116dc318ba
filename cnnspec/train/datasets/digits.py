"""The 1,797 handwritten digits, 8x8, that come with scikit-learn (UCI optdigits, 13 writers).

`digits` splits them by the committed permutation `digits_split.json`, 1,437 for training and 360
for the test; `digits:writers` takes the last 360 for the test, whose writers are not in the first
1,437 (the file is ordered by writer), which is harder and closer to use.
"""

import gzip
import io
import json
from pathlib import Path

import numpy as np
import torch

from cnnspec.train.datasets.base import MEASURE, Augment, Dataset, Request, pair
from cnnspec.train.errors import MissingDataError, UsageError
from cnnspec.train.installed import locate

COUNT = 1797
TRAIN_COUNT = 1437
SPLIT = Path(__file__).parent / "digits_split.json"


def load_digits(request: Request) -> Dataset:
    """Return the digits in the split that the argument names: none, or `writers`."""
    if request.argument not in ("", "writers"):
        raise UsageError(f"--data digits:{request.argument}: there are digits and digits:writers")
    table = _table()
    ink = torch.from_numpy(np.rint(table[:, :64] * (255 / 16)).astype(np.uint8))
    pixels, labels = ink.reshape(COUNT, 8, 8, 1), torch.from_numpy(table[:, 64].astype(np.int64))
    order = torch.arange(COUNT) if request.argument else torch.tensor(permutation())
    train, test = order[:TRAIN_COUNT], order[TRAIN_COUNT:]
    return Dataset(
        name="digits:writers" if request.argument else "digits",
        train=pair(pixels[train], labels[train]),
        test=pair(pixels[test], labels[test]),
        classes=[str(digit) for digit in range(10)],
        augment=Augment(pad=1 / 8),
    )


def permutation() -> list[int]:
    """Return the committed order of the 1,797 images; the first 1,437 are for training."""
    order: list[int] = json.loads(SPLIT.read_text(encoding="utf-8"))["permutation"]
    return order


def _table() -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Return scikit-learn's CSV, [1797, 65]: 64 values of ink from 0 to 16, then the digit."""
    found = locate("sklearn")  # importing it would cost a second
    if found is None or not found.submodule_search_locations:
        raise MissingDataError(
            "the digits come with scikit-learn, which is not installed: pip install scikit-learn; "
            + MEASURE
        )
    path = Path(found.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"
    try:
        text = gzip.decompress(path.read_bytes()).decode("ascii")
        table = np.loadtxt(io.StringIO(text), delimiter=",")
    except (OSError, EOFError, ValueError) as error:
        raise UsageError(f"cannot read scikit-learn's digits, {path}: {error}") from error
    if table.shape != (COUNT, 65) or table.min() < 0 or table[:, :64].max() > 16:
        raise UsageError(f"{path} is not the digits: {table.shape}, and (1797, 65) was expected")
    return table
