"""ResNet-20 on CIFAR-10-JPEG by the paper's recipe, cut to a quarter; and the file's own error."""

import contextlib
import io
import json
import time

from benchmarks.gpu_proof.proof import Proof, Report
from cnnspec.train.cli import main as train
from cnnspec.train.evaluation.__main__ import main as evaluate
from cnnspec.train.run import Run

STEPS, DROPS = 16_000, (8_000, 12_000)


def run(proof: Proof, report: Report) -> None:
    """Train, then test the file: its error equals the one that was reported."""
    found = trained(proof, "resnet20", proof.pick(STEPS, 6), proof.pick(DROPS, (3, 5)))
    report.note("resnet20", found)
    folder = str(found["run"])
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = evaluate([folder, "--gpu", "--format", "json"])
    assert status == 0, said.getvalue()
    tested = json.loads(said.getvalue())["errors"][0]["top1_error"]
    report.note("error of the file", tested)
    report.goal("the file's error is the reported one", abs(tested - found["top1_error"]) < 1e-9)


def trained(proof: Proof, net: str, steps: int, drops: tuple[int, ...]) -> dict[str, object]:
    """Train a net and return its result, with the curve of its test errors."""
    argv = [proof.module(net), "--gpu", *proof.cifar(), "--steps", str(steps), "--format", "json"]
    argv += ["--at", ",".join(str(step) for step in drops), "--schedule", "step"]
    argv += ["--batch", str(proof.pick(128, 8)), "--eval-every", str(proof.pick(390, 3))]
    argv += ["--out", str(proof.out / "runs"), "--name", "proof"]
    begun = time.time()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = train(argv)
    assert status == 0, said.getvalue()
    found = json.loads(said.getvalue().splitlines()[-1])
    lines = Run(proof.out / "runs" / net / "proof").read_metrics()
    for split in ("train", "test"):
        found[split] = [[line["step"], line["top1_error"]] for line in lines
                        if line["split"] == split]  # fmt: skip
    return {**found, "wall_seconds": round(time.time() - begun, 1)}
