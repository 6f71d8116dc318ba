"""Kills, signals and bad losses on a card: nothing is lost, and a run goes on where it was."""

import json
import multiprocessing
import os
import signal
import time
from pathlib import Path
from typing import Any

from benchmarks.gpu_proof.proof import Proof, Report
from cnnspec.train.checkpoint import load_checkpoint


def run(proof: Proof, report: Report) -> None:
    """Note each case; every one is a run of its own."""
    out = proof.out / "losing"
    argv = [proof.module("resnet20"), "--gpu", "--data", "synthetic", "--out", str(out)]
    argv += ["--batch", str(proof.pick(128, 8)), "--log-every", "10", "--eval-every", "200"]
    long = [*argv, "--steps", str(10**6), "--save-every", "20"]
    report.note("kill -9", killed(proof, long, out / "resnet20" / "kill"))
    report.note("SIGTERM", told(proof, long, out / "resnet20" / "term"))
    report.note("NaN", not_a_number(proof, argv, out / "resnet20" / "nan"))
    cases = ("kill -9", "SIGTERM", "NaN")
    report.goal("nothing is lost", all(_holds(report.found[case]) for case in cases))


def _holds(found: object) -> bool:
    return isinstance(found, dict) and bool(found["ok"])


def killed(proof: Proof, argv: list[str], run: Path) -> dict[str, Any]:
    """Kill while it trains; what goes on has the step, rate and random state of the checkpoint."""
    process = started(proof, [*argv, "--name", run.name])
    wait_for(run, 3)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    before = load_checkpoint(run / "checkpoint")
    step = int(str(before.values["step"]))
    again = started(proof, ["--resume", str(run), "--stop-at", str(step + 5)])
    again.join(60)
    after = load_checkpoint(run / "checkpoint")
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    steps = [line["step"] for line in lines if line["split"] == "train"]
    facts = {
        "exit": again.exitcode,
        "went on from": step,
        "came to": after.values["step"],
        "steps in order": steps == sorted(set(steps)),
        "random state kept": "random.cuda.0" in before.tensors,
    }
    ok = again.exitcode == 0 and after.values["step"] == step + 5 and facts["steps in order"]
    return {**facts, "ok": bool(ok and facts["random state kept"])}


def told(proof: Proof, argv: list[str], run: Path) -> dict[str, Any]:
    """Send SIGTERM while it trains: it saves, and ends with 143."""
    process = started(proof, [*argv, "--name", run.name])
    wait_for(run, 2)
    begun = time.monotonic()
    process.terminate()
    process.join(30)
    seconds = round(time.monotonic() - begun, 2)
    sound = load_checkpoint(run / "checkpoint").damaged == []
    status = process.exitcode
    return {"exit": status, "seconds": seconds, "ok": status == 128 + signal.SIGTERM and sound}


def not_a_number(proof: Proof, argv: list[str], run: Path) -> dict[str, Any]:
    """Train at an absurd rate: it stops with 1, and what is saved is finite."""
    flags = ["--steps", "60", "--lr", "1e30", "--momentum", "0", "--schedule", "constant"]
    process = started(proof, [*argv, *flags, "--name", run.name])
    process.join(60)
    state = load_checkpoint(run / "checkpoint")
    finite = all(bool(value.isfinite().all()) for value in state.tensors.values())
    return {"exit": process.exitcode, "step": state.values["step"],
            "ok": process.exitcode == 1 and finite}  # fmt: skip


def started(proof: Proof, argv: list[str]) -> multiprocessing.process.BaseProcess:
    """Start the trainer in a process of its own."""
    context = multiprocessing.get_context("fork" if proof.rehearse else "spawn")
    process = context.Process(target=_train, args=(argv, str(proof.out / "losing.log")))
    process.start()
    return process


def _train(argv: list[str], log: str) -> None:
    import sys

    from cnnspec.train.cli import main

    os.environ["CNNSPEC_DEBUG"] = "1"
    sys.stdout = sys.stderr = Path(log).open("a")  # noqa: SIM115
    sys.exit(main(argv))


def wait_for(run: Path, saves: int) -> None:
    """Wait until a run has come to its nth checkpoint."""
    deadline = time.monotonic() + 60
    newest = f"step-{20 * (saves - 1):08d}"
    while time.monotonic() < deadline and not (run / "checkpoint" / newest).is_dir():
        time.sleep(0.01)
