import pytest
import torch

from tests.backends.harness import load, text_of
from tests.ops.harness import check, form, make, refused


@pytest.mark.parametrize(
    "shapes",
    [
        [(3, 4, 5), (3, 1, 1)],
        [(3, 1, 1), (3, 4, 5), (3, 4, 5)],
        [(3, 1, 1)] * 2,
        [(7,), (7,)],
        [(3, 4, 5), (1, 4, 5)],
        [(1, 4, 5), (3, 4, 5), (3, 1, 1)],
        [(3, 1, 1), (1, 4, 5)],
        [(1, 1, 1), (3, 1, 1)],
        [(1, 4, 5), (1, 4, 5)],
    ],
)
def test_l10_g1_an_arm_of_cx1x1_scales_the_channels_and_one_of_1xhxw_the_places(shapes):
    check(make("mul"), *shapes)
    assert form(make("mul"), *shapes[:2]).function == "{0} * {1}"
    assert make("mul").join


@pytest.mark.parametrize(
    "other", [(1, 4, 1), (1, 2, 5), (1, 1, 1), (3, 4, 1), (2, 4, 5), (3, 2, 5)]
)
def test_e0312_nothing_else_is_broadcast(other):
    refused("E0312", make("mul"), (3, 4, 5), other)
    refused("E0312", make("mul"), other, (3, 4, 5))


def test_e0312_a_vector_gets_a_way_out():
    error = refused("E0312", make("mul"), (64, 8, 8), (64,))
    assert "`conv 64, 1x1`" in error.help[0]
    assert error.message == refused("E0312", make("mul"), (64, 8, 8), (64,)).message
    refused("E0312", make("mul"), (7,), (8,))


@pytest.mark.parametrize("arms", ["unit c; gate", "gate; unit c", "gate; skip; conv c, 1x1"])
def test_g1_a_spatial_gate_in_an_open_block_keeps_the_channels_of_the_others(arms):
    text = f"""
      block unit(c) {{ conv c, 3x3, pad=1 }}
      block gate {{ conv 1, 1x1 -> sigmoid }}
      block attended(c) {{ mul {{ {arms} }} -> conv c + 1, 1x1 }}
      net n {{ input 3x8x8; conv 4, 1x1; attended 4; conv 6, 1x1; attended 6 }}
    """
    said = text_of(text)
    load(said).n()(torch.zeros(1, 3, 8, 8))
    assert said.count("class Attended") == 1
