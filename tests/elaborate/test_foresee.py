"""S5: a loop that is sure to go over a limit is refused before it begins, and no other is."""

from pathlib import Path

import pytest

from cnnspec import ir
from cnnspec.elaborate.foresee import Cost, Foresight
from cnnspec.elaborate.limits import TOO_MUCH
from cnnspec.elaborate.workspace import Workspace
from cnnspec.syntax import tree as t
from tests.language.harness import check

DECLARED = """
let n = 7
block two(c) { conv c, 1x1; relu }
block called(b) { b 3; relu }
"""

COSTS = {
    "relu": (1, 0),
    "relu -> relu -> bn": (3, 0),
    "let x = 1": (0, 1),
    "two 8": (2, 0),
    "called two": (1, 0),
    "add { relu -> relu; skip; two 1 }": (5, 0),
    "{ relu; relu }": (2, 0),
    "a: seq { relu; let x = 1 }": (1, 1),
    "output side: relu": (1, 0),
    "a: relu\nfrom a\nfrom a -> relu": (2, 0),
    "repeat 5 { relu }": (5, 5),
    "repeat n { relu }": (7, 7),
    "repeat 0 { relu }": (0, 0),
    "let n = 3\nrepeat n { relu }": (0, 1),
    "repeat n + 1 { relu }": (0, 0),
    "repeat true { relu }": (0, 0),
    "repeat 5 { repeat 4 { } }": (0, 25),
    "for i in range(5) { relu; let x = i }": (5, 10),
    "for i in range(0, 5) { relu }": (0, 0),
    "for i in [4, 5] { two i }": (4, 2),
    "for n in range(5) { repeat n { relu } }": (0, 5),
    "for i in enumerate(5) { relu }": (0, 0),
    "if n > 3 { relu; relu } else { relu }": (1, 1),
    "if n > 3 { relu; relu }": (0, 1),
    "if n > 3 { relu; relu } else if n > 2 { bn; relu; bn }": (0, 1),
    "if n > 3 { relu; relu } else if n > 2 { bn; relu; bn } else { two 8 }": (2, 1),
    "let two = 5\ntwo": (0, 1),
    "let relu = 5\nrelu": (0, 1),
    "n": (0, 0),
    "nothing": (0, 0),
}


def foresee(statements: str) -> Cost:
    result = check(f"{DECLARED}net it {{ input 3x8x8; }}\nblock asked() {{\n{statements}\n}}\n")
    assert result.unit is not None
    return Foresight().block(result.unit.scope.values["asked"])


@pytest.mark.parametrize("statements", COSTS)
def test_what_a_body_costs_at_the_least(statements: str):
    assert foresee(statements) == COSTS[statements]


def test_a_block_that_calls_itself_and_a_long_chain_of_blocks_end():
    assert foresee("asked; relu") == (1, 0)
    chain = "".join(f"block b{n}() {{ b{n - 1}; relu }}\n" for n in range(1, 200))
    result = check(f"block b0() {{ relu }}\n{chain}net it {{ input 3x8x8; relu }}\n")
    assert 1 <= Foresight().block(result.unit.scope.values["b199"]).layers <= 200


@pytest.mark.parametrize(
    ("loop", "error"),
    [
        ("repeat 50_000 { relu; relu }", ""),
        (
            "repeat 50_000 { relu; relu; bn }",
            "more than 100,000 layers: these 50,000 turns make at least 150,000",
        ),
        ("repeat 100_000 { let x = 1; let y = 2; let z = 3; let u = 4 }", ""),
        (
            "repeat 1000 { repeat 1000 { } }",
            f"{TOO_MUCH}: these 1,000 turns take at least 1,001,000, after 4 before them",
        ),
        ("for i in range(1000) { for j in range(990) { } }", ""),
    ],
)
def test_only_what_is_sure_to_be_too_much_is_refused(loop: str, error: str):
    found = check(f"net it {{ input 1x1x1\n{loop}\n}}\n").errors
    assert [d.message for d in found] == ([f"too large: {error}"] if error else [])


def test_a_loop_is_refused_for_what_the_net_had_before_it():
    text = "net it {{ input 1x1x1; repeat {} {{ relu }}; repeat 60_000 {{ relu }} }}\n"
    assert check(text.format(40_000)).errors == []
    (error,) = check(text.format(40_001)).errors
    assert error.span.text == "60_000"


def test_a_loop_that_nobody_can_foresee_ends_too():
    text = "net it {{ input 1x1x1\nfor i in range({}) {{ for j in range(0, {}) {{ {} }} }}\n}}\n"
    (error,) = check(text.format(100_000, 200, "")).errors
    assert error.message == f"too large: {TOO_MUCH}"
    (error,) = check(text.format(99, 2000, "relu")).errors
    assert error.message == (
        "too large: more than 100,000 layers: these 2,000 turns make at least 2,000, "
        "after 100,000 before them"
    )


def test_no_net_costs_less_than_is_foreseen():
    for path in sorted((Path(__file__).parents[2] / "specs").glob("*.cnn")):
        workspace = Workspace()
        unit = workspace.read(str(path))
        assert unit is not None
        for net in (s for s in unit.file.declarations if isinstance(s, t.Net)):
            elaborated = workspace.elaborate(unit, net.name)
            hidden = frozenset(parameter.name for parameter in net.params)
            least = Foresight().body(net.body, unit.scope, hidden)
            if elaborated is not None:
                assert 0 < least.layers <= len(list(ir.graph(elaborated.net)))
