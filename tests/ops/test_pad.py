import pytest
import torch
from torch.nn import functional as F

from cnnspec.values import Dims
from tests.backends.harness import load, text_of
from tests.ops.harness import accepted, check, form, make, refused, tensors

MODES = {"zeros": "constant"} | {word: word for word in ("reflect", "replicate", "circular")}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sides", [(0, 1, 2, 3), 1, Dims((1, 2))])
def test_pad_is_pytorchs(mode, sides):
    op = make("pad", sides, mode)
    (x,) = tensors((3, 4, 5))
    top, bottom, left, right = op.sides
    wanted = F.pad(x, (left, right, top, bottom), mode=MODES[mode])
    torch.testing.assert_close(check(op, (3, 4, 5)), wanted)


@pytest.mark.parametrize("mode", MODES)
def test_pytorch_accepts_what_is_accepted(mode):
    for pad in range(7):
        op, shape = make("pad", (0, pad, 0, 0), mode), (1, 4, 6)
        try:
            theirs = tuple(F.pad(torch.zeros(1, *shape), (0, 0, 0, pad), mode=MODES[mode]).shape)
        except (RuntimeError, ValueError):
            theirs = None
        ours = accepted(op, shape)
        assert (ours and (1, *ours)) == theirs


def test_form_and_label():
    assert form(make("pad", (0, 1, 2, 3)), (3, 4, 5)).function == "F.pad({x}, (2, 3, 0, 1))"
    reflect = make("pad", 1, "reflect")
    assert form(reflect, (3, 4, 5)).function == 'F.pad({x}, (1, 1, 1, 1), mode="reflect")'
    assert (make("pad", 1).label(), reflect.label()) == ("zero pad 1", "reflect pad 1")


def test_errors():
    assert refused("E0109", make("pad", 1, "mirror"), (3, 4, 5)).argument == "mode"
    assert refused("E0308", make("pad", 4, "reflect"), (3, 4, 5)).argument == "mode"
    refused("E0303", make("pad", 1), (3,))


def test_a_row_of_layers_with_borders_is_proved_and_right():
    """Johnson et al. 2016 (style transfer): borders in a row, by themselves and in a conv."""
    text = """net n {
      input 3x16x16
      a: seq { pad 4, mode="reflect"; conv 4, 9x9; pad 1; conv 4, 3x3 }
      conv 4, 3x3, pad=1, pad_mode="reflect" -> pad [0, 1, 0, 1] -> maxpool 2x2/1
    }"""
    net, x = load(text_of(text)).n(), torch.randn(2, 3, 16, 16)
    y = net.a[1](F.pad(x, (4,) * 4, mode="reflect"))
    y = net.a[3](F.pad(y, (1,) * 4))
    y = F.conv2d(F.pad(y, (1,) * 4, mode="reflect"), net.conv1.weight, net.conv1.bias)
    torch.testing.assert_close(net(x), F.max_pool2d(F.pad(y, (0, 1, 0, 1)), 2, stride=1))
