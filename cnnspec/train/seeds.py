"""`--seeds N`: one run from N beginnings, and what comes out as table 6 prints it: 6.61 +- 0.16.

He et al. 2015 repeat ResNet-110 five times. A seed that is done is taken as it is, one that was
interrupted goes on: the same command again completes them.
"""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from statistics import mean, stdev

from cnnspec.train.arguments import module_path
from cnnspec.train.errors import UsageError
from cnnspec.train.run import Run, named
from cnnspec.train.session import train_command
from cnnspec.train.settings import Settings


def train_seeds(given: Settings, command: str) -> int:
    """Train every seed, one after the other; print mean and deviation of the test errors."""
    if given.resume:
        raise UsageError("--seeds goes on by itself: give --name, and leave out --resume RUN")
    if given.dry_run:
        return train_command(given, command)
    net, base = module_path(given.file).stem, given.name or f"{datetime.now():%Y-%m-%d-%H%M}"
    found = []
    for seed in range(given.seed, given.seed + (given.seeds or 1)):
        run = named(Path(given.out), net, f"{base}-seed{seed}")
        if "result" not in _settings(run):
            status = train_command(_one(given, seed, run), command)
            if status or given.stop_at:
                return status
        found.append(_settings(run)["result"])
    _say(given, net, base, found)
    return 0


def _one(given: Settings, seed: int, run: Run) -> Settings:
    """Return the settings of one of the runs."""
    resume = "" if run.has_begun() else None
    told = {**given.given, "seed": seed}
    return replace(given, seed=seed, name=run.folder.name, resume=resume, seeds=None, given=told)


def _settings(run: Run) -> dict[str, object]:
    return run.settings() if run.has_begun() else {}


def _say(given: Settings, net: str, base: str, results: list[object]) -> None:
    errors = [float(result["top1_error"]) for result in results if isinstance(result, dict)]
    spread = stdev(errors) if len(errors) > 1 else 0.0
    facts = {"schema": "cnnspec.seeds/1", "net": net, "errors": errors, "best": min(errors),
             "mean": mean(errors), "deviation": spread}  # fmt: skip
    if given.as_json:
        print(json.dumps(facts))
        return
    listed = ", ".join(f"{error:.2f}" for error in errors)
    print(f"{net}: test top-1 error {mean(errors):.2f} +- {spread:.2f} % over {len(errors)} seeds "
          f"({listed})")  # fmt: skip
    print(f"  {Path(given.out) / net / base}-seed*/")
