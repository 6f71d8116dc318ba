"""What there is: the card, its driver, libraries, a compiler, and how fast memory is copied."""

import importlib.util
import os
import shutil
import subprocess
import sys

import torch

from benchmarks.gpu_proof.proof import ROOT, Proof, Report
from cnnspec.train.device import machine

TRY = "from benchmarks.peers import torchvision_models as made; print(made() is not None)"


def run(proof: Proof, report: Report) -> None:
    """Note all of it."""
    device = torch.device("cuda")
    report.note("machine", machine(device))
    report.note("memory_bytes", torch.cuda.get_device_properties(device).total_memory)
    report.note("cores", os.cpu_count())
    report.note(
        "compilers", [name for name in ("gcc", "cc", "clang", "nvcc") if shutil.which(name)]
    )
    report.note("triton", importlib.util.find_spec("triton") is not None)
    report.note("copy_bytes_per_second", copy_speed(proof))
    # a process of its own: a torchvision that does not fit torch may abort
    ended = subprocess.run(
        [sys.executable, "-c", TRY if not proof.rehearse else "print(False)"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    said = (ended.stdout + ended.stderr).strip().splitlines()
    report.note("torchvision", {"exit": ended.returncode, "said": said[-1:]})


def copy_speed(proof: Proof) -> float:
    """Return the bytes a second that are read and written where one large tensor is copied."""
    count, times = proof.pick(1 << 30, 1 << 20), proof.pick(20, 2)
    source = torch.zeros(count, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    target.copy_(source)
    begun, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begun.record()  # type: ignore[no-untyped-call]
    for _ in range(times):
        target.copy_(source)
    ended.record()  # type: ignore[no-untyped-call]
    torch.cuda.synchronize()
    milliseconds = begun.elapsed_time(ended)  # type: ignore[no-untyped-call]
    return 2 * count * times / (milliseconds / 1000)
