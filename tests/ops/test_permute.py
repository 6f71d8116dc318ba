from itertools import permutations

import pytest

from tests.ops.harness import check, make, refused


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_permute_is_pytorchs(order):
    check(make("permute", order), (3, 4, 5))
    assert make("permute", order).channels_out("c") == ("c" if order[0] == 0 else None)
    assert make("permute", order).arranged("c", "h", "w") == tuple("chw"[i] for i in order)


@pytest.mark.parametrize("order", [(0, 1), (0, 1, 1), (1, 2, 3)])
def test_e0308_an_order_that_is_none(order):
    assert refused("E0308", make("permute", order), (3, 4, 5)).argument == "order"


def test_e0303():
    refused("E0303", make("permute", (0, 1, 2)), (3,))
