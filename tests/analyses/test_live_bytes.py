"""The bytes alive after every op of a forward pass, against PyTorch's live tensors."""

from __future__ import annotations

import pytest
import torch

from cnnspec.analyses.heap import Heap
from cnnspec.analyses.liveness import run
from tests.analyses.live import Live
from tests.backends.harness import elaborate, load, text_of
from tests.backends.test_constructs import CONSTRUCTS

PEAK_ONLY = {"norms", "scale", "permuted maps", "arms of different flow"}
"""LRN and scale are several ops of PyTorch, a turned map is copied by `flatten`, and what one class
decides at run time works in place in no branch: at such places the module has a step more.
"""


class Steps(Heap):
    """A heap that writes down the bytes alive after each op that took memory."""

    def __init__(self, *, training: bool = False) -> None:
        super().__init__(2, 4, training)
        self.steps: list[int] = []
        self.taken = False

    def tensor(self, shape):
        self.taken = True
        return super().tensor(shape)

    def reached(self, path, beside=0):
        super().reached(path, beside)
        if self.taken:
            self.steps.append(self.now + beside)
        self.taken = False


def live(text: str, *, training: bool = False) -> Live:
    """What PyTorch holds while the generated module works on two images."""
    net = elaborate(text).net
    with torch.device("meta"):
        made = getattr(load(text_of(text)), net.name)().train(training)
        images = [torch.zeros(2, *map(int, entry.shape)) for entry in net.inputs]
    found = Live(made)
    for image in images:
        found.see(image)
    with torch.no_grad(), found:
        made(*images)
    return found


def steps(text: str, *, training: bool = False) -> Steps:
    heap = Steps(training=training)
    run(elaborate(text).net, heap)
    return heap


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_the_bytes_alive_in_every_construct(name):
    """Taps into blocks, several inputs, open loops: every body that a module can have."""
    found, wanted = steps(CONSTRUCTS[name]), live(CONSTRUCTS[name])
    assert found.peak == wanted.peak, found.where
    if name not in PEAK_ONLY:
        assert found.steps[1:] == wanted.steps  # the first are the images
