"""Where a run computes and in which precision: one setting per device, each with a flag (T5)."""

import os
import platform
import re
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cnnspec.train.errors import UsageError

LENET_PARAMETERS = 100_000  # LeNet-5 has 61,706 for ten classes: bf16 costs it more than it gives
BF16_FLAGS = ("avx512_bf16", "amx_bf16")


@dataclass(frozen=True)
class Compute:
    """A device and what is chosen for it."""

    device: torch.device
    precision: str  # "fp32" or "bf16": bf16 means autocast, weights stay fp32
    channels_last: bool

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context for a forward pass."""
        if self.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def place(self, model: nn.Module) -> nn.Module:
        """Move a model to the device, in the memory format of the run."""
        placed: nn.Module = model.to(self.device)
        if self.channels_last:
            placed.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return placed

    def describe(self) -> str:
        """Return the words for a run's first line."""
        if self.device.type == "cuda":
            name = torch.cuda.get_device_name(self.device)
        else:
            count = torch.get_num_threads()
            name = f"cpu, {count} thread{'s' if count > 1 else ''}"
        parts = [name, "bf16" if self.precision == "bf16" else ""]
        parts.append("channels_last" if self.channels_last else "")
        return ", ".join(part for part in parts if part)


def choose(
    gpu: bool, precision: str, channels_last: bool, parameters: int, number: int = 0
) -> Compute:
    """Return where and how to compute; raise UsageError for `--gpu` without a usable GPU (T4)."""
    device = torch.device("cpu")
    if gpu:
        require_gpu(number)
        device = torch.device("cuda")
        if number:
            torch.cuda.set_device(number)
    if precision == "auto":
        pays = gpu or (cpu_has_bf16() and parameters > LENET_PARAMETERS)
        precision = "bf16" if pays else "fp32"
    if gpu:
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")
    return Compute(device, precision, channels_last)


def require_gpu(number: int = 0) -> None:
    """Raise UsageError, naming the build of torch and what it sees, without a usable GPU."""
    if torch.cuda.is_available():
        if number >= torch.cuda.device_count():
            raise UsageError(f"--gpu {number}: torch sees {torch.cuda.device_count()}, from 0")
        return
    build = f"torch {torch.__version__}"
    if torch.version.cuda is None and torch.version.hip is None:
        raise UsageError(
            f"no CUDA device: {build} is a CPU build. Install a CUDA build of torch, or leave "
            "--gpu out to train on the CPU."
        )
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    hidden = "" if seen is None else f" (CUDA_VISIBLE_DEVICES is {seen!r})"
    raise UsageError(
        f"no CUDA device: {build} is built for CUDA {torch.version.cuda} and sees "
        f"{torch.cuda.device_count()} devices{hidden}. Check the driver with nvidia-smi, or leave "
        "--gpu out to train on the CPU."
    )


def cpu_has_bf16() -> bool:
    """Say whether the processor multiplies bf16 itself; elsewhere bf16 is slower than fp32."""
    return any(flag in _cpu_info() for flag in BF16_FLAGS)


def cpu_name() -> str:
    """Return the processor's name as the system gives it."""
    for line in _cpu_info().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"


def machine(device: torch.device) -> dict[str, object]:
    """Return what a figure was measured on: the device's name, threads and versions."""
    on_gpu = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if on_gpu else cpu_name(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "cuda": torch.version.cuda if on_gpu else None,
        "cudnn": torch.backends.cudnn.version() if on_gpu else None,  # type: ignore[no-untyped-call]
        "driver": driver() if on_gpu else None,
        "numpy": np.__version__,
    }


def driver() -> str | None:
    """Return the version of NVIDIA's driver as the system gives it."""
    try:
        text = Path("/proc/driver/nvidia/version").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(r"NVRM version:.*?\s(\d+\.[\d.]+)", text)
    return found[1] if found else None


def _cpu_info() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def peak_memory(device: torch.device) -> int:
    """Return the most bytes held so far: on the GPU by torch, on the CPU by the process."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
