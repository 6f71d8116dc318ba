import pytest
import torch

from cnnspec.ops.op import Reach
from tests.backends.harness import load, text_of
from tests.ops.harness import check, form, macs, make, refused


@pytest.mark.parametrize("bias", [True, False])
def test_linear_is_pytorchs(bias):
    op = make("linear", 7, bias)
    check(op, (12,))
    assert op.macs((12,), (7,)) == macs(op, (12,)) == 84


def test_e0302_a_map_needs_a_flatten():
    error = refused("E0302", make("linear", 120), (16, 5, 5))
    assert error.message == "linear needs a vector, and 16x5x5 arrives"
    assert error.help == ("put `flatten` before it: 16 * 5 * 5 = 400 features",)


def test_e0109_no_features():
    assert refused("E0109", make("linear", 0), (12,)).argument == "features"


def test_form_reach_label():
    op = make("linear", 1000)
    assert (form(op, (12,)).args, form(op, (12,)).keywords) == ((12, 1000), ())
    assert op.channels_out(12) == 1000
    assert op.reach() == Reach(None)
    assert op.label() == "fc, 1000"


def test_g1_over_the_last_axis_of_a_map():
    op = make("linear", 5, over="last")
    x = (3, 4, 7)
    check(op, x)
    assert op.shape(x) == (3, 4, 5)
    assert op.macs(x, op.shape(x)) == macs(op, x) == 3 * 4 * 7 * 5
    assert op.params(x)["weight"] == (5, 7)
    assert op.reach() == make("relu").reach()
    check(op, (7,))
    assert refused("E0109", make("linear", 5, over="rows"), x).argument == "over"


def test_g1_a_block_of_convnext_has_torchvision_s_keys_and_values(torchvision_models):
    text = """
      block unit(c) {
        add {
          { block: seq {
              conv c, 7x7, pad=3, groups=c; permute [1, 2, 0]; ln eps=1e-6, over="last"
              linear 4 * c, over="last"; gelu; linear c, over="last"; permute [2, 0, 1]
            }
            layer_scale: scale value=1e-6, own_key=true }
          skip
        }
      }
      net n { input 8x9x10; unit 8; conv 6, 1x1; unit 6 }
    """
    said = text_of(text)
    assert said.count("class Unit") == 1
    mine = load(said).n().unit1
    theirs = torchvision_models.convnext.CNBlock(8, 1e-6, 0.0)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    mine.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 8, 9, 10)
    torch.testing.assert_close(mine(x), theirs(x), rtol=0, atol=1e-6)
    assert load(said).n()(x).shape == (2, 6, 9, 10)
