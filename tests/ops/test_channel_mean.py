import torch

from tests.ops.harness import check, form, make, refused, tensors


def test_channel_mean_is_pytorchs():
    (x,) = tensors((3, 4, 5))
    found = check(make("channel_mean"), (3, 4, 5))
    torch.testing.assert_close(found[:, 0], (x[:, 0] + x[:, 1] + x[:, 2]) / 3)


def test_form_and_label():
    op = make("channel_mean")
    assert form(op, (3, 4, 5)).function == "torch.mean({x}, 1, keepdim=True)"
    assert (op.label(), op.channels_out(7)) == ("channel mean", 1)
    refused("E0303", op, (3,))
