"""`python3 -m benchmarks.gpu_proof`: see the package's docstring."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from benchmarks.gpu_proof.proof import Proof
from benchmarks.gpu_proof.runner import STAGES, run_stages
from benchmarks.gpu_proof.table import table
from benchmarks.gpu_proof.verdict import verdict

WHOLE = 540.0  # seconds


def main(argv: list[str]) -> int:
    """Run the stages; print the verdict as one JSON line and write the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.gpu_proof", description="Proof on a GPU.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="with cifar10-jpeg-*.tar.xz")
    parser.add_argument("--rehearse", action="store_true", help="on a CPU, CUDA mocked")
    parser.add_argument("--seconds", type=float, default=WHOLE)
    parser.add_argument("--only", default="", metavar="STAGE,STAGE")
    given = parser.parse_args(argv)
    # before CUDA is asked for anything: cuBLAS reads it once
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "proof.jsonl").unlink(missing_ok=True)
    out, data = given.out.resolve(), given.data.resolve() if given.data else None
    proof = Proof(out, data, given.rehearse, time.time() + given.seconds)
    if given.rehearse:
        warm()
    only = given.only.split(",") if given.only else [stage.name for stage in STAGES]
    lines = run_stages(proof, tuple(stage for stage in STAGES if stage.name in only))
    found = verdict(lines, given.rehearse)
    with (out / "proof.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(found) + "\n")
    (out / "table.md").write_text(table(out / "proof.jsonl"), encoding="utf-8")
    print(json.dumps(found))
    return 0 if all(line["status"] == "ok" for line in lines) else 1


def warm() -> None:
    """Import once, before the forks of a rehearsal, what every one of them would import."""
    import torch

    import cnnspec.train.evaluation.command  # noqa: F401
    from cnnspec.train.curves import draw_curves
    from cnnspec.train.installed import answer_for_absent

    torch.set_num_threads(1)
    answer_for_absent()
    torch.optim.SGD([torch.zeros(1, requires_grad=True)])  # imports torch._dynamo
    draw_curves([], "", Path(os.devnull))  # imports matplotlib


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
