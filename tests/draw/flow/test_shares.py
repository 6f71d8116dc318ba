"""Blocks that share weights within themselves are counted, blocks that share one's are not."""

from __future__ import annotations

from typing import Any

from cnnspec.draw.flow.calls import Likeness, spans_of
from cnnspec.draw.flow.levels import levels
from cnnspec.draw.flow.quotient import quotient, repeats
from cnnspec.draw.flow.steps import flow_of
from cnnspec.ir import Net

BLOCKS = """default conv pad=same
block attend() {
  mul { skip; { add { { global_avgpool; mlp: conv 8, 1x1 }; { global_maxpool -> share mlp } } -> sigmoid } }
}
net x() {
  input 8x16x16
  one: attend
  two: attend
  three: attend
  flatten
  linear 4
}
"""  # noqa: E501
LOOP = """default conv pad=same
block step() { conv 8, 3x3 -> relu; conv 8, 1x1 }
net x() {
  input 8x16x16
  one: step
  two: share one
  three: share one
  four: step
  five: share four
  flatten
  linear 4
}
"""


def counts(net: Net, *names: str) -> dict[str, int]:
    """How often each of the closed calls stands for equal ones."""
    flow = flow_of(net)
    spans = spans_of(flow, net)
    graph = quotient(flow, levels(flow), [spans[name] for name in names])
    repeats(graph, Likeness(flow))
    return {vertex.name: vertex.count for vertex in graph.vertices if vertex.kind == "card"}


def test_f1_blocks_that_share_within_themselves_are_counted(written: Any) -> None:
    assert counts(written(BLOCKS), "one", "two", "three") == {"one": 3}


def test_f1_a_block_that_has_its_weights_from_another_is_not_that_one(written: Any) -> None:
    found = counts(written(LOOP), "one", "two", "three", "four", "five")
    assert found == {"one": 1, "two": 2, "four": 1, "five": 1}
