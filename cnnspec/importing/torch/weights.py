"""Weights for two modules that are to be compared: drawn anew, cheap, and one memory for both.

Kernels are parts of a few long rows of random numbers, each begun at a place of its own, so that
a kernel that is exchanged, turned or left out gives other outputs; a net of 645 million weights
then costs what its largest kernel does.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from cnnspec.importing.torch.copied import copied

SEED = 16
DRAWN = 1_000_003
"""How many numbers are drawn for kernels; a prime, so that no two rows of a kernel are alike."""
BIASES, GAINS = (-0.1, 0.1), (0.5, 2.0)
"""What vectors are drawn from; gains so that a relu6 behind a norm meets more than 6."""
LEAST = 1e-3
"""The least variance that a batch normalisation expects."""
APART = 976
"""How far apart kernels begin, in numbers: whole lines of memory."""


def materialised(model: nn.Module) -> nn.Module:
    """A copy of a model with memory of its own and weights drawn anew."""
    made = copied(model, "cpu")
    generator = torch.Generator().manual_seed(SEED)
    kernels = []
    with torch.no_grad():
        for one in made.buffers():
            one.zero_()
        for key, one in made.state_dict(keep_vars=True).items():
            if not one.is_floating_point():
                continue
            if one.dim() > 1 and one.numel() > one.shape[0]:
                kernels.append(one)
            else:
                around = key.endswith(("bias", "running_mean"))
                one.uniform_(*(BIASES if around else GAINS), generator=generator)
        _fill(kernels, torch.randn(DRAWN, generator=generator))
    return made


def _fill(kernels: list[Tensor], drawn: Tensor) -> None:
    """Make kernels parts of rows of numbers, as large as He's rule wants them.

    There is a row for each power of two; what one kernel is too large, the next is too small.
    """
    at: dict[int, list[tuple[Tensor, int]]] = defaultdict(list)
    over = 0.0
    for place, kernel in enumerate(kernels):
        wanted = math.log2(2 * kernel.shape[0] / kernel.numel()) / 2 + over
        over = wanted - round(wanted)
        at[round(wanted)].append((kernel, place * APART))
    for power, members in at.items():
        row = _row(drawn, 2.0**power, max(start + kernel.numel() for kernel, start in members))
        for kernel, start in members:
            part = row[start : start + kernel.numel()]
            kernel.data = part.view_as(kernel).to(kernel.dtype)


def _row(drawn: Tensor, scale: float, length: int) -> Tensor:
    """Drawn numbers, again and again."""
    block, row = drawn * scale, torch.empty(length)
    for start in range(0, length, len(block)):
        row[start : start + len(block)] = block[: length - start]
    return row


class Buffers:
    """What two modules keep beside their weights, which a run in training changes."""

    def __init__(self, theirs: nn.Module, ours: nn.Module, keys: Mapping[str, str]) -> None:
        self.theirs, self.ours = theirs.state_dict(), ours.state_dict()
        learnt = {key for key, _ in theirs.named_parameters(remove_duplicate=False)}
        self.keys = {key: new for key, new in keys.items() if key not in learnt}
        self.first = {key: self.theirs[key].clone() for key in self.keys}

    def reset(self) -> None:
        """Give both what they began with."""
        for key, new in self.keys.items():
            self.theirs[key].copy_(self.first[key])
            self.ours[new].copy_(self.first[key].reshape(self.ours[new].shape))

    def settle(self, theirs: nn.Module) -> None:
        """After a run in training, let batch normalisations expect what they saw.

        Or the maps of a deep net grow in evaluation from block to block, without end.
        """
        for path, one in theirs.named_modules():
            if isinstance(one, nn.modules.batchnorm._BatchNorm) and one.momentum != 0:
                for name, least in (("running_mean", -math.inf), ("running_var", LEAST)):
                    if (key := f"{path}.{name}" if path else name) in self.first:
                        part = one.momentum or 1.0  # without one it is the mean of all batches
                        before = self.first[key] * (1 - part)
                        self.first[key] = ((self.theirs[key] - before) / part).clamp(min=least)

    def pairs(self) -> list[tuple[str, Tensor, Tensor]]:
        """Both values of each, with its key."""
        both = ((key, self.theirs[key], self.ours[new]) for key, new in self.keys.items())
        return [(key, a, b.reshape(a.shape)) for key, a, b in both]


def share(theirs: nn.Module, ours: nn.Module, keys: Mapping[str, str]) -> Buffers:
    """Give one module the weights of the other, without a copy; what both keep beside them."""
    held, state = ours.state_dict(keep_vars=True), theirs.state_dict(keep_vars=True)
    for key, new in keys.items():
        if isinstance(state[key], nn.Parameter):
            held[new].data = state[key].data.reshape(held[new].shape)
    return Buffers(theirs, ours, keys)
