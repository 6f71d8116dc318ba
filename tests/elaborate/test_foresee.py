"""S5: a loop that is sure to go over a limit is refused before it begins, and no other is."""

from pathlib import Path

import pytest

from cnnspec import ir
from cnnspec.elaborate.foresee import STEPS_MAX, UNKNOWN, Effort, Foresight
from cnnspec.elaborate.leaves import Leaves
from cnnspec.elaborate.limits import TOO_MUCH
from cnnspec.elaborate.workspace import Workspace
from cnnspec.syntax import tree as t
from tests.language.harness import Checked, check

DECLARED = """
let n = 7
block two(c) { conv c, 1x1; relu }
block called(b) { b 3; relu }
block many(n, times = 1) { repeat n * times { relu; let x = 1 } }
"""

COSTS = {
    "relu": (1, 0),
    "relu -> relu -> bn": (3, 0),
    "let x = 1": (0, 1),
    "two 8": (2, 0),
    "called two": (3, 0),
    "add { relu -> relu; skip; two 1 }": (5, 0),
    "{ relu; relu }": (2, 0),
    "a: seq { relu; let x = 1 }": (1, 1),
    "output side: relu": (1, 0),
    "a: relu\nfrom a\nfrom a -> relu": (2, 0),
    "repeat 5 { relu }": (5, 5),
    "repeat n { relu }": (7, 7),
    "repeat 0 { relu }": (0, 0),
    "let n = 3\nrepeat n { relu }": (3, 4),
    "repeat n + 1 { relu }": (8, 8),
    "repeat true { relu }": (0, 0),
    "repeat 5 { repeat 4 { } }": (0, 25),
    "for i in range(5) { relu; let x = i }": (5, 10),
    "for i in range(0, 5) { relu }": (5, 5),
    "for i in [4, 5] { two i }": (4, 2),
    "for n in range(5) { repeat n { relu } }": (0, 5),
    "for i in enumerate(5) { relu }": (0, 0),
    "if n > 3 { relu; relu } else { relu }": (2, 1),
    "if n > 3 { relu; relu }": (2, 1),
    "if n > 9 { relu; relu } else if n > 2 { bn; relu; bn }": (3, 2),
    "if n > 9 { relu; relu } else if n > 8 { bn; relu; bn }": (0, 2),
    "if in.height > 3 { relu; relu; relu } else { two 8 }": (2, 1),
    "if in.height > 3 { relu; relu }": (0, 1),
    "if in.height > 3 { relu } else if n > 2 { bn; relu; bn } else { }": (1, 1),
    "repeat in.height { relu }": (0, 0),
    "let h = in.height\nrepeat h { relu }": (0, 1),
    "for i in enumerate([1, 2]) { relu }": (2, 2),
    "for n in [1, 2] { if n > 3 { relu } }": (0, 4),
    "many 5": (5, 0),
    "many 5, times=3": (15, 0),
    "many times=3": (0, 0),
    "repeat 4 { many n }": (28, 4),
    "let two = 5\ntwo": (0, 1),
    "let relu = 5\nrelu": (0, 1),
    "n": (0, 0),
    "nothing": (0, 0),
}


def layers(result: Checked, block: str) -> int:
    """The least layers of a block of a checked file."""
    assert result.unit is not None
    return Foresight().block(result.unit.scope.values[block], result.unit.scope.inner())


def foresee(statements: str) -> Effort:
    result = check(f"{DECLARED}net it {{ input 3x8x8; }}\nblock asked() {{\n{statements}\n}}\n")
    assert result.unit is not None
    asked = result.unit.scope.values["asked"]
    return Foresight().body(asked.block.body, result.unit.scope.inner())


@pytest.mark.parametrize("statements", COSTS)
def test_what_a_body_costs_at_the_least(statements: str):
    assert foresee(statements) == COSTS[statements]


def test_a_block_that_calls_itself_and_a_long_chain_of_blocks_end():
    assert foresee("asked; relu") == (2, 0)
    chain = "".join(f"block b{n}() {{ b{n - 1}; relu }}\n" for n in range(1, 200))
    result = check(f"block b0() {{ relu }}\n{chain}net it {{ input 3x8x8; relu }}\n")
    assert 1 <= layers(result, "b199") <= 200


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
            f"{TOO_MUCH}: these 1,000 turns take at least 1,001,000",
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
    text = (
        "net it {{ input 1x1x1\nfor i in range({}) {{ for j in range(0, {} + 0*i) {{ {} }} }}\n}}\n"
    )
    (error,) = check(text.format(100_000, 200, "")).errors
    assert error.message.startswith(f"too large: {TOO_MUCH}: these 200 turns take at least 200, ")
    (error,) = check(text.format(99, 2000, "relu")).errors
    assert error.message == (
        "too large: more than 100,000 layers: these 2,000 turns make at least 2,000, "
        "after 100,000 before them"
    )


def nested(head: str, close: str = "}", leaf: str = "conv in.channels + 1, 1x1") -> str:
    """Nine loops in one another, ten turns each."""
    return f"{head} " * 9 + leaf + f" {close}" * 9


def chain(body: str, params: str = "") -> str:
    """Nine blocks that each call the one before."""
    text = f"block b0({params}) {{ conv in.channels + 1, 1x1 }}\n"
    return text + "".join(
        f"block b{n}({params}) {{ {body.replace('LAST', f'b{n - 1}')} }}\n" for n in range(1, 10)
    )


DEEP = {
    "repeat": ("", nested("repeat 10 {")),
    "repeat of a name": ("let n = 10\n", nested("repeat n {")),
    "repeat of a sum": ("", "let n = 9\n" + nested("repeat n + 1 {")),
    "for": ("", nested("for i in range(10) {")),
    "for from": ("", nested("for i in range(1, 11) {")),
    "for of a list": ("let x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n", nested("for i in x {")),
    "for of pairs": ("let x = range(10)\n", nested("for i, n in enumerate(x) {")),
    "in a condition": ("", nested("repeat 10 { if true {", "} }")),
    "in a fork": ("", nested("repeat 10 { add { skip; {", "} } }", "conv in.channels, 1x1")),
    "in a seq": ("", nested("repeat 10 { seq {", "} }")),
    "of what arrives": ("", "let n = in.channels + 9\n" + nested("repeat n {")),
    "blocks": (chain("repeat 10 { LAST }"), "b9"),
    "blocks of a number": (chain("repeat n { LAST n }", "n"), "b9 10"),
    "blocks of a product": (chain("repeat 2 * n { LAST n=n }", "n = 5"), "b9"),
    "blocks of a block": (chain("repeat 10 { LAST unit }", "unit"), "b9 b0"),
    "blocks without a loop": (chain("LAST; " * 10), "b9"),
}


@pytest.mark.parametrize("name", DEEP)
def test_g3_20_the_product_is_known_before_the_first_layer(name: str, monkeypatch):
    made: list[str] = []
    leaf = Leaves.leaf
    monkeypatch.setattr(Leaves, "leaf", lambda *args: made.append("one") or leaf(*args))
    declared, statements = DEEP[name]
    (error,) = check(f"{declared}net it {{ input 1x1x1\n{statements}\n}}\n").errors
    assert (error.code, made) == ("E0019", [])
    least = error.message.rpartition(" at least ")[2]
    assert int(least.replace(",", "")) >= 10**9


def test_g3_20_a_block_that_is_remembered_evaluates_nothing_again():
    lets = "; ".join(f"let x{n} = {n}" for n in range(20))
    text = f"block b() {{ {lets}; relu }}\nnet it {{ input 1x1x1; repeat 60_000 {{ b }} }}\n"
    assert check(text).errors == []


def test_g3_20_looking_ahead_ends_where_blocks_never_repeat():
    text = "block b0(n) { relu }\n" + "".join(
        f"block b{n}(n) {{ b{n - 1} 2 * n; b{n - 1} 2 * n + 1 }}\n" for n in range(1, 40)
    )
    result = check(f"{text}net it {{ input 3x8x8; relu }}\n")
    assert result.unit is not None
    foresight = Foresight()
    scope = result.unit.scope.inner()
    scope.values["n"] = 1
    assert foresight.block(result.unit.scope.values["b39"], scope) > 0
    assert foresight.steps < STEPS_MAX + 1000


def test_no_net_costs_less_than_is_foreseen():
    for path in sorted((Path(__file__).parents[2] / "specs").glob("*.cnn")):
        workspace = Workspace()
        unit = workspace.read(str(path))
        assert unit is not None
        for net in (s for s in unit.file.declarations if isinstance(s, t.Net)):
            elaborated = workspace.elaborate(unit, net.name)
            scope = unit.scope.inner()
            scope.values.update((param.name, UNKNOWN) for param in net.params)
            least = Foresight().body(net.body, scope)
            if elaborated is not None:
                assert 0 < least.layers <= len(list(ir.graph(elaborated.net)))
