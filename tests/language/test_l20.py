"""L20: no hidden default but the op's signature, whose values are PyTorch's."""

import inspect

import pytest

from cnnspec.ops import ops
from cnnspec.ops.arguments import signature, signature_text

nn = pytest.importorskip("torch.nn")

TWINS = [
    ("conv", "Conv2d", {"groups": "groups", "bias": "bias", "dilation": "dilation"}),
    ("conv", "Conv2d", {"pad": "padding"}),
    ("linear", "Linear", {"bias": "bias"}),
    ("bn", "BatchNorm2d", {"eps": "eps", "momentum": "momentum"}),
    ("maxpool", "MaxPool2d", {"pad": "padding", "ceil": "ceil_mode"}),
    ("avgpool", "AvgPool2d", {"pad": "padding", "ceil": "ceil_mode"}),
    ("lrn", "LocalResponseNorm", {"alpha": "alpha", "beta": "beta", "k": "k"}),
    ("dropout", "Dropout", {"p": "p"}),
    ("leaky_relu", "LeakyReLU", {"slope": "negative_slope"}),
]


@pytest.mark.parametrize(("op", "module", "names"), TWINS)
def test_l20_defaults_are_those_of_pytorch(op: str, module: str, names: dict[str, str]):
    theirs = inspect.signature(getattr(nn, module)).parameters
    ours = signature(ops()[op])
    for mine, their in names.items():
        value, wanted = ours[mine][1].default, theirs[their].default
        if isinstance(value, tuple):
            assert set(value) == {wanted}, (op, mine)
        else:
            assert value == wanted, (op, mine)


def test_l20_the_signature_says_every_default():
    assert signature_text(ops()["conv"]) == (
        "conv(channels, window, pad = 0, groups = 1, dilation = 1, bias = true, init = none, "
        'connections = none, pad_mode = "zeros")'
    )
