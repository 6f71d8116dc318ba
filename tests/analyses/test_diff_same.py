"""One net written in two ways is no difference; nets that only look alike are one."""

from __future__ import annotations

import pytest

from tests.analyses.differences import compared, lines, steps

ONE = {
    "a skip connection as a fork and as a from": (
        "a: conv 4, 1x1; add { skip; relu -> conv 4, 1x1 }",
        "a: conv 4, 1x1; add { from a; relu -> conv 4, 1x1 }",
    ),
    "arms in each other, and one after the other": (
        "c: conv 4, 1x1; add { maxpool 2x2/2 -> conv 4, 1x1 -> upsample 2; skip }",
        "c: conv 4, 1x1; maxpool 2x2/2; conv 4, 1x1; add { upsample 2; from c }",
    ),
    "layers of a block, and the same without": (
        "block b() { u: conv 4, 1x1 -> relu; conv 4, 1x1 }\nnet n { input 4x8x8; x: b }",
        "net n { input 4x8x8; x: { u: conv 4, 1x1; relu; conv 4, 1x1 } }",
    ),
    "a call and its only layer with one key": (
        "block b() { 0: c }\nblock c() { conv 4, 1x1 }\nnet n { input 4x8x8; x: b }",
        "block c() { conv 4, 1x1 }\nnet n { input 4x8x8; x: seq { c } }",
    ),
    "what has no tensors has no key": ("a: relu; b: maxpool 2x2", "c: relu; d: maxpool 2x2"),
    "a path over another name": (
        "a: relu; conv 4, 1x1; add { skip; from a }",
        "b: relu; conv 4, 1x1; add { skip; from b }",
    ),
    "a block that does nothing": (
        "block b(n) { if n > 1 { relu } }\nnet n { input 4x8x8; x: b 1; relu }",
        "net n { input 4x8x8; relu }",
    ),
    "arms of a sum in another order": (
        "conv 4, 1x1; a: add { u: conv 4, 1x1; v: conv 4, 3x3, same; skip }",
        "conv 4, 1x1; a: add { skip; v: conv 4, 3x3, same; u: conv 4, 1x1 }",
    ),
    "what is computed twice": (
        "a: conv 4, 1x1; add { relu -> conv 4, 1x1; relu }",
        "a: conv 4, 1x1 -> r: relu; add { conv 4, 1x1; from r }",
    ),
    "a border by itself where PyTorch knows no other": (
        "conv 4, 3x3/2, pad=[0, 1, 0, 1]", "pad [0, 1, 0, 1]; conv 4, 3x3/2"
    ),
    "what a gain begins with": ("conv 3, 1x1 -> scale value=2.0", "conv 3, 1x1 -> scale"),
    "one slope for one channel": (
        "conv 1, 1x1 -> prelu", "conv 1, 1x1 -> prelu shared=true"
    ),
    "a dropout of nothing": ("conv 3, 1x1 -> dropout 0", "conv 3, 1x1"),
    "a crop to what arrives": ("a: conv 3, 1x1 -> crop to=a", "a: conv 3, 1x1"),
    "no border": ('conv 3, 1x1 -> pad 0, mode="circular"', "conv 3, 1x1"),
}  # fmt: skip


@pytest.mark.parametrize("which", ONE)
def test_two_ways_to_write_one_net(which: str):
    a, b = ONE[which]
    found = compared(a, b)
    assert lines(found) == []
    assert {kind for kind, *_ in steps(found)} == {"equal"}


TWO = {
    "the weights of another layer": (
        "a: conv 4, 1x1; b: conv 4, 1x1; share a",
        "a: conv 4, 1x1; b: conv 4, 1x1; share b",
        ["removed share a: share1 |", "added share b: | share1"],
    ),
    "the size of another map": (
        "a: relu; b: maxpool 2x2/2; c: maxpool 2x2/2; resize to=a",
        "a: relu; b: maxpool 2x2/2; c: maxpool 2x2/2; resize to=b",
        ["removed from a: |", "added from b: |"],
    ),
    "the other way round": (
        "conv 4, 1x1; sub { skip; relu }",
        "conv 4, 1x1; sub { relu; skip }",
        ["changed what sub reads: sub1 | sub1"],
    ),
    "an output for training alone": (
        "conv 4, 1x1; output x: relu; relu",
        "conv 4, 1x1; aux x: relu; relu",
        ["removed output x: x |", "added aux x: | x"],
    ),
    "an output of the flow for training alone": (
        "a: conv 4, 1x1; output x: from a; relu",
        "a: conv 4, 1x1; aux x: from a; relu",
        ["removed output x: x |", "added aux x: | x"],
    ),
    "a layer that no output needs": (
        "a: conv 4, 1x1; conv 3, 1x1; from a",
        "a: conv 4, 1x1",
        ["removed 1×1 conv, 3: conv1 |", "removed from a: |"],
    ),
}


@pytest.mark.parametrize("which", TWO)
def test_two_nets(which: str):
    a, b, wanted = TWO[which]
    assert lines(compared(a, b)) == wanted
    assert lines(compared(b, a)) != []


def test_another_key_of_one_net():
    """However it is written, a layer with tensors has its name in the state_dict."""
    found = compared(
        "c: conv 4, 1x1; add { top: conv 4, 1x1; skip }",
        "c: conv 4, 1x1; head: conv 4, 1x1; add { skip; from c }",
    )
    assert lines(found) == ["renamed top -> head: top | head"]
