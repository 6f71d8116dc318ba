"""Facts that only some analyses ask for, and what an op without them says."""

from typing import ClassVar

import pytest
import torch
from torch.nn import functional as F

from cnnspec.backends.onnx.flat import Flat, Writer
from cnnspec.ops import ops
from cnnspec.ops.arguments import ArgumentError
from cnnspec.ops.op import Op, OpError, Saved, TorchInput, pair, source
from cnnspec.ops.reach import Pixel, Reach, Taps, window_reach
from cnnspec.values import Dims, Record, Window
from tests.ops.harness import make, refused

WHOLE = [
    make("adaptive_avgpool", Dims((2, 2))), make("global_avgpool"), make("linear", 3),
    make("permute", (1, 0, 2)), make("rbf", 3), make("adaptive_maxpool", 2),
    make("global_maxpool"),
]  # fmt: skip
VIEWS = {"crop", "flatten", "permute", "skip", "slice"}
PASSES = {"dropout", "dropout2d", "drop_path"}
HEADS = {"sigmoid", "softmax"}
JOINS = {"add", "concat", "max", "mean", "mul", "sub"}


@pytest.mark.parametrize("op", WHOLE, ids=lambda op: op.name)
def test_some_ops_see_the_whole_map(op):
    assert op.reach() == Reach(None)


@pytest.mark.parametrize("name", sorted(ops()))
def test_classes_of_ops(name: str):
    cls = ops()[name]
    assert (cls.view, cls.passes) == (name in VIEWS, name in PASSES)
    assert (cls.head, cls.join) == (name in HEADS, name in JOINS)


KINDS = {
    "conv": "conv", "conv_transpose": "conv", "linear": "linear",
    **dict.fromkeys(JOINS, "join"),
    **dict.fromkeys(["bn", "gn", "instance_norm", "l2norm", "ln", "lrn"], "norm"),
    **dict.fromkeys(["adaptive_avgpool", "adaptive_maxpool", "avgpool", "channel_max",
                     "channel_mean", "global_avgpool", "global_maxpool", "maxpool"], "pool"),
    **dict.fromkeys(["channel_shuffle", "crop", "flatten", "pad", "resize", "pad_channels",
                     "permute", "pixel_shuffle", "pixel_unshuffle", "slice", "unpool",
                     "upsample"], "shape"),
    **dict.fromkeys(["drop_path", "dropout", "dropout2d", "rbf", "scale", "skip", "times"],
                    "other"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ops()))
def test_kinds(name: str):
    assert ops()[name].kind == KINDS.get(name, "activation")


def test_rbf_says_how_its_codes_begin_and_what_leaves():
    op = make("rbf", 3)
    assert op.channels_out(7) == 3
    assert op.initial("codes", (7,)) == Record("walsh")
    assert op.label() == "RBF, 3"


def test_flatten_shows_its_product():
    assert make("flatten").why((2, 3, 4)) == ("2 * 3 * 4 = 24",)


def test_e0310_help_where_a_projection_fits_and_none_elsewhere():
    add = make("add")
    assert "`conv 4, 1x1/2`" in refused("E0310", add, (8, 6, 6), (4, 3, 3)).help[0]
    assert refused("E0310", add, (8, 6, 6), (4, 4, 4)).help == ()
    (help,) = refused("E0310", add, (8,), (4,)).help
    assert help == "`linear 8` on the arm of 4 makes them equal"
    (help,) = refused("E0310", add, (8, 6, 6), (8,)).help
    assert help == "`global_avgpool -> flatten` makes a map a vector of its channels"


def test_lrn_over_an_even_number_has_no_onnx_form():
    with pytest.raises(
        NotImplementedError, match=r"^lrn over an even number of channels has no ONNX form$"
    ):
        make("lrn", 4).onnx(Writer(Flat()), "x")


class Plain(Op):
    name: ClassVar[str] = "plain"


def test_an_op_that_says_nothing():
    op = Plain()
    assert op.shape((3, 4, 5)) == (3, 4, 5)
    assert (op.params((3,)), op.buffers((3,)), op.macs((3,), (3,)), op.why((3,))) == ({}, {}, 0, ())
    assert (op.reach(), op.saved(4, (3,)), op.scratch(4, (3,))) == (Reach(), Saved(), 0)
    assert (op.sized(), op.channels_out(5), op.label(), op.kernel()) == (False, 5, "plain", "")
    assert op.stride_label() == ""
    assert op.initial("weight", (3,)) == op.initial("running_var", (3,)) == Record("ones")
    assert op.initial("bias", (3,)) == Record("zeros")
    with pytest.raises(NotImplementedError, match="plain has no PyTorch form"):
        op.torch()
    with pytest.raises(NotImplementedError, match="plain has no ONNX form"):
        op.onnx(Writer(Flat()), "x")


def test_strides_in_a_figure():
    assert make("conv", 3, "3x3/2").stride_label() == "/2"
    assert make("conv", 3, "3x3/2x1").stride_label() == "/2×1"
    assert make("conv", 3, "3x3").stride_label() == ""


def test_python_text_of_arguments():
    assert [source(v) for v in ((3,), (3, 1), "a", 1e-4, 1e-3, -1e-9, 0.0, 2, None)] == [
        "(3,)", "(3, 1)", '"a"', "1e-4", "0.001", "-1e-9", "0.0", "2", "None",
    ]  # fmt: skip
    assert (pair((2, 2)), pair((2, 3)), pair(2)) == (2, (2, 3), 2)


WRONG = [
    ("dropout", ("a",), "a number"), ("dropout", (True,), "a number"),
    ("dropout", (float("inf"),), "a finite number"), ("gelu", (3,), "a string"),
    ("bn", (0.1, 0.1, 1), "true or false"), ("linear", (2**31,), "a number from 0 to 2147483647"),
    ("permute", (3,), "a list of whole numbers"), ("permute", ((1.5,),), "a list of whole"),
    ("adaptive_avgpool", (Window((1, 1), (2, 2), True),), "rows and columns"),
    ("adaptive_avgpool", (0,), "from 1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "wanted"), WRONG)
def test_e0108_says_what_is_wanted(name, values, wanted):
    with pytest.raises(ArgumentError, match=wanted) as caught:
        make(name, *values)
    assert (caught.value.code, caught.value.argument) == ("E0108", len(values) - 1)


CONV = [
    ({"connections": 3}, "a list of lists"), ({"connections": (3,)}, "a list of lists"),
    ({"init": 3}, "an initialiser"), ({"init": Record("he")}, "an initialiser"),
    ({"pad": (1, 2, 3)}, "four numbers in a list"), ({"pad": "a"}, "a number, 1x2"),
    ({"window": 3}, "a window such as"),
]  # fmt: skip


@pytest.mark.parametrize(("keywords", "wanted"), CONV)
def test_e0108_of_a_conv(keywords, wanted):
    given = {"channels": 4, "window": Window((3, 3))} | keywords
    with pytest.raises(ArgumentError, match=wanted) as caught:
        make("conv", **given)
    assert caught.value.argument == next(iter(keywords))


def test_an_error_of_an_op_carries_what_it_was_given():
    error = OpError("E0308", "words", argument="a", notes=("n",), help=("h",))
    assert (error.code, error.message, str(error)) == ("E0308", "words", "words")
    assert (error.argument, error.notes, error.help) == ("a", ("n",), ("h",))


IN_PLACE = {"elu", "hardtanh", "leaky_relu", "relu", "relu6", "selu"}
"""Activations whose backward pass needs no more than what they give."""


@pytest.mark.parametrize("name", [name for name in sorted(ops()) if name not in KINDS])
def test_some_activations_may_work_in_place(name: str):
    said = make(name).torch(TorchInput(4, (4, 5, 5)))
    assert said.inplace == (name in IN_PLACE)


def test_a_connection_table_begins_as_pytorch_does_whatever_init_says():
    table = make("conv", 2, "3x3", init=Record("zeros"), connections=((0,), (0, 1)))
    plain = make("conv", 2, "3x3", init=Record("zeros"))
    assert plain.initial("weight", (2, 5, 5)) == Record("zeros")
    fans = Record("uniform", keywords=(("fans", (9, 18)),))
    assert table.initial("weight", (2, 5, 5)) == fans


def test_e0312_help():
    mul = make("mul")
    assert "`conv 4, 1x1`" in refused("E0312", mul, (4, 5, 5), (4,)).help[0]
    assert (
        "4x5x5, 4x1x1 to scale the channels, or 1x5x5 to scale the places"
        in refused("E0312", mul, (4, 5, 5), (3, 1, 1)).help[0]
    )
    assert "a vector of 4" in refused("E0312", mul, (4,), (3,)).help[0]


def test_the_class_of_an_op_is_what_its_file_exports():
    from cnnspec.ops.bn import BatchNorm

    assert BatchNorm is ops()["bn"]


@pytest.mark.parametrize("op", [make("bn"), make("gn", 2), make("ln")], ids=lambda op: op.name)
def test_what_is_pytorchs_default_is_not_written(op: Op):
    form = op.torch(TorchInput(4, (4, 9, 9)))
    assert "eps" not in dict(form.keywords)


@pytest.mark.parametrize(
    ("start", "stop", "text"),
    [(1, 3, "{x}[:, 1:3]"), (0, "c", "{x}[:, 0:c]"), ("a + 1", 7, "{x}[:, a + 1 : 7]")],
)
def test_a_slice_is_written_as_a_person_writes_it(start, stop, text):
    assert ops()["slice"](start, stop).torch(TorchInput(4, (4, 9, 9))).function == text


def test_a_bilinear_pixel_sees_two_and_a_nearest_one():
    nearest, bilinear = make("upsample", 2).reach(), make("upsample", 2, mode="bilinear").reach()
    assert nearest == Reach((Taps(Pixel(1, 0, 2), Pixel(1, 0, 2)),) * 2)
    assert bilinear == Reach((Taps(Pixel(2, -1, 4), Pixel(2, 2, 4)),) * 2)
    assert (nearest.kernel, bilinear.kernel) == ((1, 1), (2, 2))


@pytest.mark.parametrize("scale", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_g3_1_an_upsampled_pixel_sees_those_that_have_weight(mode, scale):
    eye = torch.eye(9)[None].permute(2, 0, 1)[..., None].repeat(1, 1, 1, 9)
    grown = F.interpolate(eye, scale_factor=float(scale), mode=mode)[:, 0, :, scale]
    taps, _ = make("upsample", scale, mode=mode).reach().axes
    for y in range(2 * scale, 7 * scale):
        seen = (grown[:, y].abs() > 1e-6).nonzero().flatten().tolist()
        ends = [(p.factor * y + p.shift) // p.divisor for p in taps]
        assert ends == [seen[0], seen[-1]]


def test_s9_the_arithmetic_says_where_a_last_window_is_dropped():
    op = make("maxpool", "2x2/3", 1, ceil=True)
    dropped = " - 1 (the last window would start beyond the map)"
    assert op.why((3, 5, 5)) == (f"ceil((5 - 2 + 2*1) / 3) + 1{dropped} = 2",)
    assert op.why((3, 6, 6)) == ("ceil((6 - 2 + 2*1) / 3) + 1 = 3",)


def test_the_input_of_a_net_is_an_op_that_no_spec_can_write():
    from cnnspec.ops.input import Input

    assert (Input.name, Input.kind) == ("input", "input")
    assert "input" not in ops()


def test_an_op_of_single_pixels_sees_one():
    assert make("relu").reach() == window_reach((1, 1), (1, 1), (0, 0))
    assert (make("relu").reach().kernel, make("linear", 3).reach().kernel) == ((1, 1), None)
