"""Conditions on a size, as words and as a set, against trying every size."""

from __future__ import annotations

import pytest

from cnnspec.analyses.formula import Condition, Form, Poly
from cnnspec.analyses.solve import NONE, SizeSet, solve

H, W = Form("H"), Form("W")
AREA = Poly(((H, W),))
EVEN = Condition("==", H.over(2), H.plus(1).over(2))
THIRD = Condition("==", H.over(3), H.plus(2).over(3))


def square(n: int) -> dict[str, int]:
    return {"H": n, "W": n}


def height(n: int) -> dict[str, int]:
    return {"H": n, "W": 7}


SQUARES = [
    ("from 1", []),
    ("from 1", [Condition(">=", H, 1)]),
    ("from 33", [Condition(">=", H, 12), Condition(">=", W.plus(-30), 3)]),
    ("1 to 14", [Condition("<", H.plus(-10), 5)]),
    ("12 to 14", [Condition("<", H.plus(-10), 5), Condition(">=", H.plus(-10), 2)]),
    ("1 to 3, 6 to 9", [
        Condition("<", H, 10), Condition("!=", H, 4), Condition("!=", H, 5)]),
    ("7", [Condition("==", H, 7)]),
    ("14 to 15", [Condition("==", H.over(2), 7)]),
    ("5", [Condition("==", AREA, 25)]),
    ("none", [Condition("==", AREA, 24)]),
    # Formulas of one slope agree in a pattern.
    ("multiples of 2 from 2", [EVEN]),
    ("1 modulo 2, from 1", [Condition("!=", EVEN.left, EVEN.right)]),
    ("1, 2 modulo 3, from 4", [Condition("!=", THIRD.left, THIRD.right), Condition(">=", H, 3)]),
    ("multiples of 6 from 6", [THIRD, EVEN]),
    ("multiples of 2 from 10", [
        EVEN, Condition("==", H.over(8), W.over(8)), Condition(">=", H, 9)]),
    ("2, 4, 6", [EVEN, Condition("<", H, 7)]),
    ("from 1", [Condition("==", H.over(2).plus(1), W.plus(2).over(2))]),
    ("none", [Condition("==", H, W.plus(2))]),
    # Those of different slopes meet somewhere.
    ("15 to 16", [Condition("==", H.over(2), H.plus(-8))]),
    ("1", [Condition("==", H.times(2), W.plus(1))]),
    ("4", [Condition("==", AREA, Poly(((H,),), 12))]),
    ("4", [Condition("==", H, Poly(((H, H),), -12))]),
    # A product falls as long as its factors are negative: from 101 on both are sizes.
    ("103", [
        Condition("==", Poly(((H.plus(-100), W.plus(-100)),)), 9),
        Condition(">=", H.plus(-100), 1)]),
]  # fmt: skip
HEIGHTS = [
    ("7", [Condition("==", H, W)]),
    ("6 to 7", [Condition("==", W.over(2), H.over(2))]),
    ("1 to 6", [Condition("<", H, W), Condition("<", H, 100)]),
    ("7", [Condition("==", AREA, Poly(((W, W),)))]),
    ("1", [Condition("==", W, AREA)]),
    ("from 1", [Condition("==", W.over(2), W.plus(-1).over(2))]),
    ("from 1", [Condition("==", W, 7), Condition(">=", W, 3), Condition("<", W, 9)]),
    ("multiples of 2 from 2", [EVEN]),
]


@pytest.mark.parametrize(
    ("words", "conditions", "sizes"),
    [*((*case, square) for case in SQUARES), *((*case, height) for case in HEIGHTS)],
)
def test_the_set_is_what_trying_every_size_finds(words, conditions, sizes):
    found = solve(conditions, sizes)
    assert str(found) == words
    wanted = [n for n in range(1, 200) if all(c.holds(sizes(n)) for c in conditions)]
    assert [n for n in range(1, 200) if n in found] == wanted
    if wanted:
        assert found.low == wanted[0]
        assert found.high == (wanted[-1] if wanted[-1] < 199 - found.modulus else None)
    else:
        assert found == NONE


def test_the_width_beside_is_no_limit():
    """Where one side is fixed its formulas are numbers, however large."""
    found = solve([Condition("==", H, W)], lambda n: {"H": n, "W": 10_000})
    assert str(found) == "10000"


@pytest.mark.parametrize(
    ("period", "found"),
    [
        (2187, SizeSet(1, None, 2187, tuple(range(2186)))),
        (4096, SizeSet(1, None, 4096, tuple(range(4095)))),
        (4097, SizeSet(1, 4095)),
    ],
)
def test_a_pattern_is_looked_for_as_far_as_4096(period, found):
    """All sizes but those one before a multiple of the period; a longer one is only tried."""
    assert solve([Condition("==", H.over(period), H.plus(1).over(period))], square) == found


def test_where_no_rule_says_the_set_it_ends_at_4096():
    found = solve([Condition("!=", H, 5)], square)
    assert (str(found), found.low, found.high) == ("1 to 4, 6 to 4096", 1, 4096)
    assert 4097 not in found
    assert str(solve([Condition("==", AREA.terms[0][0], Poly(((H,),)))], square)) == "1 to 4096"
