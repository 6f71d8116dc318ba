"""G3 1: the receptive field behind upsamplings, against the support of PyTorch's gradient."""

from __future__ import annotations

import pytest

from tests.analyses import decoders

NETS = 40
"""`make fuzz` takes more."""


def unet(levels: int, mode: str) -> str:
    """A U-Net of so many levels, two 3x3 convolutions a level on the way down and up."""
    pair = "conv 2, 3x3, same -> relu -> conv 2, 3x3, same -> relu"
    inner = pair
    for _ in range(levels):
        below = f'maxpool 2x2/2\n{inner}\nupsample 2, mode="{mode}"'
        inner = f"{pair}\nconcat {{\nskip\n{{\n{below}\n}}\n}}\n{pair}"
    return f"net unet {{\ninput 3x256x256\n{inner}\n}}"


@pytest.mark.parametrize(
    ("mode", "levels", "field"),
    [
        ("nearest", 2, 44), ("nearest", 3, 100), ("nearest", 4, 204),
        ("bilinear", 2, 52), ("bilinear", 3, 116), ("bilinear", 4, 236),
    ],
)  # fmt: skip
def test_g3_1_the_field_of_a_unet(metrics, mode, levels, field):
    assert metrics(unet(levels, mode)).value("field") == field


@pytest.mark.parametrize("seed", range(NETS))
def test_g3_1_the_field_is_the_largest_support_of_a_gradient(seed):
    found, wanted = decoders.compared(seed)
    assert found == wanted


@pytest.mark.parametrize("seed", range(NETS))
def test_g3_1_the_smallest_field_is_that_of_the_way_that_sees_least(seed):
    m = decoders.metrics(decoders.decoder(seed, 2).text(216))
    index = m.graph.nodes[-1].index
    for axis in (0, 1):
        ways = decoders.ways(m.graph, index, axis)
        assert m.seen[index].smallest[axis] == min(map(decoders.largest, ways))
