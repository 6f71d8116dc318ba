"""What a closed box says of its block."""

from __future__ import annotations

import pytest

from cnnspec.draw.parts.contents import Notes, notes
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
    assert stage(f"block stage() {{ {layers} }}", size).strides == strides


BLOCKS = """
block unit(s = 1) { conv 8, 3x3/s, pad=1 -> bn }
block residual() { add { { unit; unit }; skip } }
"""


@pytest.mark.parametrize(
    ("layers", "line"),
    [
        ("repeat 4 { unit }", "4 × unit"),
        ("unit 2; repeat 3 { unit }", "4 × unit, s = 2, then 1"),
        ("conv 8, 3x3/2, pad=1; repeat 8 { residual }", "1 conv, 8 × residual"),
        ("repeat 2 { residual }; conv 8, 1x1; maxpool 2x2/2", "2 × residual, 1 conv, 1 pool"),
        ("conv 8, 1x1 -> unit -> conv 8, 1x1 -> unit", "4 conv"),
        ("conv 8, 1x1 -> relu -> conv 8, 1x1", "2 conv"),
    ],
)
def test_a_stage_says_its_blocks(layers, line):
    """`17 conv` of eight residual blocks was read as a plain chain."""
    assert stage(f"{BLOCKS}block stage() {{ {layers} }}", 64, channels=8).lines[0] == line


def stage(blocks: str, size: int, channels: int = 3) -> Notes:
    workspace = Workspace()
    text = f"{blocks}\nnet it {{ input {channels}x{size}x{size}\nstage }}\n"
    unit = workspace.read_text(text)
    assert unit is not None
    made = workspace.elaborate(unit, "it")
    assert made is not None
    (found,) = (module for module in modules(made.net) if module.block == "stage")
    return notes(found)
