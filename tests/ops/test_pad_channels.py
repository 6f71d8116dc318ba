import pytest
import torch

from tests.ops.harness import check, form, make, refused, tensors


@pytest.mark.parametrize("channels", [3, 4, 6, 9])
def test_half_the_zeros_stand_before_and_half_behind(channels):
    output = check(make("pad_channels", channels), (3, 4, 5))
    before = (channels - 3) // 2
    torch.testing.assert_close(output[:, before : before + 3], tensors((3, 4, 5))[0])
    assert not output[:, :before].any()
    assert not output[:, before + 3 :].any()


def test_the_page_says_where_the_zeros_stand():
    page = type(make("pad_channels", 6)).__doc__
    assert "half of them before and half behind" in page


def test_e0308_fewer_channels_than_arrive():
    error = refused("E0308", make("pad_channels", 2), (3, 4, 5))
    assert "`conv 2, 1x1`" in error.help[0]
    refused("E0303", make("pad_channels", 6), (3,))


def test_form_and_label():
    op = make("pad_channels", 32)
    assert (form(op, (16, 8, 8)).module, form(op, (16, 8, 8)).args) == ("PadChannels", (16, 32))
    assert op.channels_out(16) == 32
    assert op.label() == "zero pad, 32"
