import pytest
import torch
from torch.nn import functional as F

from tests.ops.harness import check, form, make, refused, tensors


@pytest.mark.parametrize("shape", [(6, 4, 5), (6,)])
@pytest.mark.parametrize("keywords", [{}, {"eps": 1e-6}, {"affine": False}])
def test_ln_is_pytorchs(shape, keywords):
    check(make("ln", **keywords), shape)


def test_on_a_map_each_place_is_normalised_over_its_channels():
    output = check(make("ln"), (6, 4, 5))
    (x,) = tensors((6, 4, 5))
    torch.testing.assert_close(output[:, :, 2, 3], F.layer_norm(x[:, :, 2, 3], (6,)))


def test_form_and_e0109():
    assert form(make("ln"), (6,)).module == "nn.LayerNorm"
    assert form(make("ln"), (6, 4, 4)).module == "LayerNorm2d"
    assert refused("E0109", make("ln", eps=0), (6,)).argument == "eps"
    assert make("ln").label() == "LN"


def test_g1_over_the_last_axis_of_a_map():
    op, x = make("ln", over="last"), (3, 4, 7)
    (inputs,) = tensors(x)
    torch.testing.assert_close(check(op, x), F.layer_norm(inputs, (7,)))
    assert form(op, x).module == "nn.LayerNorm"
    assert op.params(x)["weight"] == (7,)
    assert op.scratch(4, x) == 2 * 4 * 12
    assert refused("E0109", make("ln", over="rows"), x).argument == "over"
