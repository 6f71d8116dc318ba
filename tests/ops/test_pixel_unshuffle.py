import pytest
import torch
from torch.nn import functional as F

from cnnspec.analyses.sizes import Sizes
from cnnspec.ir import graph
from tests.backends.harness import elaborate
from tests.ops.harness import check, make, refused, tensors


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_pixel_unshuffle_is_the_way_back(factor):
    (x,) = tensors((3, 6, 12))
    found = check(make("pixel_unshuffle", factor), (3, 6, 12))
    torch.testing.assert_close(F.pixel_shuffle(found, factor), x)


def test_reach_and_label():
    op = make("pixel_unshuffle", 2)
    assert (op.reach().kernel, op.label()) == ((2, 2), "pixel unshuffle /2")


def test_errors():
    for shape in ((4, 4, 5), (4, 5, 4)):
        assert refused("E0308", make("pixel_unshuffle", 2), shape).argument == "factor"
    assert refused("E0109", make("pixel_unshuffle", 0), (4, 4, 5)).argument == "factor"
    refused("E0303", make("pixel_unshuffle", 2), (4,))


def test_s8_it_works_on_every_size_that_the_factor_divides():
    net = elaborate(
        "net n { input 3x16x16; pixel_unshuffle 2 -> conv 8, 3x3, pad=1/1 }".replace("/1", "")
    ).net
    sizes = Sizes(net, graph(net)).square()
    assert [n for n in range(1, 13) if n in sizes] == [2, 4, 6, 8, 10, 12]
