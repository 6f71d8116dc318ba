"""The long run: `python -m tests.fuzz.run`. Random nets and broken specs, figures as one JSON line.

Every share of the work has a seed of its own, so the figures do not depend on `--jobs`, and what
fails is found again by the seed that is printed with it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

SHARE = {"nets": 100, "contract": 250, "aimed": 100, "mutants": 1000, "grid": 16}
"""Nets and mutants in one share of the work; the grid is cut in so many."""
RELATED = 3
"""One net in so many is written in other ways too."""
SHOWN = 20


@dataclass
class Figures:
    """What was found; those of several shares are added."""

    nets: int = 0
    layers: int = 0
    ops: Counter[str] = field(default_factory=Counter)
    related: int = 0
    mismatches: int = 0
    contract: int = 0
    """Aimed nets whose module was compared with the IR, argument by argument."""
    aimed: int = 0
    """Aimed nets whose module was run and compared with PyTorch, layer by layer of the IR."""
    refused_at_first: int = 0
    """Of those, modules that the proof refuses as they are written first, and folds."""
    wrong_before: int = 0
    """Of these, modules that PyTorch finds wrong; after the proof a wrong one is a mismatch."""
    contract_values: int = 0
    """At how many sets of numbers, all nets together."""
    contract_layers: int = 0
    differences: int = 0
    grid: int = 0
    laid_out: int = 0
    """Texts whose layout `fmt` has changed and nothing else: nets, and mutants that can be read."""
    mutants: int = 0
    broken: int = 0
    tracebacks: int = 0
    misplaced: int = 0
    slowest: float = 0.0
    slow: int = 0
    """Mutants that took more than a second of CPU time."""
    failures: list[str] = field(default_factory=list)

    def add(self, other: Figures) -> None:
        slowest = max(self.slowest, other.slowest)
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        self.slowest = slowest

    def failed(self, which: str, error: Exception, text: str) -> None:
        """Keep what was raised about a net, with the seed that finds it again."""
        self.failures.append(f"{which}: {type(error).__name__}: {str(error)[:500]}\n{text}")

    def line(self, seconds: float) -> str:
        """The JSON line at the end."""
        found = asdict(self) | {
            "ops": len(self.ops),
            "located": 1 - self.misplaced / max(self.broken, 1),
            "slowest": round(self.slowest, 3),
            "minutes": round(seconds / 60, 1),
        }
        del found["failures"], found["misplaced"]
        return json.dumps(found)


def nets(seed: int, count: int) -> Figures:
    """Random nets against PyTorch, one in three in other spellings too."""
    import torch

    from cnnspec import ir
    from tests.fuzz import layout, relations
    from tests.fuzz.nets import check
    from tests.fuzz.strategies import drawn

    torch.set_num_threads(1)
    found = Figures()
    folder = Path(tempfile.mkdtemp())

    for spec in drawn(seed, count):
        found.nets += 1
        try:
            result = check(spec)
            found.laid_out += layout.check(spec.text)
            found.ops.update(n.op.name for n in ir.graph(result.net))
            if found.nets % RELATED == 0:
                found.related += 1
                relations.check(spec, found.nets, folder)
        except Exception as error:
            found.mismatches += 1
            found.failed(f"nets of seed {seed}, number {found.nets}", error, spec.text)
    found.layers = found.ops.total()
    return found


def aimed(seed: int, count: int) -> Figures:
    """Aimed nets against PyTorch; `count` of them are valid."""
    import torch

    from tests.fuzz.aimed import SIZE, spec
    from tests.fuzz.nets import Invalid, agrees, compare, elaborate, unproved

    torch.set_num_threads(1)
    found = Figures()
    while found.aimed + found.mismatches < count:
        text = spec(seed)
        try:
            net = elaborate(text)
            before = unproved(net)
            found.refused_at_first += bool(before)
            found.wrong_before += bool(before) and not agrees(net, SIZE, before)
            compare(net, SIZE)
            found.aimed += 1
        except Invalid:
            pass
        except Exception as error:
            found.mismatches += 1
            found.failed(f"aimed, seed {seed}", error, text)
        seed += 1
    return found


def contract(seed: int, count: int) -> Figures:
    """Aimed nets: what the module says is what the IR says; `count` that are compared."""
    from tests.fuzz import aimed
    from tests.fuzz.contract import check

    found = Figures()
    while found.contract + found.differences < count:
        text = aimed.spec(seed)
        try:
            result = check(text)
            found.contract += result.valid
            found.contract_values += result.values
            found.contract_layers += result.layers
        except Exception as error:
            found.differences += 1
            found.failed(f"contract of seed {seed}", error, text)
        seed += 1
    return found


def mutants(start: int, count: int) -> Figures:
    """Broken specs: no traceback, a place inside the file, in time."""
    from tests.fuzz import layout
    from tests.fuzz.mutants import judge, mutant

    found = Figures(mutants=count)
    for seed in range(start, start + count):
        broken = mutant(seed)
        verdict = judge(broken)
        try:
            found.laid_out += layout.check(broken.text)
        except Exception as error:
            found.mismatches += 1
            found.failures.append(f"layout of mutant {seed}: {str(error)[:500]}")
        found.broken += verdict.broken
        found.tracebacks += bool(verdict.traceback)
        found.misplaced += bool(verdict.misplaced)
        found.slow += verdict.seconds > 1
        found.slowest = max(found.slowest, verdict.seconds)
        said = verdict.traceback or verdict.misplaced
        if said or verdict.seconds > 1:
            found.failures.append(f"mutant {seed}: {said or f'{verdict.seconds:.1f} s'}")
    return found


def grid(part: int, parts: int) -> Figures:
    """Windows: accepted by both or by none, with one size."""
    from tests.fuzz.grid import cases

    found = Figures()
    for number, case in enumerate(cases()):
        if number % parts == part:
            found.grid += 1
            ours, theirs = case.ours(), case.theirs()
            if ours != theirs:
                found.mismatches += 1
                found.failures.append(f"{case.text}: {ours} here, {theirs} by PyTorch")
    return found


def shares(wanted: argparse.Namespace) -> list[Callable[[], Figures]]:
    """The work in pieces, the long ones first."""
    work: list[Callable[[], Figures]] = []
    for number, start in enumerate(range(0, wanted.nets, SHARE["nets"])):
        count = min(SHARE["nets"], wanted.nets - start)
        work.append(partial(nets, wanted.seed * 1_000_000 + number, count))
    for number, start in enumerate(range(0, wanted.contract, SHARE["contract"])):
        count = min(SHARE["contract"], wanted.contract - start)
        work.append(partial(contract, wanted.seed * 1_000_000_000 + number * 100_000, count))
    for number, start in enumerate(range(0, wanted.aimed, SHARE["aimed"])):
        count = min(SHARE["aimed"], wanted.aimed - start)
        work.append(partial(aimed, wanted.seed * 1_000_000_000 + 7 + number * 100_000, count))
    for start in range(0, wanted.mutants, SHARE["mutants"]):
        count = min(SHARE["mutants"], wanted.mutants - start)
        work.append(partial(mutants, wanted.seed * 10_000_000 + start, count))
    parts = wanted.grid
    return work + [partial(grid, part, SHARE["grid"]) for part in range(min(parts, SHARE["grid"]))]


def call(share: Callable[[], Figures]) -> Figures:
    return share()


def main() -> int:
    """Run all shares on `--jobs` processes; 1 when anything was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nets", type=int, default=10_000)
    options.add_argument("--contract", type=int, default=10_000, help="aimed nets, without torch")
    options.add_argument("--aimed", type=int, default=10_000, help="aimed nets, with torch")
    options.add_argument("--mutants", type=int, default=100_000)
    options.add_argument("--grid", type=int, default=SHARE["grid"], help="sixteenths of the grid")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--seed", type=int, default=0)
    wanted = options.parse_args()
    work, total, began = shares(wanted), Figures(), time.monotonic()
    with multiprocessing.get_context("spawn").Pool(wanted.jobs) as pool:
        for number, found in enumerate(pool.imap_unordered(call, work), 1):
            total.add(found)
            for failure in found.failures[:SHOWN]:
                print(failure, file=sys.stderr)
            if number % 10 == 0 or number == len(work):
                so_far = f"{total.nets} nets, {total.contract} read, {total.aimed} run"
                print(
                    f"{number}/{len(work)}  {time.monotonic() - began:.0f} s  {so_far}, "
                    f"{total.mutants} mutants, {len(total.failures)} findings",
                    file=sys.stderr, flush=True,
                )  # fmt: skip
    print(total.line(time.monotonic() - began))
    found = total.mismatches or total.differences or total.tracebacks or total.misplaced
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
