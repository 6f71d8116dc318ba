import pytest

from tests.ops.harness import check, make, refused, tensors


@pytest.mark.parametrize(("factor", "channels"), [(1, 3), (2, 8), (3, 9)])
def test_pixel_shuffle_puts_each_pixel_where_its_page_says(factor, channels):
    (x,) = tensors((channels, 4, 5))
    found = check(make("pixel_shuffle", factor), (channels, 4, 5))
    for n in range(channels):
        out, place = divmod(n, factor**2)
        i, j = divmod(place, factor)
        assert (found[:, out, i::factor, j::factor] == x[:, n]).all()


def test_reach_and_label():
    op = make("pixel_shuffle", 2)
    assert (op.reach(), op.label()) == (make("upsample", 2).reach(), "pixel shuffle ×2")


def test_errors():
    assert "`conv 8, 3x3, pad=1`" in refused("E0304", make("pixel_shuffle", 2), (6, 4, 5)).help[0]
    assert refused("E0109", make("pixel_shuffle", 0), (4, 4, 5)).argument == "factor"
    refused("E0303", make("pixel_shuffle", 2), (4,))
