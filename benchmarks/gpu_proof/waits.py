"""Whether the host waits inside an epoch, what a step launches, and what its data costs."""

import time
from collections.abc import Callable

import torch

from benchmarks.gpu_proof.proof import Proof, Report
from benchmarks.gpu_proof.stepper import stepper
from cnnspec.train.arguments import read_arguments
from cnnspec.train.faster import choose_step
from cnnspec.train.plan import RunPlan
from cnnspec.train.prepare import prepare
from cnnspec.train.state import State

DATA_GOAL = 3.0  # percent of a step
WAITS = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize")
LAUNCHES = ("cudaLaunchKernel", "cudaLaunchKernelExC", "cuLaunchKernel", "cudaGraphLaunch")


def run(proof: Proof, report: Report) -> None:
    """An epoch under torch's watch, then a profile of some steps, graph and eager."""
    argv = [proof.module("resnet20"), "--gpu", *proof.cifar(), "--epochs", "2"]
    argv += ["--batch", str(proof.pick(128, 8)), "--pad", "4", "--flip"]
    plan, state = prepare(read_arguments(argv))
    steps = min(plan.batches.steps_per_epoch, proof.pick(10**9, 5))
    step = stepper(plan, state, compile_it=False, graph=True)
    step(0)
    watched(step, range(1, steps))
    report.note("steps without a wait", steps - 1)
    report.goal("no host waits inside an epoch", True)
    report.note("data percent", data_share(proof, plan, state, step, steps))
    share = report.found["data percent"]
    report.goal("data at most 3 % of a step", isinstance(share, float) and share <= DATA_GOAL)
    eager = stepper(plan, state, compile_it=False, graph=False)
    report.note("a step", {"graph": profiled(step, proof), "eager": profiled(eager, proof)})


def watched(step: Callable[[int], None], numbers: range) -> None:
    """Take steps while torch raises wherever the host waits for the card."""
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        for number in numbers:
            step(number)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def data_share(
    proof: Proof, plan: RunPlan, state: State, step: Callable[[int], None], steps: int
) -> float:
    """Return what gathering and augmenting adds to a step, in percent of it."""
    images, labels = plan.batches.take(0)
    take, _ = choose_step(state.work, images, labels, False, None)

    def bare(number: int) -> None:
        state.work.set(number, 0.01)
        take(images, labels)

    times: dict[str, list[float]] = {"whole": [], "bare": []}
    for _ in range(proof.pick(5, 1)):
        for name, work in (("whole", step), ("bare", bare)):
            torch.cuda.synchronize()
            begun = time.perf_counter()
            for number in range(1, min(steps, proof.pick(300, 3))):
                work(number)
            torch.cuda.synchronize()
            times[name].append(time.perf_counter() - begun)
    whole, without = (sorted(times[name])[len(times[name]) // 2] for name in ("whole", "bare"))
    return round(100 * (1 - without / whole), 2)


def profiled(step: Callable[[int], None], proof: Proof) -> dict[str, float]:
    """Return waits and launches a step, as CUPTI counts them."""
    count = proof.pick(20, 2)
    kinds = [torch.profiler.ProfilerActivity.CPU]
    kinds += [] if proof.rehearse else [torch.profiler.ProfilerActivity.CUDA]
    with torch.profiler.profile(activities=kinds) as profile:
        for number in range(1, 1 + count):
            step(number)
    calls = {entry.key: entry.count for entry in profile.key_averages()}
    torch.cuda.synchronize()
    return {"waits": sum(calls.get(name, 0) for name in WAITS) / count,
            "launches": sum(calls.get(name, 0) for name in LAUNCHES) / count}  # fmt: skip
