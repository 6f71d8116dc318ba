"""Generated modules train: forward and backward at their input size, batch 2, on meta."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cnnspec.backends.torch import emit
from tests.zoo.references import BY_HAND, TORCHVISION

DEEP = {"resnet1001", "resnet1001_preact", "resnet1202"}
"""A quarter of a minute each, and the same blocks as in 110 and 164 layers."""


@pytest.mark.parametrize("name", sorted({*TORCHVISION, *BY_HAND} - DEEP))
def test_every_parameter_gets_a_gradient(zoo, name):
    scope: dict[str, Any] = {"__name__": name}
    exec(compile(emit(zoo[name]), name, "exec"), scope)
    with torch.device("meta"):
        net = scope[name]().train()
    outputs = net(torch.empty(2, *scope["INPUT_SIZE"], device="meta"))
    sum(y.sum() for y in (outputs if isinstance(outputs, tuple) else (outputs,))).backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in net.parameters())
