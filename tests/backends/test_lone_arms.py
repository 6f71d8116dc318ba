"""L34: forks that an `if` leaves with one arm, open and written out."""

import pytest

from tests.backends.test_constructs import equals_the_graph, spec

UNITS = {
    "a shortcut where the stride is one": (
        "block unit(c, s) {\n"
        "add { conv c, 3x3/s -> bn -> relu -> conv c, 3x3; if s == 1 { skip } }\nrelu }",
        "unit 8, 1\nunit 16, 2\nunit 16, 1",
        "class Unit(nn.Module)",
    ),
    "a gate where it is asked for": (
        "block unit(c, gated) {\n"
        "mul { conv c, 1x1; if gated > 0 { { global_avgpool; conv c, 1x1; sigmoid } } } }",
        "unit 8, 1\nunit 8, 0",
        "y * y_",
    ),
    "a label on it": (
        "block unit(c, s) { sum: add { conv c, 3x3/s; if s == 1 { skip } }\nrelu\n"
        "add { from sum; skip } }",
        "unit 8, 1\nunit 8, 2",
        "sum_",
    ),
    "a concatenation": (
        "block unit(c, n) { concat { conv c, 1x1 -> relu; if n > 1 { conv c, 3x3 } } }",
        "unit 8, 1\nunit 8, 2",
        "class UnitN1(nn.Module)",
    ),
    "either arm": (
        "block unit(c, n) { add { if n > 1 { conv c, 3x3 }; if n < 5 { conv c, 1x1 } } }",
        "unit 8, 1\nunit 8, 2\nunit 8, 6",
        "class UnitN6(nn.Module)",
    ),
    "children of a seq": (
        "block unit(c, n) seq { add { conv c, 1x1; if n > 1 { skip } }\nconv c, 1x1 }",
        "unit 8, 1\nunit 8, 2",
        'self["1"]',
    ),
}


@pytest.mark.parametrize("name", UNITS)
def test_l34_a_fork_left_with_one_arm(name):
    block, body, written = UNITS[name]
    text = equals_the_graph(spec(body, block))
    assert written in text
    assert "y = y\n" not in text
