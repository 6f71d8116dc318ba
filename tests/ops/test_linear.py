import pytest

from cnnspec.ops.op import Reach
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
