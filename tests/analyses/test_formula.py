"""Formulas of an input size, and the int that writes down what is asked of it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cnnspec import ir
from cnnspec.analyses.formula import Condition, Form, Open, Poly, Step
from cnnspec.analyses.sizes import Sizes
from tests.backends.harness import elaborate

H, W = Form("H"), Form("W")
SIZES = {"H": 10, "W": 7}


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (H, "H"),
        (W.plus(1), "W + 1"),
        (H.plus(-10), "H - 10"),
        (H.plus(5).plus(-5), "H"),
        (H.times(2), "2*H"),
        (H.plus(-4).times(2), "2*H - 8"),
        (H.plus(31).over(32), "floor((H + 31) / 32)"),
        (H.over(2).times(3).plus(1), "3*floor(H / 2) + 1"),
        (H.over(2).times(6).over(4), "floor(3*floor(H / 2) / 2)"),
        (H.times(6).plus(3).over(4), "floor((3*H + 1) / 2)"),
        (H.times(6).over(2), "3*H"),
        (H.over(3).plus(1).over(2), "floor((H + 3) / 6)"),
    ],
)
def test_formulas_in_words_and_lowest_terms(form: Form, text: str):
    assert str(form) == text


@pytest.mark.parametrize(
    "form",
    [
        H.plus(3).times(2).plus(1).times(3).over(5),
        H.over(2).times(6),
        H.times(4).over(6),
        H.over(4).times(6).over(9),
        H.plus(-1).over(2).plus(1).over(2),
    ],
)
def test_the_period_is_the_least_after_which_a_formula_repeats(form: Form):
    def repeats(period: int) -> bool:
        grown = {form.at(n + period) - form.at(n) for n in range(100)}
        return grown == {form.slope * period}

    assert form.period == next(period for period in range(1, 100) if repeats(period))


def test_slack_is_a_pixel_a_step_and_what_was_added():
    assert H.slack == 0
    assert H.plus(-3).slack == 4
    assert H.plus(31).over(32).slack == Fraction(63, 32)
    assert H.over(2).times(6).slack == 1 * 6 + 1
    assert max(abs(3 * n - H.over(2).times(6).at(n)) for n in range(50)) == 3


@pytest.mark.parametrize(
    ("relation", "less", "equal", "more"),
    [
        (">=", False, True, True),
        ("<", True, False, False),
        ("==", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_when_a_condition_holds(relation: str, less: bool, equal: bool, more: bool):
    for size, holds in ((9, less), (10, equal), (11, more)):
        assert Condition(relation, H, 10).holds({"H": size}) == holds
        assert Condition(relation, H, W).holds({"H": size, "W": 10}) == holds
        area = Poly(((H, W),), constant=5)
        assert Condition(relation, area, 25).holds({"H": size, "W": 2}) == holds


class Asked:
    """Two open sizes, 10 by 7, and what was asked of them in words."""

    def __init__(self) -> None:
        self.notes: list[Condition] = []
        self.h, self.w = Open(10, H, self.notes.append), Open(7, W, self.notes.append)

    @property
    def said(self) -> list[str]:
        return [f"{c.left} {c.relation} {c.right}" for c in self.notes]


@pytest.mark.parametrize(
    ("compute", "value", "text"),
    [
        (lambda h, w: h + 3, 13, "H + 3"),
        (lambda h, w: 3 + h, 13, "H + 3"),
        (lambda h, w: h - 3, 7, "H - 3"),
        (lambda h, w: h * 2, 20, "2*H"),
        (lambda h, w: 2 * w, 14, "2*W"),
        (lambda h, w: h * 1, 10, "H"),
        (lambda h, w: h // 4, 2, "floor(H / 4)"),
        (lambda h, w: w // 1, 7, "W"),
        (lambda h, w: h + w, 17, "H + W"),
        (lambda h, w: h * w, 70, "H * W"),
        (lambda h, w: h * w + 5, 75, "H * W + 5"),
        (lambda h, w: (h // 2) * (w - 1) - 5, 25, "floor(H / 2) * (W - 1) - 5"),
        (lambda h, w: (h + 1) * w, 77, "(H + 1) * W"),
        (lambda h, w: (h - 4) * 2 * (w * 3), 252, "(2*H - 8) * 3*W"),
        (lambda h, w: (h - 4) + h * w, 76, "H - 4 + H * W"),
        (lambda h, w: 5 + (h * w - 2), 73, "H * W + 3"),
        (lambda h, w: (h * w + 5) + (h + 2) * w, 159, "H * W + (H + 2) * W + 5"),
        (lambda h, w: (h * w + 5) + (w * w + 2), 126, "H * W + W * W + 7"),
    ],
)
def test_arithmetic_that_a_formula_says(compute, value: int, text: str):
    asked = Asked()
    found = compute(asked.h, asked.w)
    assert (int(found), str(found.of), asked.said) == (value, text, [])
    forms = found.of if isinstance(found.of, Poly) else Poly(((found.of,),))
    assert forms.value(SIZES) == value
    assert forms.value({"H": 24, "W": 15}) == compute(24, 15)


@pytest.mark.parametrize(
    ("compute", "value", "fixed"),
    [
        (lambda h, w: h - w, 3, ["H == 10", "W == 7"]),
        (lambda h, w: h * w * w, 490, ["H * W == 70", "W == 7"]),
        (lambda h, w: w * (h * w), 490, ["W == 7", "H * W == 70"]),
        (lambda h, w: (h * w) * 2, 140, ["H * W == 70"]),
        (lambda h, w: h * 0, 0, ["H == 10"]),
        (lambda h, w: h * -1, -10, ["H == 10"]),
        (lambda h, w: h // w, 1, ["H == 10", "W == 7"]),
        (lambda h, w: h // -4, -3, ["H == 10"]),
        (lambda h, w: (h * w) // 4, 17, ["H * W == 70"]),
        (lambda h, w: h % 4, 2, ["H == 10"]),
        (lambda h, w: h % w, 3, ["H == 10", "W == 7"]),
    ],
)
def test_other_arithmetic_fixes_the_sizes(compute, value: int, fixed: list[str]):
    asked = Asked()
    found = compute(asked.h, asked.w)
    assert (found, type(found), asked.said) == (value, int, fixed)


@pytest.mark.parametrize(
    ("ask", "answer", "noted"),
    [
        (lambda h, w: h == 10, True, ["H == 10"]),
        (lambda h, w: h == 9, False, ["H != 9"]),
        (lambda h, w: h != 10, False, ["H == 10"]),
        (lambda h, w: h != w, True, ["H != W"]),
        (lambda h, w: h < 10, False, ["H >= 10"]),
        (lambda h, w: h < 11, True, ["H < 11"]),
        (lambda h, w: h >= 10, True, ["H >= 10"]),
        (lambda h, w: h >= 11, False, ["H < 11"]),
        (lambda h, w: h > 9, True, ["H >= 10"]),
        (lambda h, w: h > 10, False, ["H < 11"]),
        (lambda h, w: h <= 10, True, ["H < 11"]),
        (lambda h, w: h <= 9, False, ["H >= 10"]),
        (lambda h, w: h > w, True, ["H >= W + 1"]),
        (lambda h, w: h <= w, False, ["H >= W + 1"]),
        (lambda h, w: h < w, False, ["H >= W"]),
        (lambda h, w: h == h, True, []),
        (lambda h, w: h < h, False, []),
        (lambda h, w: h == "10", False, []),
        (lambda h, w: max(h, w) == h, True, ["W < H + 1"]),
    ],
)
def test_comparisons_are_noted_as_they_came_out(ask, answer: bool, noted: list[str]):
    asked = Asked()
    assert (ask(asked.h, asked.w), asked.said) == (answer, noted)


def test_an_open_size_is_found_where_its_number_is():
    asked = Asked()
    assert {10: "ten"}[asked.h] == "ten" and asked.said == ["H == 10"]


def test_steps_are_joined_where_one_formula_says_both():
    assert H.over(4).times(6).over(4).steps == (Step(1, 0, 4), Step(3, 0, 2))
    assert H.over(2).over(3).plus(2).steps == (Step(1, 12, 6),)


def test_the_features_behind_a_flatten():
    net = elaborate("net n { input 1x12x9; conv 16, 5x5 -> flatten }").net
    (features,) = Sizes(net, ir.graph(net)).shapes[-1]
    assert str(features) == "(16*H - 64) * (W - 4)"
