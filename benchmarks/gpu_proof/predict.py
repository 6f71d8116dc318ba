"""Writes predicted.json: what the compiler says of memory and time, for the stage `memory`."""

import json
import sys
from typing import Any

from benchmarks.gpu_proof.proof import PREDICTED, ROOT

BATCHES = {"resnet20": 1024, "resnet50": 64, "vgg_d": 32, "googlenet_bn": 64, "densenet121": 32}
SPEEDS = {"resnet20": (128, 1024), "resnet56": (128, 1024), "resnet110": (128, 1024),
          "resnet50": (128, 256)}  # fmt: skip


def main() -> int:
    """Ask the compiler, and write what it says."""
    nets = {}
    for net, batch in BATCHES.items():
        memory = summary(net, "--memory", "--dtype", "float32", "--batch", str(batch),
                         "--optimizer", "momentum")["memory"]  # fmt: skip
        nets[net] = {"batch": batch} | {
            key: memory[key] for key in ("training_bytes", "inference_bytes")
        }
    lines = {}
    for net, batches in SPEEDS.items():
        for batch in batches:
            roof = summary(net, "--device", "h100", "--batch", str(batch))["roofline"]
            lines[f"{net} {batch}"] = {
                "bandwidth": roof["bandwidth"],
                **{mode: round(roof["modes"][mode]["images_per_second"])
                   for mode in ("training_eager", "training_fused")},
            }  # fmt: skip
    PREDICTED.write_text(json.dumps({"nets": nets, "lines": lines}, indent=1) + "\n")
    return 0


def summary(net: str, *flags: str) -> Any:
    """Return `cnnspec summary` of a net as JSON."""
    import contextlib
    import io

    from cnnspec.cli.app import run

    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = run(["summary", str(ROOT / "specs" / f"{net}.cnn"), *flags, "--format", "json"])
    assert status == 0, said.getvalue()
    return json.loads(said.getvalue())


if __name__ == "__main__":
    sys.exit(main())
