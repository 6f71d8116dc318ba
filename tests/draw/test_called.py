"""What calls are called in print, and what their cards say of them (F4)."""

from __future__ import annotations

import pytest

from cnnspec.draw import figure
from cnnspec.draw.options import planned
from cnnspec.draw.page.scene import Path, Scene, Text
from cnnspec.draw.parts.contents import notes
from cnnspec.draw.parts.parts import Frame, between, caption, walk
from cnnspec.ir import Call, Net, members
from tests.fuzz.nets import elaborate

ROWS = """
default conv pad=same, bias=false -> bn -> relu
block plain(c, s) { conv c, 3x3/s }
net it {
  input 3x32x32
  body: {
    stage1: seq { plain 16, 1; repeat 8 { plain 16, 1 } }
    stage2: seq { plain 32, 2; repeat 8 { plain 32, 1 } }
  }
  global_avgpool -> flatten -> linear 10
}
"""
WRAPS = """
default conv pad=same, bias=false -> bn -> relu
block rows(c, s) { conv 2 * c, 1x1; conv 2 * c, 3x3/s; bare conv c, 1x1 -> bn }
block unit(c, s) {
  if s == 1 and in.channels == c { add { skip; rows c, s } } else { inner: rows c, s }
}
net it {
  input 3x32x32
  conv 16, 3x3
  layers: {
    0: { unit 24, 2; unit 24, 1; unit 24, 1 }
    1: { unit 48, 2; unit 48, 1 }
  }
  global_avgpool -> flatten -> linear 10
}
"""
STRIDES = """
default conv pad=0
block stem() { conv 8, 3x3/2; conv 8, 3x3; maxpool 3x3/2; conv 8, 3x3/2 }
block gate() { global_avgpool; conv 8, 1x1 }
block grows(c, s) { conv c, 1x1; conv_transpose c, 2x2/s; conv c, 1x1 }
net it {
  input 3x299x299
  a: stem
  mul { skip; g: gate }
  b: grows 8, 2
}
"""


def _net(text: str) -> Net:
    return elaborate(text).net


def _said(scene: Scene) -> list[str]:
    return [shape.text for shape in scene.shapes if isinstance(shape, Text)]


def test_f4_counted_rows_go_by_the_names_of_their_calls() -> None:
    frames = [one for one in walk(planned(_net(ROWS), {}).parts) if isinstance(one, Frame)]
    assert [caption(one) for one in frames] == ["stage1.1–8", "stage2.1–8"]
    assert "stage1.1–8" in _said(figure(_net(ROWS)))


@pytest.mark.parametrize(("first", "last", "said"), [
    ("layer1", "layer6", "layer1–6"), ("stage3.1", "13", "stage3.1–13"),
    ("stage3.1", "stage3.13", "stage3.1–13"), ("conv4_2", "conv4_6", "conv4_2–6"),
    ("one", "other", "one – other"),
])  # fmt: skip
def test_f4_several_names_as_one(first: str, last: str, said: str) -> None:
    assert between(first, last) == said


def test_f4_a_block_that_wraps_its_rows_in_some_calls_is_no_stage_there() -> None:
    """MNASNet's blocks with a stride were stages of one block called `layers`."""
    said = _said(figure(_net(WRAPS), width=6.9 * 72))
    assert "inner" not in said and {"layers.0", "layers.1"} <= {*said}


def test_f4_the_stride_of_a_block_is_the_product_of_its_strides() -> None:
    """299 to 35 was said as /9, and a global pool as /33."""
    found = {
        item.name: notes(item.module).strides
        for item in members(_net(STRIDES).body.items)
        if isinstance(item, Call)
    }
    assert found["a"] == "/8" and found["b"] == "×2"
    assert {found[name] for name in found if name not in ("a", "b")} <= {""}


def test_f4_a_card_says_its_stride_also_where_its_block_says_what_varies() -> None:
    """EfficientNet's `unit c, 40` halves the map, and `unit c, 112` does not."""
    unit = "block unit(c, s) { mid c, 1; mid c, s; mid c, 1 }"
    mid = "block mid(c, s) { add { conv c, 1x1/s; { conv c, 3x3/s, same; conv c, 1x1 } } }"
    text = f"""{mid}
{unit}
net it {{
  input 3x64x64
  {"; ".join(f"unit {c}, {s}" for c, s in ((8, 2), (16, 1), (24, 2), (32, 1), (40, 2), (48, 1)))}
  global_avgpool -> flatten -> linear 10
}}
"""
    said = _said(figure(_net(text), height=300, width=400))
    calls = [one for one in said if one.startswith("unit, ")]
    assert [("/2" in one) for one in calls] == [True, False] * 3


UNPOOL = """
default conv pad=same -> relu
net it {
  input 3x32x32
  a: conv 16, 3x3
  p: maxpool 2x2/2
  conv 32, 3x3
  q: maxpool 2x2/2
  unpool q
  conv 16, 3x3
  unpool p
  conv 2, 1x1
}
"""


def test_f4_what_gives_places_alone_is_dashed_and_the_key_says_so() -> None:
    """SegNet's encoders give the decoder where their maxima stood, not their maps."""
    scene = figure(_net(UNPOOL))
    wires = [one for one in scene.shapes if isinstance(one, Path) and dict(one.data).get("dst")]
    dashed = [dict(wire.data) for wire in wires if wire.dash]
    assert [(wire["src"], wire["dst"]) for wire in dashed] == [("p", "unpool2")]
    said = _said(scene)
    assert "places of maxima" in said and "×2" not in said
