"""Plain and residual nets of 20 and 56 layers, in the steps that the time allows (figure 6)."""

from benchmarks.gpu_proof.proof import Proof, Report
from benchmarks.gpu_proof.training import trained

NETS = ("plain56", "resnet56", "plain20")
SHARE = {"plain56": 0.4, "resnet56": 0.4, "plain20": 0.2}
LIMIT = 8_000


def run(proof: Proof, report: Report) -> None:
    """Time 100 steps of each, then train each as long as its share of the time allows."""
    whole = proof.left() - proof.pick(20.0, 1.0)
    for net in NETS:
        pace = seconds_a_step(proof, net)
        steps = min(proof.pick(LIMIT, 6), int(0.7 * whole * SHARE[net] / pace))
        if steps < proof.pick(1_000, 1):
            report.note(net, "no time")
            continue
        report.note(net, trained(proof, net, steps, (steps // 2, steps * 3 // 4)))


def seconds_a_step(proof: Proof, net: str) -> float:
    """Return the seconds of a step, as the dry run of the trainer tells."""
    import contextlib
    import io
    import json

    from cnnspec.train.cli import main

    argv = [proof.module(net), "--gpu", *proof.cifar(), "--dry-run", "--format", "json"]
    argv += ["--batch", str(proof.pick(128, 8))]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert main(argv) == 0
    return float(json.loads(said.getvalue())["step_seconds"])
