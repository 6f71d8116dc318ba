"""What doubling each construct of the language costs in CPU time, one line each (S6).

    python benchmarks/doubling.py [--runs 5] [--times 4]

Each text is checked `--runs` times at its length and at twice that, in turn; the least counts.
The last line is JSON. The exit status is 1 where a factor is above 2.3.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cnnspec import diagnostics
from tests.fuzz.doubling import CASES, FILES, check

FACTOR = 2.3


def seconds(text: str, path: str) -> float:
    """CPU time of one check."""
    diagnostics._closest.cache_clear()
    gc.collect()
    start = time.process_time()
    check(text, path)
    return time.process_time() - start


def measure(make: Callable[[int], str], count: int, path: str, runs: int) -> tuple[float, float]:
    """The least of several runs at both lengths, taken in turn."""
    rows = [[seconds(make(n), path) for n in (count, 2 * count)] for _ in range(runs)]
    return min(row[0] for row in rows), min(row[1] for row in rows)


def main() -> int:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--times", type=int, default=2, help="the lengths, so many times")
    options.add_argument("only", nargs="*", help="names of constructs")
    wanted = options.parse_args()
    folder = Path(tempfile.mkdtemp())
    path = str(folder / "net.cnn")
    work = {name: (count, make, "") for name, (count, make) in CASES.items()}
    for name, (count, make) in FILES.items():
        work[name] = count, partial(make, folder=folder), path
    found: dict[str, float] = {}
    for name, (count, make, at) in work.items():
        if wanted.only and name not in wanted.only:
            continue
        many = count if count <= 30 else count * wanted.times  # nesting has a limit
        one, two = measure(make, many, at, wanted.runs)
        found[name] = round(two / one, 2)
        print(f"{name:32} {many:6} {one * 1000:9.1f} ms  x {two / one:.2f}", flush=True)
    worst = max(found, key=lambda name: found[name])
    print(json.dumps({"constructs": len(found), "worst": worst, "factor": found[worst]}))
    return int(found[worst] > FACTOR)


if __name__ == "__main__":
    sys.exit(main())
