"""The long run: `python -m tests.draw.flow.run`. Every net of specs/ and random ones, all figures.

Each net is drawn at every level, down and to the right, in one column of print and in two (random
nets in one of them by turns; with `--thin` all nets in one direction by turns, too), and each
figure is judged (judge.py).  Crossings and bends of the thin figures are compared with figures.tsv,
whose sums must not grow; `--write` writes it anew.  `--digests FILE` writes what tells the figures
of two runs apart, for PYTHONHASHSEED 1 and 2.  The last line is JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from zlib import crc32

from cnnspec.analyses.checking import is_family
from cnnspec.draw import THEMES
from cnnspec.draw.writers.svg import write_svg
from cnnspec.elaborate.workspace import Workspace
from cnnspec.ir import Net
from tests.draw.flow.judge import Seen, wrong

ROOT = Path(__file__).parents[3]
TABLE = Path(__file__).with_name("figures.tsv")
LEVELS, DIRECTIONS = ("layer", "block", "stage", "net"), ("down", "right")
WIDTHS = (3.4 * 72, 6.9 * 72)
SLOW = 2.0
"""Seconds of CPU time that a figure may take."""


@dataclass
class Count:
    """What was found in the figures of one net."""

    figures: int = 0
    crossings: int = 0
    bends: int = 0
    inside: int = 0
    """The crossings in insets that are laid out like figures."""
    slowest: float = 0.0
    slowest_at: str = ""
    digest: Any = field(default_factory=hashlib.sha256)
    failures: list[str] = field(default_factory=list)


def spec_files() -> list[Path]:
    """Every file of specs/."""
    return sorted((ROOT / "specs").rglob("*.cnn"))


def shipped(words: Sequence[str] = ()) -> Iterator[tuple[str, Net]]:
    """Every net of specs/ that has all its values, by file and name, that has one of the words."""
    for path in spec_files():
        workspace = Workspace()
        unit = workspace.read(str(path))
        assert unit is not None, path
        for name in unit.nets:
            full = f"{path.relative_to(ROOT / 'specs')}:{name}"
            asked = not words or any(word in full for word in words)
            if asked and not is_family(unit, name):
                found = workspace.elaborate(unit, name)
                assert found is not None, (path, name)
                yield full, found.net


def drawn_at_random(seed: int, count: int) -> Iterator[tuple[str, Net]]:
    """Nets of the fuzzer, by seed and number."""
    from tests.fuzz.strategies import drawn

    for number, spec in enumerate(drawn(seed, count) if count else ()):
        workspace = Workspace()
        unit = workspace.read_text(spec.text, "net.cnn", "")
        found = workspace.elaborate(unit, "it") if unit else None
        assert found is not None, spec.text
        yield f"seed {seed}, {number}", found.net


def ways_to_draw(name: str, *, widths: int = 2, directions: int = 2) -> Iterator[dict[str, Any]]:
    """The options of all figures of a net; what there is one of takes turns."""
    number = crc32(name.encode())
    for at, level in enumerate(LEVELS):
        turn = number + at
        for direction in DIRECTIONS if directions > 1 else (DIRECTIONS[turn // 2 % 2],):
            for width in WIDTHS if widths > 1 else (WIDTHS[turn % 2],):
                yield {"level": level, "direction": direction, "width": width}


def judged(
    name: str, net: Net, *, widths: int = 1, directions: int = 1, draws_only: bool = False
) -> Count:
    """Draw a net and judge every figure."""
    found, thin = Count(), list(ways_to_draw(name, widths=1, directions=1))
    options = ways_to_draw(name, widths=widths, directions=directions)
    for given in options:
        said = " ".join(str(round(v) if isinstance(v, float) else v) for v in given.values())
        start = time.process_time()
        try:
            seen = Seen(net, **given)
            seconds = time.process_time() - start
            found.digest.update(write_svg(seen.scene, THEMES["light"]).encode())
            faults = [] if draws_only else wrong(seen)
        except Exception:
            found.failures.append(f"{said}: {traceback.format_exc(limit=-3)}")
            continue
        found.figures += 1
        if given in thin:
            found.crossings += len(seen.audit.crossings)
            found.bends += seen.audit.bends
            found.inside += sum(len(one.crossings) for one in seen.audits[1:])
        if seconds > found.slowest:
            found.slowest, found.slowest_at = seconds, said
        if seconds > SLOW:
            faults.append(f"took {seconds:.1f} s")
        found.failures += [f"{said}: {fault}" for fault in faults]
    return found


def table() -> dict[str, tuple[int, int, int]]:
    """Net -> crossings and bends of its thin figures together, and crossings in their insets."""
    if not TABLE.is_file():
        return {}
    rows = (line.split("\t") for line in TABLE.read_text("utf-8").splitlines()[1:])
    return {name: (int(one), int(two), int(three)) for name, one, two, three in rows}


def write_table(found: dict[str, Count]) -> None:
    """Keep the counts of nets of specs/, with those of other nets that are known."""
    rows = table() | {name: (one.crossings, one.bends, one.inside) for name, one in found.items()}
    lines = ["\t".join([name, *map(str, row)]) for name, row in sorted(rows.items())]
    TABLE.write_text("\n".join(["net\tcrossings\tbends\tin insets", *lines, ""]), "utf-8")


def main() -> int:
    """Draw everything; the exit status is 1 where something is wrong or a sum has grown."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("only", nargs="*", help="parts of the names of nets")
    options.add_argument("--random", type=int, default=300)
    options.add_argument("--seed", type=int, default=17)
    options.add_argument("--thin", action="store_true", help="a level in one way")
    options.add_argument("--steps", action="store_true", help="say each net")
    options.add_argument("--part", default="1/1", help="every which net: 1/2 and 2/2 are all")
    options.add_argument("--write", action="store_true")
    options.add_argument("--digests", type=Path)
    wanted = options.parse_args()
    part, parts = map(int, wanted.part.split("/"))
    started, found = time.time(), dict[str, Count]()
    nets = chain(shipped(wanted.only), drawn_at_random(wanted.seed, wanted.random))
    for number, (name, net) in enumerate(nets):
        if number % parts != part - 1:
            continue
        widths = 1 if wanted.thin or name.startswith("seed") else 2
        directions, draws = 1 if wanted.thin else 2, bool(wanted.digests)
        one = found[name] = judged(
            name, net, widths=widths, directions=directions, draws_only=draws
        )
        for failure in one.failures:
            print(f"{name}: {failure}", flush=True)
        if wanted.steps:
            told = f"{one.figures} figures, {one.crossings} crossings, {one.bends} bends"
            print(f"{name}: {told}, {one.slowest:.2f} s", flush=True)
    return _told(found, wanted, time.time() - started)


def _told(found: dict[str, Count], wanted: argparse.Namespace, seconds: float) -> int:
    if wanted.digests:
        lines = (f"{name}\t{one.digest.hexdigest()}\n" for name, one in found.items())
        wanted.digests.write_text("".join(lines), "utf-8")
    ours = {name: one for name, one in found.items() if not name.startswith("seed")}
    if wanted.write:
        write_table(ours)
    known = {name: row for name, row in table().items() if name in ours}
    sums = [sum(row[at] for row in known.values()) for at in (0, 1, 2)]
    rows = [(one.crossings, one.bends, one.inside) for one in ours.values()]
    now = [sum(row[at] for row in rows) for at in (0, 1, 2)]
    grown = len(known) == len(ours) and any(a > b for a, b in zip(now, sums, strict=True))
    slowest = max(found, key=lambda name: found[name].slowest)
    failures = sum(len(one.failures) for one in found.values())
    print(json.dumps({
        "nets": len(found), "figures": sum(one.figures for one in found.values()),
        "crossings": now[0], "bends": now[1], "in insets": now[2], "table": sums,
        "failures": failures,
        "slowest": [slowest, round(found[slowest].slowest, 2), found[slowest].slowest_at],
        "over 2 s": sum(one.slowest > SLOW for one in found.values()),
        "minutes": round(seconds / 60, 1),
    }))  # fmt: skip
    return int(bool(failures) or grown)


if __name__ == "__main__":
    sys.exit(main())
