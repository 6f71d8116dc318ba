"""Nets as parts: their weights, and which of them are equal."""

from __future__ import annotations

import pytest

from cnnspec.analyses.structure import Join, Structure
from tests.backends.harness import elaborate

BODY = """
block unit(c) { conv c, 3x3, pad=1; relu }
net n {
  input 8x8x8
  a: unit 8
  b: { conv 8, 1x1; maxpool 2x2/2 }
  wide: concat { conv 2, 1x1; conv 3, 1x1 -> relu }
  add { skip; c: conv 5, 1x1 -> bn }
  skipped: concat { conv 4, 1x1; skip; unit 4 }
  output side: from a -> conv 2, 1x1 -> relu
  flatten -> linear 3
}
"""


def parts(text: str):
    return Structure().net(elaborate(text).net)


def test_the_parts_of_a_net_and_their_weights():
    """A layer with weights counts 4, a pool 2, a join 2 with the arms beside its trunk."""
    assert [(type(p).__name__, p.name, p.weight) for p in parts(BODY)] == [
        ("Block", "a", 5),
        ("Leaf", "b.conv1", 4),
        ("Leaf", "b.maxpool1", 2),
        ("Join", "wide", 2 + 4 + 5),
        ("Leaf", "c", 4),
        ("Leaf", "bn1", 1),
        ("Join", "add1", 2),
        ("Block", "unit1", 5),
        ("Join", "skipped", 2 + 4),
        ("Side", "side", 1 + 1 + 5),
        ("Leaf", "flatten1", 1),
        ("Leaf", "linear1", 4),
    ]
    joins = [p for p in parts(BODY) if isinstance(p, Join)]
    assert [[len(arm) for arm in join.arms] for join in joins] == [[1, 2], [0], [1, 0]]


def test_what_flows_beside_has_a_word():
    text = "net n { input 4x8x8\n a: relu\n b: { one: conv 4, 1x1; share one; from a } }"
    assert [(type(p).__name__, p.name, p.weight, getattr(p, "word", "")) for p in parts(text)] == [
        ("Leaf", "a", 1, ""),
        ("Leaf", "b.one", 4, ""),
        ("Side", "b.share1", 5, "share one"),
        ("Side", "", 1, "from a"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("conv 4, 3x3, pad=same", "conv 4, 3x3, pad=1", True),
        ("conv 4, 3x3, pad=same, dilation=2", "conv 4, 3x3, pad=2, dilation=2", True),
        ("conv 4, 3x3, pad=same, dilation=2", "conv 4, 3x3, pad=1, dilation=2", False),
        ("avgpool 3x3/1, pad=same", "avgpool 3x3/1, pad=1", True),
        ("conv 4, 3x3", "conv 4, 3x3/2", False),
        ("conv 4, 3x3", "conv 4, 3x3, bias=false", False),
        ("conv 4, 3x3, init=normal(std=0.01)", "conv 4, 3x3", True),
        ("relu", "tanh", False),
        ("add { skip; relu }", "mul { skip; relu }", False),
        ("a: relu\nrelu\noutput o: from a -> relu", "a: relu\nrelu\naux o: from a -> relu", False),
        ("a: relu\nb: relu\nfrom a -> tanh", "a: relu\nb: relu\nfrom b -> tanh", False),
    ],
)
def test_what_is_equal(one, other, equal):
    structure = Structure()
    keys = [
        [part.key for part in structure.net(elaborate(f"net n {{ input 4x8x8\n{text}\n}}").net)]
        for text in (one, other)
    ]
    assert (keys[0] == keys[1]) == equal
