"""A card's title says which call it is, and blue means one thing in one figure (F4)."""

from cnnspec.draw import figure
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
