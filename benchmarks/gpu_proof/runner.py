"""Stages in processes of their own: limits, one line each, nothing lost where one fails."""

import json
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from benchmarks.gpu_proof.proof import Proof, Report

GRACE = 5.0  # seconds between the polite signal and the other
SLOW = 4  # times the limits, in a rehearsal


@dataclass(frozen=True)
class Stage:
    """A function of a module of this package, `MODULE.run`, and the seconds it may take."""

    name: str
    seconds: float


STAGES = (
    Stage("facts", 15),
    Stage("data", 30),
    Stage("checks", 80),
    Stage("numbers", 45),
    Stage("waits", 25),
    Stage("training", 75),
    Stage("losing", 45),
    Stage("memory", 30),
    Stage("speed", 150),
    Stage("degradation", 90),
)


def run_stages(proof: Proof, stages: tuple[Stage, ...] = STAGES) -> list[dict[str, Any]]:
    """Run all stages; return their lines, which proof.jsonl holds too."""
    lines = []
    for stage in stages:
        line = run_stage(proof, stage)
        lines.append(line)
        with (proof.out / "proof.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(f"{line['status']:<8} {stage.name:<12} {line['seconds']:>6.1f} s", flush=True)
    return lines


def run_stage(proof: Proof, stage: Stage) -> dict[str, Any]:
    """Run a stage within its limit and the time that is left; return its line.

    A rehearsal has more time: it shares its machine with others, and its speed says nothing.
    """
    limit = min(proof.pick(1, SLOW) * stage.seconds, proof.left())
    if limit < min(5.0, stage.seconds):
        return {"stage": stage.name, "status": "no time", "seconds": 0.0, "found": {}}
    begun, path = time.time(), proof.out / f"{stage.name}.json"
    path.unlink(missing_ok=True)
    status = run_alone(proof, _work, (replace(proof, ends=begun + limit), stage.name), limit)
    found = json.loads(path.read_text()) if path.is_file() else {}
    word = {0: "ok", None: "too long"}.get(status, "failed")
    line = {"stage": stage.name, "status": word, "seconds": round(time.time() - begun, 1)}
    return {**line, "exit": status, "found": found}


def run_alone(
    proof: Proof, work: Callable[..., None], arguments: tuple[Any, ...], seconds: float
) -> int | None:
    """Run a function in a process of its own; return its status, None where it took too long.

    On a GPU the process is started anew, so that nothing of another's CUDA is in it; a rehearsal
    forks, which spares the import of torch.
    """
    started = multiprocessing.get_context("fork" if proof.rehearse else "spawn")
    process = started.Process(target=_alone, args=(proof, work, arguments))
    process.start()
    process.join(seconds)
    status = process.exitcode
    for number in (signal.SIGTERM, signal.SIGKILL):  # also what a stage has left behind
        with suppress(ProcessLookupError):
            os.killpg(process.pid or 0, number)
        process.join(GRACE)
    return status


def _alone(proof: Proof, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Lead a process group, so that a stage's own children end with it."""
    os.setpgid(0, 0)
    status = 1
    try:
        with ExitStack() as held:
            if proof.rehearse:
                from benchmarks.gpu_proof.mock import mocked_cuda

                held.enter_context(mocked_cuda())
            work(*arguments)
        status = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # at once: whatever a failed stage left running is not waited for


def _work(proof: Proof, name: str) -> None:
    report = Report(proof.out / f"{name}.json")
    try:
        import_module(f"benchmarks.gpu_proof.{name}").run(proof, report)
    except BaseException as error:
        report.note("error", f"{type(error).__name__}: {error}"[:2000])
        raise
