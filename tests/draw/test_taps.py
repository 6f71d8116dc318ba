"""Flows that go back (L14), further inputs and outputs (L15), shared weights (L17) in style block.

Every construct of the language has a picture: wires from earlier layers run on lanes, and no edge
of the graph is missing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import THEMES, DrawError, figure
from cnnspec.draw.writers.svg import write_svg
from tests.draw.edges import undrawn
from tests.language.harness import body, check

UNIT = """
default conv pad=same, bias=false
block unit(c) {
  add { { conv c, 3x3 -> bn -> relu -> last: conv c, 3x3 -> bn }; skip }
  relu
}
"""

NETS = {
    "u-net": """
default conv pad=same -> relu
block two(c) { conv c, 3x3 -> conv c, 3x3 }
block up(c) { upsample 2 -> bare conv c, 1x1 }
net x() {
  input 1x32x32
  down1: two 8
  maxpool 2x2/2
  down2: two 16
  maxpool 2x2/2
  two 32
  up 16
  concat { from down2; skip }
  two 16
  up 8
  concat { from down1; skip }
  two 8
  bare conv 2, 1x1
}
""",
    "out of a repeated block": UNIT
    + """
net x() {
  input 8x8x8
  layer1: seq { repeat 4 { unit 8 } }
  aux side: from layer1[1].last -> conv 4, 1x1 -> global_avgpool
  output deep: from layer1[2] -> conv 4, 1x1
  global_avgpool -> flatten
  linear 10
}
""",
    "out of an arm": """
default conv pad=same -> relu
net x() {
  input 8x8x8
  concat {
    wide: conv 4, 1x3
    { first: conv 6, 1x1 -> conv 4, 3x3 }
    { maxpool 3x3/1, pad=1 -> conv 2, 1x1 }
  }
  low: conv 10, 1x1
  add { skip; { from wide -> conv 10, 1x1 }; { from first -> conv 10, 1x1 } }
  output early: from first -> conv 3, 1x1
  output whole: from low
}
""",
    "in a block that repeats": """
default conv pad=same -> relu
block unit(c) {
  a: conv c, 1x1
  b: conv c, 3x3
  c: conv c, 3x3
  concat { from a; from b; skip }
  conv c, 1x1
}
net x() {
  input 8x8x8
  repeat 3 { unit 8 }
  conv 4, 1x1
}
""",
    "in a branch": """
default conv pad=same -> relu
block unit(c) { a: conv c, 1x1 -> conv c, 3x3 -> concat { skip; from a } }
net x() {
  input 8x8x8
  concat { conv 8, 1x1; unit 4; { conv 4, 1x1 -> unit 8 } }
  conv 4, 1x1
}
""",
    "two inputs": """
default conv pad=same -> relu
net x() {
  input left: 3x16x16
  input right: 3x16x16
  l: { from left -> conv 8, 3x3 -> conv 8, 3x3 }
  r: { from right -> conv 8, 3x3 }
  concat { from l; from r; { from right -> conv 2, 1x1 } }
  global_avgpool -> flatten
  linear 2
}
""",
    "outputs of outputs": """
net x() {
  input 3x8x8
  a: conv 4, 1x1
  b: conv 4, 1x1
  output one: from a -> conv 2, 1x1
  output two: from one -> conv 2, 1x1
  output both: concat { from a; skip } -> conv 2, 1x1
  aux third: from b
}
""",
    "weights used twice": UNIT
    + """
net x() {
  input 8x8x8
  first: unit 8
  mid: conv 8, 3x3
  again: share first
  share mid
  add { skip; from first }
}
""",
    "an end that is not the last": """
net x() {
  input 3x8x8
  a: conv 4, 1x1
  conv 8, 1x1
  from a
}
""",
    "through flatten": """
net x() {
  input 3x8x8
  conv 4, 1x1
  flat: flatten
  linear 8
  concat { skip; from flat }
  linear 2
}
""",
    "braces that read what stands around": """
net x() {
  input 3x8x8
  a: conv 4, 1x1
  s: seq { conv 8, 1x1; from a -> conv 2, 1x1; concat { skip; from a } }
  t: { conv 8, 1x1 -> add { skip; { from s -> conv 8, 1x1 } } }
  conv 4, 1x1
}
""",
    "outputs alone": "net x() {\n input 3x8x8\n output a: conv 2, 1x1\n output b: conv 4, 1x1\n}\n",
}
CASES = Path(__file__).parents[1] / "language" / "cases"
FENCE = re.compile(r"^```cnn([^\n]*)\n(.*?)^```$", re.M | re.S)


@pytest.mark.parametrize("level", ["block", "layer", "stage", "net"])
@pytest.mark.parametrize("name", NETS)
def test_every_edge_is_drawn_and_nothing_overlaps(
    written: Any, picture: Any, faults: Any, name: str, level: Any
) -> None:
    net = written(NETS[name])
    assert faults(figure(net, level=level)) == []
    assert undrawn(net, picture, level) == []


@pytest.mark.parametrize("path", sorted(CASES.glob("*.md")), ids=lambda path: path.stem)
def test_every_net_of_the_language_cases_is_drawn(path: Path, picture: Any, faults: Any) -> None:
    for words, text in FENCE.findall(path.read_text(encoding="utf-8")):
        shape = words.split()[1:] if words.startswith(" body") or words.startswith("body") else None
        found = check(text if shape is None else body(text, *shape))
        for elaborated in found.nets.values() if not found.errors else ():
            try:
                scene = figure(elaborated.net)
            except DrawError as refused:
                assert "nothing to draw" in str(refused)
                continue
            assert faults(scene) == []
            assert undrawn(elaborated.net, picture) == []


def wires(net: Any, picture: Any) -> set[tuple[str, str]]:
    drawn = picture(write_svg(figure(net), THEMES["light"]))
    return {(wire.data["src"], wire.data["dst"]) for wire in drawn.wires}


def test_a_tap_is_a_straight_wire(written: Any, picture: Any) -> None:
    drawn = picture(write_svg(figure(written(NETS["u-net"])), THEMES["light"]))
    taps = {("down2.relu2", "concat1"), ("down1.relu2", "concat2")}
    found = [wire for wire in drawn.wires if (wire.data["src"], wire.data["dst"]) in taps]
    assert len(found) == 2 and all(len(wire.points) == 2 for wire in found)


def test_every_input_has_its_name_and_wire(written: Any, picture: Any) -> None:
    net = written(NETS["two inputs"])
    drawn = picture(write_svg(figure(net), THEMES["light"]))
    assert {"left", "right"} <= set(drawn.says())
    assert {("left", "l.conv1"), ("right", "r.conv1"), ("right", "conv1")} <= wires(net, picture)


def test_heads_leave_from_inside_a_block_that_then_stands_alone(written: Any, picture: Any) -> None:
    net = written(NETS["out of a repeated block"])
    drawn = picture(write_svg(figure(net), THEMES["light"]))
    assert [frame["count"] for frame in drawn.frames if "head" not in frame] == ["1"] * 4
    assert ("layer1.1.last", "side.conv1") in wires(net, picture)
    assert ("layer1.2.relu2", "deep") in wires(net, picture)


def test_a_block_that_reads_back_inside_itself_is_opened_or_counted(
    written: Any, picture: Any
) -> None:
    net = written(NETS["in a block that repeats"])
    assert picture(write_svg(figure(net), THEMES["light"])).frames == []
    closed = picture(write_svg(figure(net, level="stage"), THEMES["light"]))
    assert [frame["count"] for frame in closed.frames] == ["3"]


def test_shared_weights_are_named(written: Any, picture: Any) -> None:
    said = picture(write_svg(figure(written(NETS["weights used twice"])), THEMES["light"])).says()
    assert "3×3 conv, 8, weights of mid" in said
    assert "3×3 conv, 8, weights of first.conv1" in said


@pytest.mark.parametrize("style", ["columns", "trunk"])
def test_styles_without_a_place_for_it_say_so(written: Any, style: Any) -> None:
    with pytest.raises(DrawError, match="style"):
        figure(written(NETS["u-net"]), style=style)


def test_long_names_are_cut(written: Any, faults: Any) -> None:
    long = "n" * 60
    text = NETS["two inputs"].replace("left", long + "a").replace("right", long + "b")
    assert faults(figure(written(text))) == []
    text = NETS["outputs of outputs"].replace("both", long + "c").replace("third", long + "d")
    assert faults(figure(written(text))) == []


def test_a_missing_lane_is_found(
    written: Any, picture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnnspec.draw.flow.sketch import Sketch

    monkeypatch.setattr(Sketch, "_wire", lambda *args: None)
    assert undrawn(written(NETS["u-net"]), picture)


def test_counts_stand_beside_the_parts_of_a_chain(written: Any, picture: Any, faults: Any) -> None:
    scene = figure(written(NETS["u-net"]), counts=True)
    assert faults(scene) == []
    said = picture(write_svg(scene, THEMES["light"])).says()
    assert "664 params" in said and "3.49 k params" in said
