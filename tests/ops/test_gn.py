import pytest

from tests.ops.harness import check, make, refused


@pytest.mark.parametrize("shape", [(6, 4, 5), (6,)])
@pytest.mark.parametrize("keywords", [{}, {"eps": 0.001}, {"affine": False}])
def test_gn_is_pytorchs(shape, keywords):
    check(make("gn", 3, **keywords), shape)


def test_e0304_groups_that_do_not_divide():
    error = refused("E0304", make("gn", 32), (48, 4, 4))
    assert error.help == ("1, 2, 3, 4, 6, 8, 12, 16, 24, 48 divide 48",)
    assert refused("E0304", make("gn", 2), (9973, 4, 4)).help == ("1, 9973 divide 9973",)
    near = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20 and others divide 5040"
    assert refused("E0304", make("gn", 11), (5040, 4, 4)).help == (near,)
    assert refused("E0109", make("gn", 2, eps=0), (48, 4, 4)).argument == "eps"
    assert make("gn", 2).label() == "GN"
