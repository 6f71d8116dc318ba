"""`pad=tf_same`: TensorFlow's SAME, whose padding depends on the size that arrives."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from cnnspec.analyses.sizes import Sizes
from cnnspec.ir import graph
from cnnspec.values import TF_SAME
from tests.backends.harness import elaborate, load, text_of
from tests.ops.harness import check, macs, make, module, refused, tensors

CASES = [("3x3/2", (3, 5, 8)), ("2x2/1", (3, 5, 8)), ("5x2/3x2", (3, 7, 4)), ("1x1/2", (3, 5, 6)),
         ("2x3/3", (3, 8, 9))]  # fmt: skip


def padded(x: torch.Tensor, window, value: float = 0.0, dilation: int = 1) -> torch.Tensor:
    """What TensorFlow's documentation says, from the remainder of the size by the stride."""
    sides: list[int] = []
    for axis in (1, 0):
        size, stride = x.shape[axis + 2], window.stride[axis]
        span = dilation * (window.kernel[axis] - 1) + 1
        total = max(span - (size % stride or stride), 0)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides, value=value)


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize(("window", "shape"), CASES)
def test_conv_is_tensorflow_s(window, shape, dilation):
    op = make("conv", 4, window, TF_SAME, dilation=dilation)
    check(op, shape)
    (x,), built = tensors(shape), module(op, shape)
    stride = op.window.stride
    wanted = F.conv2d(
        padded(x, op.window, dilation=dilation), built.weight, built.bias, stride, 0, dilation
    )
    torch.testing.assert_close(built(x), wanted)
    assert op.shape(shape)[1:] == tuple(-(-n // s) for n, s in zip(shape[1:], stride, strict=True))
    assert op.macs(shape, op.shape(shape)) == macs(op, shape)


@pytest.mark.parametrize(("window", "shape"), CASES)
def test_pools_are_tensorflow_s(window, shape):
    (x,) = tensors(shape)
    op = make("maxpool", window, TF_SAME)
    wanted = F.max_pool2d(padded(x, op.window, -torch.inf), op.window.kernel, op.window.stride)
    torch.testing.assert_close(check(op, shape), wanted)
    args = op.window.kernel, op.window.stride
    mean = F.avg_pool2d(padded(x, op.window), *args)
    torch.testing.assert_close(check(make("avgpool", window, TF_SAME), shape), mean)
    share = F.avg_pool2d(padded(torch.ones_like(x), op.window), *args)
    op = make("avgpool", window, TF_SAME, count_include_pad=False)
    torch.testing.assert_close(check(op, shape), mean / share)


def test_g1_the_odd_one_stands_at_the_bottom_and_right():
    """darknet's `maxpool 2x2/1` keeps 13x13; EfficientNet's stem of 225 gives 113."""
    assert make("maxpool", "2x2/1", TF_SAME).shape((3, 13, 13)) == (3, 13, 13)
    stem = make("conv", 32, "3x3/2", TF_SAME)
    assert stem.why((3, 225, 225)) == ("ceil(225 / 2) = 113",)
    assert stem.why((3, 224, 225)) == ("height: ceil(224 / 2) = 112", "width: ceil(225 / 2) = 113")
    assert make("maxpool", "2x2/2", TF_SAME).why((3, 5, 5)) == ("ceil(5 / 2) = 3",)
    assert [taps.first.shift for taps in stem.seen((3, 224, 225)).axes] == [0, -1]
    pool = make("maxpool", "3x3/2", TF_SAME)
    assert [taps.first.shift for taps in pool.seen((3, 8, 9)).axes] == [0, -1]


def test_what_stands_alone():
    table = make("conv", 1, "3x3", TF_SAME, connections=((0,),))
    reflect = make("conv", 1, "3x3", TF_SAME, pad_mode="reflect")
    for op in (table, reflect):
        assert refused("E0308", op, (3, 5, 5)).argument == "pad"
    pool = make("maxpool", "2x2", TF_SAME, ceil=True)
    assert refused("E0308", pool, (3, 5, 5)).argument == "ceil"
    assert refused("E0308", make("conv_transpose", 1, "2x2", TF_SAME), (3, 5, 5)).argument == "pad"


@pytest.mark.parametrize("name", ["maxpool", "avgpool"])
def test_where_onnx_has_no_word_for_it_a_model_is_made_for_one_size(name):
    assert [make(name, w, TF_SAME).sized() for w in ("3x3/2", "1x1/2")] == [False, True]
    assert not make(name, "1x1/2").sized()


def test_s8_every_size_works():
    net = elaborate("net n { input 3x9x9; conv 4, 7x7/2, tf_same; maxpool 2x2/2, pad=tf_same }").net
    assert all(n in Sizes(net, graph(net)).square() for n in range(1, 40))


def test_one_class_for_blocks_at_several_sizes():
    text = """
      block unit(c, s) { conv c, 3x3/s, pad=tf_same, bias=false -> bn -> relu }
      net n { input [3, H=25, W=31]; repeat 2 { unit 4, 2; unit 6, 1 }; maxpool 2x2/1, pad=tf_same }
    """
    said = text_of(text)
    assert said.count("class Unit") == 1
    net = load(said).n().eval()
    for size in ((25, 31), (24, 32), (8, 9)):
        wanted = tuple((n + 3) // 4 for n in size)
        assert net(torch.zeros(1, 3, *size)).shape == (1, 6, *wanted)


@pytest.mark.parametrize("pads", ["tf_same, same", "tf_same, 1", "tf_same, tf_same"])
def test_padding_by_a_parameter(pads):
    first, second = pads.split(", ")
    text = f"""
      block unit(p) {{ conv 4, 3x3/2, pad=p -> relu }}
      net n {{ input 3x16x16; unit {first}; unit {second} }}
    """
    assert load(text_of(text)).n()(torch.zeros(1, 3, 16, 16)).shape == (1, 4, 4, 4)
