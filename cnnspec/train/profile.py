"""`--profile`: a few steps of a run by operator, as a table and as a trace for chrome://tracing."""

from collections.abc import Callable

import torch
from torch import Tensor

from cnnspec.train.progress import Reporter
from cnnspec.train.run import Run

Take = Callable[[Tensor, Tensor], None]
TRACE, TABLE = "profile.json", "profile.txt"
AFTER, STEPS = 10, 20  # steps that come before, and that are looked at
ROWS = 25


def profiled(take: Take, run: Run, reporter: Reporter, begun: int) -> Take:
    """Return a step that is watched from the tenth of this session on, for twenty."""
    kinds = [torch.profiler.ProfilerActivity.CPU]
    if torch.cuda.is_available():
        kinds.append(torch.profiler.ProfilerActivity.CUDA)
    watch = torch.profiler.profile(activities=kinds)
    taken = 0

    def step(images: Tensor, labels: Tensor) -> None:
        nonlocal taken
        if taken == AFTER:
            watch.start()
        take(images, labels)
        taken += 1
        if taken == AFTER + STEPS:
            watch.stop()
            write(watch, run)
            reporter.note(f"{STEPS} steps are in {run.folder}/{TABLE} and {TRACE}")

    return step


def write(watch: torch.profiler.profile, run: Run) -> None:
    """Write the trace, and the operators by their own time."""
    key = "self_cuda_time_total" if torch.cuda.is_available() else "self_cpu_time_total"
    table = watch.key_averages().table(sort_by=key, row_limit=ROWS)
    (run.folder / TABLE).write_text(table + "\n", encoding="utf-8")
    watch.export_chrome_trace(str(run.folder / TRACE))
