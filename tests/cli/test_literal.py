"""`--set` and `--input`: values of the language from the command line."""

import pytest

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.literal import NotALiteral, literal, overrides, shape
from cnnspec.values import Dims, Window


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10), ("-3", -3), ("1_000", 1000), ("64K", 64_000), ("0.5", 0.5), ("1e-4", 1e-4),
        ("1.5K", 1500), ("true", True), ("none", None), ('"a b"', "a b"), ("same", "same"),
        ("[3, 4, 6, 3]", (3, 4, 6, 3)), ("[]", ()), ("[[1, 2], [3]]", ((1, 2), (3,))),
        ('["a,b", "c"]', ("a,b", "c")), ("[1, 2,]", (1, 2)), ("3x3", Dims((3, 3))),
        ("3x224x224", Dims((3, 224, 224))), ("3x3/2", Window((3, 3), (2, 2), True)),
        ("3x5/2x1", Window((3, 5), (2, 1), True)),
    ],
)  # fmt: skip
def test_literals(text, value):
    found = literal(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    ["007", "1__0", "", "1.2.3", "a b", "__import__('os')", "[1", "9" * 20, "3x0", "[" * 99, "²"],
)
def test_what_is_no_literal(text):
    with pytest.raises(NotALiteral):
        literal(text)


def test_overrides():
    found = overrides(["classes=10", "depths=[1, 2]"], ["3x160x160"])
    assert found.set == {"classes": 10, "depths": (1, 2)}
    assert found.input == (("", (3, 160, 160)),)
    assert overrides([], ["left=3x8x8", "4"]).input == (("left", (3, 8, 8)), ("", (4,)))
    assert not overrides([], None)


@pytest.mark.parametrize("text", ["", "x", "3x", "0x3x3", "3X3", "-1x3", "9999999999x1x1"])
def test_wrong_input_sizes(text):
    with pytest.raises(UsageFault):
        shape(text)
