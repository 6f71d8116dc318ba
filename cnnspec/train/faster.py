"""Compiling and capturing a step: each is tried before the run, and said where it does not work."""

from collections.abc import Callable

import torch
from torch import Tensor

from cnnspec.train.errors import one_line
from cnnspec.train.graph import Graphed, Snapshot, release_generator
from cnnspec.train.installed import answer_for_absent
from cnnspec.train.step import Step

Take = Callable[[Tensor, Tensor], None]


def compiled(step: Step, images: Tensor, labels: Tensor) -> str | None:
    """Compile the forward pass and try it on a batch; return why it is left out, None if it works.

    The try is undone: the run begins from the same state with and without it.
    """
    answer_for_absent()
    plain, kept = step.forward, Snapshot(step)
    try:
        step.forward = torch.compile(plain)
        step.run(images, labels)
    except Exception as error:
        step.forward = plain
        return f"without torch.compile, which fails here: {type(error).__name__}: {one_line(error)}"
    finally:
        kept.put_back()
    return None


def choose_step(
    step: Step, images: Tensor, labels: Tensor, compile_it: bool, graph: bool | None
) -> tuple[Take, list[str]]:
    """Return the function that takes a step, and what there is to say about it.

    A graph is the default on one GPU; on the CPU and with several processes there is none.
    """
    notes = []
    if compile_it and (reason := compiled(step, images, labels)):
        notes.append(reason)
    possible = step.compute.device.type == "cuda" and step.world.count == 1
    if graph and not possible:
        notes.append("without a CUDA graph, which takes one process on a GPU")
    if graph is False or not possible:
        return step.run, notes
    try:
        return Graphed(step, images, labels).run, notes
    except RuntimeError as error:
        release_generator(step.compute.device)
        notes.append(f"without a CUDA graph, which fails here: {one_line(error)}")
        return step.run, notes
