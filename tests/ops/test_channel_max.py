import torch

from tests.backends.harness import load, text_of
from tests.ops.harness import check, form, make, refused, tensors


def test_channel_max_is_pytorchs():
    (x,) = tensors((3, 4, 5))
    found = check(make("channel_max"), (3, 4, 5))
    torch.testing.assert_close(found[:, 0], x.max(1).values)


def test_form_and_label():
    op = make("channel_max")
    assert form(op, (3, 4, 5)).function == "torch.amax({x}, 1, keepdim=True)"
    assert (op.label(), op.channels_out(7)) == ("channel max", 1)
    refused("E0303", op, (3,))


def test_g1_cbam_on_32_channels_has_226_parameters_98_of_them_the_spatial_gate_s():
    """Woo et al. 2018, with a reduction of 16 and one multilayer perceptron for both pools."""
    text = """net cbam {
      default conv bias=false
      input 32x28x28
      mul {
        skip
        { add { global_avgpool -> mlp: { conv 2, 1x1 -> relu; conv 32, 1x1 }
                global_maxpool -> share mlp } -> sigmoid }
      }
      mul { skip; concat { channel_mean; channel_max } -> spatial: conv 1, 7x7, pad=3 -> sigmoid }
    }"""
    net = load(text_of(text)).cbam()
    counts = {name: p.numel() for name, p in net.named_parameters()}
    assert (sum(counts.values()), counts["spatial.weight"]) == (226, 98)
