"""Blocks in a difference: which stand for each other, and when they are opened."""

from __future__ import annotations

import pytest

from tests.analyses.differences import compared, lines

OPENED = {
    "layers of a block are found outside of it": (
        "block b() { u: conv 1, 1x1; v: conv 2, 1x1 }\nnet n { input 1x8x8; x: b; w: conv 3, 1x1 }",
        "net n { input 1x8x8; v: conv 2, 1x1 }",
        ["removed 1×1 conv, 1: x.u |", "renamed x.v -> v: x.v | v", "removed 1×1 conv, 3: w |"],
    ),
    "and the other way": (
        "net n { input 1x8x8; v: conv 2, 1x1 }",
        "block b() { u: conv 1, 1x1; v: conv 2, 1x1 }\nnet n { input 1x8x8; x: b; w: conv 3, 1x1 }",
        ["added 1×1 conv, 1: | x.u", "renamed v -> x.v: v | x.v", "added 1×1 conv, 3: | w"],
    ),
    "a block that is new says so": (
        "net n { input 1x8x8; relu }",
        "block b() { conv 1, 1x1; relu; add { conv 1, 1x1 -> relu; skip } }\n"
        "net n { input 1x8x8; relu; x: b }",
        ["added block b (4 layers): | x"],
    ),
    "blocks that stand for each other stay closed": (
        "block b() { conv 1, 1x1; conv 2, 1x1 }\nblock c() { conv 3, 1x1 }\n"
        "net n { input 1x8x8; x: b; y: c }",
        "block b() { conv 1, 1x1 }\nblock c() { conv 2, 1x1; conv 4, 1x1 }\n"
        "net n { input 1x8x8; x: b; y: c }",
        [
            "removed 1×1 conv, 2: x.conv2 |",
            "added 1×1 conv, 2: | y.conv1",
            "changed conv channels 3 -> 4: y.conv1 | y.conv2",
        ],
    ),
}

NEAR = """
block p() { conv 1, 1x1; conv 2, 1x1; conv 3, 1x1 }
block near() { conv 1, 1x1; conv 2, 1x1; conv 9, 1x1 }
block far() { conv 7, 3x3; conv 8, 3x3; conv 9, 3x3 }
"""


@pytest.mark.parametrize("body", ["x: near; y: far", "y: far; x: near"])
def test_a_block_stands_for_the_one_that_is_most_like_it(body: str):
    a, b = (f"{NEAR}net n {{ input 1x9x9; {text} }}" for text in ("x: p", body))
    assert sorted(lines(compared(a, b))) == [
        "added block far (3 layers): | y",
        "changed conv channels 3 -> 9: x.conv3 | x.conv3",
    ]


@pytest.mark.parametrize("which", OPENED)
def test_blocks_are_opened_where_that_says_less(which: str):
    a, b, wanted = OPENED[which]
    assert lines(compared(a, b)) == wanted


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (1000, ["added ReLU"]),
        (1001, ["removed block b (1000 layers)", "added ReLU"]),
    ],
)
def test_large_nets_are_compared_with_their_blocks_closed(more: int, wanted: list[str]):
    block = "block b() { repeat 1000 { relu } }\nnet n { input 1x2x2; x: b }"
    found = compared(block, f"net n {{ input 1x2x2; repeat {1000 + more} {{ relu }} }}")
    assert [f"{c.kind} {c.what}" for c in found.changes if c.kind != "renamed"] == wanted
