"""F2: to the right, a long chain of blocks is a band over two columns, as papers set it.

Blocks that have room for their rows show them on one line; else stages stand by the names of their
blocks, each structure drawn once under the line.  Nothing is left out either way (judge.wrong).
"""

from __future__ import annotations

from random import Random

import pytest

from cnnspec.draw.flow.cards import ClosedBody
from cnnspec.ir import Net
from tests.draw.flow import run
from tests.draw.flow.judge import Seen, wrong
from tests.fuzz.nets import elaborate

BLOCKS = {
    "preact": """
block pair(c, s) { conv c, 3x3/s -> bn -> relu -> conv c, 3x3 }
block unit(c, s) {
  if in.channels != c {
    bn -> relu
    add { residual: pair c, s; conv c, 1x1/s }
  } else { add { bn -> relu -> residual: pair c, s; skip } }
}
""",
    "gated": """
block weigh(c) { global_avgpool -> conv c//8, 1x1 -> relu -> conv c, 1x1 -> sigmoid }
block gate(c) { mul { skip; weigh c } }
block unit(c, s) {
  if in.channels != c {
    conv c, 3x3/s -> bn -> relu -> gate c
  } else { add { { conv c, 3x3 -> bn -> relu -> gate c }; skip } -> relu }
}
""",
    "two arms": """
block unit(c, s) {
  concat {
    { conv c//2, 1x1 -> bn -> relu -> conv c//2, 3x3/s -> bn -> relu }
    { conv c//2, 3x3/s -> bn -> relu -> conv c//2, 1x1 -> bn -> relu }
  }
}
""",
    "grouped": """
block unit(c, s) {
  if s != 1 or in.channels != 2*c {
    add {
      { conv c, 1x1 -> bn -> relu -> conv c, 3x3/s, groups=32 -> bn -> relu -> conv 2*c, 1x1 -> bn }
      { conv 2*c, 1x1/s -> bn }
    } -> relu
  } else {
    add {
      { conv c, 1x1 -> bn -> relu -> conv c, 3x3, groups=32 -> bn -> relu -> conv 2*c, 1x1 -> bn }
      skip
    } -> relu
  }
}
""",
}  # fmt: skip


def staged(kind: str, counts: tuple[int, ...], width: int = 64) -> Net:
    """A net of stages of one kind of block, each with twice the channels of the one before."""
    stages = "\n".join(
        f"  stage{at}: seq {{ unit {width << at}, {1 + (at > 0)}; "
        f"repeat {count} {{ unit {width << at}, 1 }} }}"
        for at, count in enumerate(counts)
    )
    return elaborate(f"""
default conv pad=same, bias=false
{BLOCKS[kind]}
net it() {{
  input image: 3x128x128
  conv 32, 3x3/2 -> bn -> relu
{stages}
  global_avgpool -> flatten
  linear 100
}}
""").net


@pytest.mark.parametrize("kind", BLOCKS)
def test_f2_stages_of_blocks_are_one_line_over_two_columns(kind: str) -> None:
    net = staged(kind, (2, 3, 5))
    seen = Seen(net, direction="right")
    assert wrong(seen) == [] and seen.drawing is not None
    assert seen.drawing.rung.line and seen.scene.width <= 6.9 * 72
    high = 2 if seen.drawing.rung.look.strip else 4
    assert seen.scene.height <= high * 72
    closed = (v for v in seen.drawing.graph.vertices if isinstance(v.body, ClosedBody))
    assert seen.drawing.said and (seen.drawing.insets.shown or not [*closed])


def test_f2_stages_of_any_length_are_told_truly() -> None:
    dice = Random(17)
    for _ in range(8):
        kind = dice.choice([*BLOCKS])
        counts = tuple(dice.randint(1, 9) for _ in range(dice.randint(2, 5)))
        seen = Seen(staged(kind, counts, dice.choice((32, 64))), direction="right")
        assert wrong(seen) == [], (kind, counts)
        assert seen.scene.height <= 4.1 * 72, (kind, counts)


@pytest.mark.parametrize(("name", "wide", "high"), [
    ("torchvision/resnext.cnn:resnext50_32x4d", 6.9, 2),
    ("torchvision/resnext.cnn:resnext101_64x4d", 6.9, 2),
    ("resnet34.cnn:resnet34", 6.9, 1.6),
    ("more/wide_resnet.cnn:wrn_28_10", 6.9, 3),
    ("resnet1001_preact.cnn", 6.9, 3),
    ("more/se_resnet.cnn", 6.9, 3.5),
    ("yolov3.cnn:darknet53", 6.9, 2.5),
    ("shufflenet_v2.cnn:shufflenet_v2_x1_0", 6.9, 3.5),
])  # fmt: skip
def test_f2_nets_of_the_zoo_are_one_line(name: str, wide: float, high: float) -> None:
    ((_, net),) = run.shipped([name])
    seen = Seen(net, direction="right")
    assert wrong(seen) == [] and seen.drawing is not None and seen.drawing.rung.line
    assert seen.scene.width <= 72 * wide and seen.scene.height <= 72 * high


def test_f2_a_preactivation_block_is_closed_as_a_whole() -> None:
    seen = Seen(staged("preact", (3, 3, 3)), direction="right")
    assert seen.drawing is not None
    assert [inset.body.title for inset in seen.drawing.insets.shown] == ["unit a", "unit b"]
    cards = [v.name for v in seen.drawing.graph.vertices if v.kind == "card"]
    assert cards == ["stage0", "stage1", "stage2"]


def test_f1_what_is_asked_for_whole_is_no_band_of_names() -> None:
    """A slide, or a part of a figure, that asks for level block shows its blocks."""
    scene = Seen(staged("preact", (2, 2)), direction="right", strict=True, height=10_000.0).scene
    assert not scene.note
