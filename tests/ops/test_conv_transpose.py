import pytest
import torch

from cnnspec.values import SAME, Dims
from tests.backends.harness import elaborate, load, text_of
from tests.ops.harness import accepted, check, form, macs, make, module, refused

CASES = [
    ("2x2/2", {}), ("3x3", {"pad": 1}), ("4x4/2", {"pad": 1}),
    ("3x3/2", {"pad": 1, "output_pad": 1}),
    ("3x5/2x1", {"pad": Dims((1, 2)), "output_pad": Dims((1, 0))}),
    ("2x3/3", {"dilation": Dims((1, 2)), "output_pad": Dims((0, 2)), "groups": 2}),
    ("1x1/2", {"bias": False, "groups": 4}),
]  # fmt: skip


@pytest.mark.parametrize(("window", "keywords"), CASES)
def test_conv_transpose_is_pytorchs(window, keywords):
    op = make("conv_transpose", 8, window, **keywords)
    check(op, (4, 5, 6))
    assert op.macs((4, 5, 6), op.shape((4, 5, 6))) == macs(op, (4, 5, 6))


def test_g1_three_channels_to_one_on_2x2_cost_13_parameters_and_48_macs():
    op = make("conv_transpose", 1, "2x2/2")
    assert sum(torch.Size(s).numel() for s in op.params((3, 2, 2)).values()) == 13
    assert (op.shape((3, 2, 2)), op.macs((3, 2, 2), (1, 4, 4))) == ((1, 4, 4), 48)
    assert macs(op, (3, 2, 2)) == 48


def by_torch(op, shape):
    """PyTorch's output shape, or None; the meta device would let any output padding pass."""
    try:
        return tuple(module(op, shape)(torch.empty(1, *shape)).shape[1:])
    except (RuntimeError, ValueError):
        return None


def test_pytorch_accepts_what_is_accepted():
    both = set()
    for kernel in (1, 2, 3):
        for stride in (1, 2):
            for dilation in (1, 2):
                for pad in range(3):
                    for extra in range(3):
                        words = {"pad": pad, "output_pad": extra, "dilation": dilation}
                        op = make("conv_transpose", 2, f"{kernel}x{kernel}/{stride}", **words)
                        for shape in ((2, 1, 2), (2, 2, 2)):
                            ours = accepted(op, shape)
                            assert ours == by_torch(op, shape), (op, shape)
                            both.add(ours is None)
    assert both == {True, False}


def test_form_and_labels():
    op = make("conv_transpose", 8, "4x3/2", 1, groups=2, bias=False)
    assert form(op, (4, 5, 6)).args == (4, 8, (4, 3))
    assert form(op, (4, 5, 6)).keywords == (
        ("stride", 2), ("padding", 1), ("groups", 2), ("bias", False),
    )  # fmt: skip
    assert op.label() == "4×3 transposed conv, 8, 2 groups"
    assert (op.stride_label(), op.kernel()) == ("×2", "4x3/2")
    assert op.why((4, 5, 5)) == (
        "height: (5 - 1)*2 - 2*1 + 4 + 0 = 10",
        "width: (5 - 1)*2 - 2*1 + 3 + 0 = 9",
    )
    assert make("conv_transpose", 8, "2x2/2").why((4, 5, 5)) == ("(5 - 1)*2 - 2*0 + 2 + 0 = 10",)


def test_errors():
    x = (4, 5, 6)
    assert refused("E0306", make("conv_transpose", 8, "1x1", 3), x).argument == "pad"
    assert refused("E0305", make("conv_transpose", 8, "2x2/2", SAME), x)
    assert refused("E0308", make("conv_transpose", 8, "3x3", (0, 1, 0, 1)), x).argument == "pad"
    error = refused("E0308", make("conv_transpose", 8, "3x3", output_pad=1), x)
    assert error.argument == "output_pad"
    assert refused("E0109", make("conv_transpose", 0, "3x3"), x).argument == "channels"
    assert refused("E0304", make("conv_transpose", 8, "3x3", groups=3), x).argument == "groups"
    refused("E0303", make("conv_transpose", 8, "3x3"), (4,))


def test_l20_its_initial_weights_are_written():
    text = """net n {
      default conv_transpose init=normal(std=0.02)
      input 100x1x1
      conv_transpose 8, 4x4 -> relu
      conv_transpose 3, 4x4/2, pad=1 -> tanh
    }"""
    net = load(text_of(text)).n()
    assert 0.015 < net.conv_transpose1.weight.std() < 0.025
    assert net.conv_transpose2.bias.abs().sum() == 0


def test_an_open_block_grows_its_map():
    text = """
      block up(c) { conv_transpose c, 2x2/2; conv c, 3x3, pad=1 -> relu }
      net n { input 8x4x4; up 4; up 2; flatten -> linear 3 }
    """
    said = text_of(text)
    assert said.count("class Up") == 1
    assert load(said).n()(torch.zeros(1, 8, 4, 4)).shape == (1, 3)
    assert elaborate(text).net.logits == (3,)
