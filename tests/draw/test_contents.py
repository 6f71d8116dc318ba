"""What a closed box says of its block."""

from __future__ import annotations

import pytest

from cnnspec.draw.parts.contents import notes
from cnnspec.elaborate.workspace import Workspace
from cnnspec.ir import modules


@pytest.mark.parametrize(
    ("size", "layers", "strides"),
    [
        (572, "conv 8, 3x3 -> relu -> conv 8, 3x3", ""),  # U-Net loses borders and has no stride
        (35, "conv 8, 3x3/2", "/2"),  # 17, of Inception
        (299, "conv 8, 3x3/2", "/2"),
        (56, "conv 8, 3x3/2, same", "/2"),
        (56, "conv 8, 1x1/4", "/4"),
        (56, "conv 8, 3x3, same", ""),
    ],
)
def test_a_stage_says_its_stride(size, layers, strides):
    workspace = Workspace()
    text = f"block stage() {{ {layers} }}\nnet it {{ input 3x{size}x{size}\nstage }}\n"
    unit = workspace.read_text(text)
    assert unit is not None
    made = workspace.elaborate(unit, "it")
    assert made is not None
    (stage,) = (module for module in modules(made.net) if module.block == "stage")
    assert notes(stage).strides == strides
