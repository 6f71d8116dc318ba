"""L27: the receptive field."""

from fractions import Fraction

from cnnspec.analyses.field import Field


def test_a_chain(metrics):
    m = metrics("net c() { input 1x64x64\n conv 1, 7x7/2 -> maxpool 3x3/2 -> conv 1, 3x3 }")
    assert m.field() == Field((7 + 2 * 2 + 2 * 4, 19), (4, 4))
    assert m.value("field", "conv1") == 7


def test_arms_of_different_reach_give_their_hull(metrics):
    text = "net a() { input 1x64x64\n add { skip; conv 1, 5x5, pad=2 -> conv 1, 3x3, pad=1 } }"
    assert metrics(text).value("field") == 7


def test_a_vector_sees_everything(metrics):
    m = metrics("net v() { input 1x16x12\n conv 1, 3x3 -> flatten -> linear 2 }")
    assert m.field("linear1") == Field((16, 12), (0, 0), whole=True)
    assert m.value("field") == 3


def test_rows_and_columns_apart(metrics):
    assert metrics("net r() { input 1x9x9\n conv 1, 1x7 }").value("field") == (1, 7)


def test_upsampling_makes_the_step_a_fraction(metrics):
    m = metrics("net u() { input 1x8x8\n upsample 2 -> conv 1, 3x3 }")
    assert m.field().stride == (Fraction(1, 2), Fraction(1, 2))
