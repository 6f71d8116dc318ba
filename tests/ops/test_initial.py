"""How parameters begin: PyTorch's own rules, unless the spec says otherwise."""

import pytest
import torch

from cnnspec.ops.op import Record
from cnnspec.values import Dims
from tests.ops.harness import make

HE = Record("he_normal", keywords=(("fan", "out"),))
LAYERS = [
    (make("conv", 8, "3x3"), (4, 9, 9)),
    (make("conv", 8, "3x5/2", groups=2), (4, 9, 9)),
    (make("conv", 4, "1x1", groups=4, bias=False), (4, 9, 9)),
    (make("linear", 5), (7,)),
    (make("conv_transpose", 8, "3x5/2", groups=2), (4, 9, 9)),
]


@pytest.mark.parametrize(("op", "x"), LAYERS)
def test_weights_and_biases_are_drawn_by_the_fan_in_that_pytorch_counts(op, x):
    weight = torch.empty(op.params(x)["weight"])
    fan_in, _ = torch.nn.init._calculate_fan_in_and_fan_out(weight)
    wanted = Record("uniform", keywords=(("fans", (fan_in,)),))
    assert op.initial("weight", x) == op.initial("bias", x) == wanted


def test_a_map_of_a_connection_table_sums_up_its_own_inputs_only():
    op = make("conv", 2, "3x3", connections=((0,), (0, 1)), init=HE)
    assert op.initial("weight", (2, 9, 9)) == Record("uniform", keywords=(("fans", (9, 18)),))


@pytest.mark.parametrize("op", [make("conv", 8, "3x3", init=HE), make("linear", 8, init=HE)])
def test_l20_an_initialiser_is_the_weights_and_biases_are_zeros(op):
    x = (4, 9, 9)
    assert op.initial("weight", x) == HE
    assert op.initial("bias", x) == Record("zeros")


def test_norms_begin_as_the_identity_and_scale_with_its_value():
    for name in ("bn", "ln"):
        op = make(name)
        assert op.initial("weight", (4, 9, 9)) == Record("ones")
        assert op.initial("bias", (4, 9, 9)) == Record("zeros")
    assert make("bn").initial("running_var", (4,)) == Record("ones")
    assert make("bn").initial("running_mean", (4,)) == Record("zeros")
    op = make("scale", value=0.5)
    assert op.initial("weight", (4, 9, 9)) == Record("constant", keywords=(("value", 0.5),))
    assert op.initial("bias", (4, 9, 9)) == Record("zeros")


@pytest.mark.parametrize(
    ("keywords", "label"),
    [
        ({}, "3×3 conv, 8"),
        ({"groups": 2}, "3×3 conv, 8, 2 groups"),
        ({"dilation": 2}, "3×3 conv, 8, dil 2"),
        ({"dilation": Dims((1, 3))}, "3×3 conv, 8, dil 1×3"),
        ({"pad": 1}, "3×3 conv, 8"),
        ({"pad": 2}, "3×3 conv, 8, pad 2"),
        ({"pad": 2, "dilation": 2}, "3×3 conv, 8, dil 2"),
        ({"pad": Dims((1, 0))}, "3×3 conv, 8, pad 1×0"),
    ],
)
def test_a_figure_names_what_a_reader_does_not_expect_of_a_convolution(keywords, label):
    assert make("conv", 8, "3x3", **keywords).label() == label
