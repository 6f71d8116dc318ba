"""A card's title says which call it is, and blue means one thing in one figure (F4)."""

from cnnspec.draw import figure
from cnnspec.draw.flow.audit import Stretch
from cnnspec.draw.flow.labels import Places
from cnnspec.draw.flow.levels import layout_of, levels
from cnnspec.draw.flow.steps import flow_of
from cnnspec.draw.page.palette import THEMES
from cnnspec.draw.page.scene import Rect, Text
from tests.draw.conftest import SPECS, load
from tests.draw.flow.judge import Seen, wrong
from tests.fuzz.nets import elaborate

UNET = """
default conv pad=same, bias=false -> bn -> relu
block double(c) { conv c, 3x3; conv c, 3x3 }
block up(c) { conv_transpose c, 2x2/2 }
net it {
  input 3x64x64
  down1: double 16
  down2: seq { maxpool 2x2/2; double 32 }
  down3: seq { maxpool 2x2/2; double 64 }
  up1: { up: conv_transpose 32, 2x2/2; concat { from down2; skip }; conv: double 32 }
  up2: { up: conv_transpose 16, 2x2/2; concat { from down1; skip }; conv: double 16 }
  conv 2, 1x1
}
"""


def test_calls_of_one_name_are_called_by_more_of_their_paths() -> None:
    seen = Seen(elaborate(UNET).net)
    assert wrong(seen) == [] and seen.drawing is not None
    titles = [v.name for v in seen.drawing.graph.vertices if v.kind == "card"]
    assert titles == ["down1", "down2.1", "down3.1", "up1.conv", "up2.conv"]
    assert {*titles} <= {shape.text for shape in seen.scene.shapes if isinstance(shape, Text)}


def test_a_closed_card_says_its_block_and_its_channels() -> None:
    scene = Seen(elaborate(UNET).net, level="stage").scene
    said = [shape.text for shape in scene.shapes if isinstance(shape, Text)]
    assert {"double, 16", "double, 32", "2 conv", "1 pool, 1 × double /2"} <= set(said)


def test_a_zoomed_part_has_the_blue_that_it_has_in_the_overview() -> None:
    net = load(SPECS / "resnet34.cnn", "resnet34").net
    scene = figure(net, level="stage", zoom=("layer3",))
    fills = {fill for fill in THEMES["light"] if fill.startswith("conv")}
    blue = [(s.stands, s.fill) for s in scene.shapes if isinstance(s, Rect) and s.fill in fills]
    overview = {fill for stands, fill in blue if stands == ("layer3",)}
    inset = {fill for stands, fill in blue if stands and stands[0].startswith("layer3.")}
    assert overview == inset and len(inset) == 1
    texts = [shape.text for shape in scene.shapes if isinstance(shape, Text)]
    assert sum(text.endswith("channels") for text in texts) == 1


HEADS = """
default conv pad=same -> relu
block subnet(c) { repeat 3 { conv 32, 3x3 }; bare conv c, 1x1 }
block unit(c) { add { skip; { conv c // 4, 1x1; conv c // 4, 3x3; conv c, 1x1 } } }
net it {
  input 3x64x64
  c1: { conv 64, 3x3/2; repeat 3 { unit 64 } }
  c2: { conv 128, 3x3/2; repeat 4 { unit 128 } }
  c3: { conv 256, 3x3/2; repeat 6 { unit 256 } }
  m3: conv 64, 1x1 -> upsample 2
  m2: add { skip; from c2 -> conv 64, 1x1 }
  upsample 2
  m1: add { skip; from c1 -> conv 64, 1x1 }
  from c3 -> p4: conv 64, 3x3/2
  output cls1: from m1 -> subnet 18
  output box1: from m1 -> subnet 8
  output cls2: from m2 -> share cls1
  output box2: from m2 -> share box1
  output cls4: from p4 -> share cls1
  output box4: from p4 -> share box1
}
"""


def test_an_inset_of_calls_that_share_weights_names_nobody_else_s() -> None:
    """F3, F4: the cards say whose weights they use; the rows drawn are those of the owner."""
    seen = Seen(elaborate(HEADS).net)
    assert wrong(seen) == [] and seen.drawing is not None
    said = [shape.text for shape in seen.scene.shapes if isinstance(shape, Text)]
    assert "subnet" in said and "c = 18, 8" in said
    boxes = [s.text for s in seen.scene.shapes[: seen.scene.foot[0]] if isinstance(s, Text)]
    assert not [text for text in boxes if " or " in text]
    assert sum("weights of cls1" in text for text in said) == 2


def test_f1_insets_stand_beside_the_figure_where_lines_under_it_have_no_room() -> None:
    """RetinaNet was 2 pt too high so, and was cut into stretches of 18 to 30 ops."""
    net = load(SPECS / "more" / "retinanet.cnn", "retinanet_resnet50").net
    seen = Seen(net)
    assert wrong(seen) == [] and seen.drawing is not None
    assert not seen.drawing.rung.cut and seen.drawing.mode == "lanes"
    assert {"bottleneck a", "bottleneck b", "subnet"} == {
        inset.body.title for inset in seen.drawing.insets.shown
    }


def test_f4_a_number_stands_nearer_to_its_own_wire_than_to_another() -> None:
    """HRNet's 8 stood behind the 5, which runs between: it was clear of it, and beyond it."""
    others = [Stretch(95, 80, 95, 170, 1), Stretch(103, 0, 103, 200, 2)]
    spot = Places([], [Stretch(100, 0, 100, 200, 0), *others], 300).find(
        [(100, 0), (100, 200)], "8", clear=4
    )
    assert spot.left > 93 and spot.right < 100 and not 75 < spot.top < 170


def test_f1_a_linear_layer_on_the_last_axis_changes_no_resolution() -> None:
    """ConvNeXt's blocks rose and met, so that it stood as a stair of lanes, 60 % of it bare."""
    text = """
block unit(c) {
  add {
    { conv c, 7x7, pad=3, groups=c -> permute [1, 2, 0]
      -> linear 4 * c, over="last" -> gelu -> linear c, over="last" -> permute [2, 0, 1] }
    skip
  }
}
net it { input 3x64x64; conv 24, 4x4/4; repeat 2 { unit 24 }; conv 48, 2x2/2; unit 48 }
"""
    flow = flow_of(elaborate(text).net)
    assert layout_of(flow, levels(flow)) == "ranks"
    assert levels(flow)[-1] == 3
