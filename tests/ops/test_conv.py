from itertools import product

import pytest
import torch

from cnnspec.ops.op import TorchInput
from cnnspec.ops.reach import window_reach
from cnnspec.values import SAME, Dims, Record, Size, Window
from tests.ops.harness import (
    Symbol,
    accepted,
    accepted_by_torch,
    check,
    form,
    macs,
    make,
    module,
    refused,
    tensors,
)

X = (4, 9, 8)


@pytest.mark.parametrize("window", ["1x1", "3x3", "3x3/2", "1x3", "5x2/3x2", "2x2/3"])
@pytest.mark.parametrize("pad", [0, 1, (1, 0, 2, 3)])
def test_conv_is_pytorchs(window, pad):
    op = make("conv", 6, window, pad)
    check(op, X)
    assert op.macs(X, op.shape(X)) == macs(op, X)


@pytest.mark.parametrize(
    "keywords",
    [{"groups": 2}, {"groups": 4, "bias": False}, {"dilation": 2}, {"pad": SAME, "dilation": 2}],
)
def test_conv_keywords_are_pytorchs(keywords):
    op = make("conv", 8, "3x3", **keywords)
    check(op, X)
    assert op.macs(X, op.shape(X)) == macs(op, X)


def test_s8_conv_accepts_what_pytorch_accepts():
    cases = product((1, 2, 3, 5), (1, 2, 3), (0, 1, 2), (1, 2), range(1, 9))
    wrong = []
    for kernel, stride, pad, dilation, size in cases:
        op = make("conv", 2, f"{kernel}x{kernel}/{stride}", pad, dilation=dilation)
        if accepted(op, (1, size, size)) != accepted_by_torch(op, (1, size, size)):
            wrong.append((op, size))
    assert not wrong


def test_e0304_groups_accept_what_pytorch_accepts():
    for channels, out, groups in product(range(1, 9), range(1, 9), range(1, 9)):
        op = make("conv", out, "1x1", groups=groups)
        shape = (channels, 2, 2)
        assert accepted(op, shape) == accepted_by_torch(op, shape)


@pytest.mark.parametrize(("kernel", "dilation"), [(1, 1), (3, 1), (3, 2), (5, 1), (2, 2), (7, 3)])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_l8_same_adds_half_the_effective_window(kernel, dilation, stride):
    op = make("conv", 2, f"{kernel}x{kernel}/{stride}", SAME, dilation=dilation)
    check(op, (1, 12, 13))
    assert op.shape((1, 12, 13)) == (2, -(-12 // stride), -(-13 // stride))


def test_l8_same_with_an_even_window_offers_the_two_paddings():
    error = refused("E0305", make("conv", 2, "2x4", SAME), X)
    assert error.argument == "pad"
    assert "`pad=[0, 1, 1, 2]`" in error.help[0]
    assert "`pad=[1, 0, 2, 1]`" in error.help[1]
    for pad in ((0, 1, 1, 2), (1, 0, 2, 1)):
        assert make("conv", 2, "2x4", pad).shape(X) == (2, *X[1:])


def test_e0306_a_window_larger_than_the_map_says_how_much_room_is_missing():
    error = refused("E0306", make("conv", 2, "5x5"), (1, 2, 9))
    assert "5 against a height of 2" in error.message
    assert "`pad=2` makes room" in error.help[0]
    assert make("conv", 2, "5x5", 2).shape((1, 2, 9)) == (2, 2, 9)


def test_e0304_names_the_groups_that_fit():
    error = refused("E0304", make("conv", 96, "3x3", groups=3), (64, 8, 8))
    assert error.message == "groups = 3 does not divide 64 input channels"
    assert error.help == (
        "leave `groups` out, or write one of these: 1, 2, 4, 8, 16, 32 divide both 64 and 96",
    )
    error = refused("E0304", make("conv", 9, "3x3", groups=2), (64, 8, 8))
    assert error.message == "groups = 2 does not divide 9 output channels"
    refused("E0304", make("conv", 9, "3x3", groups=0), (64, 8, 8))


def test_e0303_a_vector_and_e0109_no_channels():
    assert "before `flatten`" in refused("E0303", make("conv", 2, "1x1"), (400,)).help[0]
    assert refused("E0109", make("conv", 0, "1x1"), X).argument == "channels"


def test_l20_emits_what_a_careful_person_writes():
    said = form(make("conv", 64, "7x7/2", 3, bias=False), (3, 224, 224))
    assert (said.module, said.args) == ("nn.Conv2d", (3, 64, 7))
    assert said.keywords == (("stride", 2), ("padding", 3), ("bias", False))
    assert form(make("conv", 64, "1x3/1x2", (0, 0, 1, 1)), X).args == (4, 64, (1, 3))


def test_a_padding_or_window_by_one_name_is_kept():
    op = make("conv", 8, "3x3")
    named = type(op)(Symbol("c"), Window(Symbol("kernel"), Symbol("stride")), Symbol("pad"))
    said = named.torch(TorchInput(Symbol("in_channels"), X))
    assert [str(a) for a in said.args] == ["in_channels", "c", "kernel"]
    assert [f"{k}={v}" for k, v in said.keywords] == ["stride=stride", "padding=pad"]


CONNECTIONS = ((0, 1), (1, 2, 3), (0, 3), (2,))


@pytest.mark.parametrize("pad", [0, 1, (0, 1, 2, 0)])
@pytest.mark.parametrize("bias", [True, False])
def test_connections_are_a_convolution_with_zeros(pad, bias):
    op = make("conv", 4, "3x2/2", pad, bias=bias, connections=CONNECTIONS)
    output = check(op, X)
    dense = module(make("conv", 4, "3x2/2", pad, bias=bias), X)
    sparse = module(op, X)
    layers = [m[1] if isinstance(m, torch.nn.Sequential) else m for m in (dense, sparse)]
    with torch.no_grad():
        layers[0].weight.zero_()
        if bias:
            layers[0].bias.copy_(layers[1].bias)
        pairs = [(i, j) for i, row in enumerate(CONNECTIONS) for j in row]
        for weight, (i, j) in zip(layers[1].weight, pairs, strict=True):
            layers[0].weight[i, j] = weight
    (x,) = tensors(X)
    torch.testing.assert_close(dense(x), sparse(x))
    assert output.shape == dense(x).shape
    sparse(x).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in sparse.parameters())


def test_lenet5_of_1998_has_1516_parameters_in_c3():
    table = tuple(
        [tuple((i + k) % 6 for k in range(3)) for i in range(6)]
        + [tuple((i + k) % 6 for k in range(4)) for i in range(6)]
        + [tuple((i + k) % 6 for k in (0, 1, 3, 4)) for i in range(3)]
        + [tuple(range(6))]
    )
    op = make("conv", 16, "5x5", connections=table)
    check(op, (6, 14, 14))
    assert op.params((6, 14, 14)) == {"weight": (60, 5, 5), "bias": (16,)}
    assert op.macs((6, 14, 14), (16, 10, 10)) == 60 * 25 * 100


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (((0,),), "2 output maps, and connections for 1"),
        (((0,), ()), "output map 1 is connected to no input map"),
        (((0,), (4,)), "input map 4, and 4 maps arrive: 0 to 3"),
        (((0, 0), (1,)), "output map 0 is connected to one input map twice"),
    ],
)
def test_e0307_a_table_that_does_not_fit(table, message):
    error = refused("E0307", make("conv", 2, "3x3", connections=table), X)
    assert message in error.message


def test_e0307_connections_stand_alone():
    refused("E0307", make("conv", 2, "3x3", groups=2, connections=((0,), (1,))), X)


def test_labels_follow_the_grammar():
    assert make("conv", 64, "7x7/2", 3).label() == "7×7 conv, 64"
    assert make("conv", 64, "7x7/2", 3).stride_label() == "/2"
    assert make("conv", 64, "3x5/2x1").stride_label() == "/2×1"
    assert make("conv", 64, "3x3").stride_label() == ""
    assert make("conv", 8, "3x3", groups=8, dilation=2).label() == "3×3 conv, 8, 8 groups, dil 2"
    assert make("conv", 8, "1x1", 2).label() == "1×1 conv, 8, pad 2"
    assert make("conv", 8, "3x3", SAME).label() == "3×3 conv, 8"
    assert make("conv", 8, "7x7/2").kernel() == "7x7/2"


def test_reach_is_the_effective_window():
    op = make("conv", 8, "3x5/2x1", (1, 2, 3, 4), dilation=2)
    assert op.reach() == window_reach((5, 9), (2, 1), (1, 3))


def test_l24_a_symbolic_height_survives():
    height = Size(224, "H")
    shape = make("conv", 8, "3x3/2", SAME).shape((3, height, 224))
    assert shape == (8, 112, 112)
    assert isinstance(shape[1], Size) and shape[1].symbol == "H"
    assert not isinstance(shape[2], Size)


def test_why_shows_the_arithmetic():
    op = make("conv", 96, "11x11/4")
    text = "floor((224 - 11 + 2*0) / 4) + 1 = 54, with 1 row and column left over"
    assert op.why((3, 224, 224)) == (text,)


def test_init_is_kept():
    init = Record("he_normal", (), (("fan", "out"),))
    assert make("conv", 2, "1x1", init=init).init == init


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_g1_a_border_of_the_map_s_own(mode):
    op = make("conv", 8, "3x5/2", Dims((1, 2)), pad_mode=mode)
    check(op, (4, 6, 7))
    keywords = dict(form(op, (4, 6, 7)).keywords)
    assert keywords.get("padding_mode", "zeros") == mode
    assert op.macs((4, 6, 7), op.shape((4, 6, 7))) == macs(op, (4, 6, 7))
    assert ("border" in op.label()) == (mode != "zeros")


def test_g1_a_border_is_alike_on_opposite_sides_and_not_larger_than_the_map():
    error = refused("E0308", make("conv", 8, "3x3", (0, 1, 0, 1), pad_mode="reflect"), (4, 6, 7))
    assert error.help == ('`pad [0, 1, 0, 1], mode="reflect"` before it, and no `pad` of its own',)
    error = refused("E0308", make("conv", 8, "3x3", 6, pad_mode="reflect"), (4, 6, 7))
    assert error.argument == "pad_mode"
    table = make("conv", 1, "3x3", connections=((0,),), pad_mode="reflect")
    refused("E0307", table, (4, 6, 7))
