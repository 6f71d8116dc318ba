import pytest

from tests.ops.harness import check, form, make, refused


@pytest.mark.parametrize(
    "shapes",
    [[(3, 4, 5), (3, 1, 1)], [(3, 1, 1), (3, 4, 5), (3, 4, 5)], [(3, 1, 1)] * 2, [(7,), (7,)]],
)
def test_l10_an_arm_of_cx1x1_scales_the_channels(shapes):
    check(make("mul"), *shapes)
    assert form(make("mul"), *shapes[:2]).function == "{0} * {1}"
    assert make("mul").join


@pytest.mark.parametrize("other", [(1, 4, 5), (1, 1, 1), (3, 4, 1), (2, 4, 5), (3, 2, 5)])
def test_e0312_nothing_else_is_broadcast(other):
    refused("E0312", make("mul"), (3, 4, 5), other)
    refused("E0312", make("mul"), other, (3, 4, 5))


def test_e0312_a_vector_gets_a_way_out():
    error = refused("E0312", make("mul"), (64, 8, 8), (64,))
    assert "`conv 64, 1x1`" in error.help[0]
    assert error.message == refused("E0312", make("mul"), (64, 8, 8), (64,)).message
    refused("E0312", make("mul"), (7,), (8,))
