import pytest

from cnnspec.values import dims
from tests.ops.harness import check, form, make, refused


@pytest.mark.parametrize("arms", [2, 3])
def test_add_is_the_sum(arms):
    check(make("add"), *[(3, 4, 5)] * arms)
    assert form(make("add"), (3,), (3,)).function == "{0} + {1}"
    assert make("add").join


@pytest.mark.parametrize("other", [(3, 1, 1), (1, 4, 5), (3, 4, 1), (3,), (3, 2, 5)])
def test_l10_add_never_broadcasts(other):
    error = refused("E0310", make("add"), (3, 4, 5), (3, 4, 5), other)
    assert error.message == f"the arms of this add differ: 3x4x5 and {dims(other)}"
    refused("E0310", make("add"), other, (3, 4, 5))


def test_e0310_offers_the_projection():
    error = refused("E0310", make("add"), (128, 28, 28), (64, 56, 56))
    assert error.message == "the arms of this add differ: 128x28x28 and 64x56x56"
    assert "`conv 128, 1x1/2` on the 64x56x56 arm" in error.help[0]
    error = refused("E0310", make("add"), (64, 8, 8), (256, 8, 8))
    assert "`conv 256, 1x1` on the 64x8x8 arm" in error.help[0]
