"""F4: what a figure says is true of the net: heads, gates, depthwise, joins, keys, cards, wires."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import THEMES, DrawError, architecture_table, draw, figure
from cnnspec.draw.html import write_html
from cnnspec.draw.page.scene import Path as Drawn
from cnnspec.draw.page.scene import Rect, Text
from cnnspec.draw.writers.explorer import write_json
from cnnspec.draw.writers.svg import write_svg
from tests.draw.conftest import load
from tests.draw.literature import NETS

DROP_PATHS = """
default conv pad=same, bias=false
block unit(c, p, s = 1) {
  add {
    { conv c, 3x3/s -> bn -> relu -> conv c, 3x3 -> bn -> drop_path p }
    if s != 1 { conv c, 1x1/s -> bn } else { skip }
  }
  relu
}
net x() {
  input 3x32x32
  conv 16, 3x3 -> bn -> relu
  layer1: seq { for i in range(4) { unit 16, 0.05*(i+1) } }
  layer2: seq { unit 32, 0.1, 2; for i in range(3) { unit 32, 0.05*(i+1) } }
  global_avgpool -> flatten
  linear 10
}
"""


def seen(picture: Any, net: Any, **options: Any) -> Any:
    return picture(write_svg(figure(net, **options), THEMES["light"]))


def test_f4_heads_are_drawn(written: Any, spec: Any, picture: Any) -> None:
    assert "softmax" in seen(picture, spec("googlenet").net).says()
    said = seen(picture, written(NETS["outputs"])).says()
    assert {"softmax", "sigmoid", "tanh"} <= set(said)
    assert "tanh" in seen(picture, written(NETS["generator"])).says()
    assert "fc, 2, softmax" in architecture_table(spec("lenet5").net, form="md")


def test_f4_auxiliary_boxes_show_activations(written: Any, spec: Any, picture: Any) -> None:
    plain = [text for text in seen(picture, spec("googlenet").net).says() if text == "ReLU"]
    assert len(plain) == 3 + 2 * 2, "three of the stem, two in each auxiliary head"


def test_f4_a_squeeze_and_excitation_is_a_side_branch(
    written: Any, picture: Any, faults: Any
) -> None:
    net = written(NETS["se-resnet"])
    assert faults(figure(net)) == []
    drawn = seen(picture, net)
    assert "SE, 4" in drawn.says() and "SE, 8" in drawn.says()
    assert "SE: global avg pool, 1×1 conv, ReLU, 1×1 conv, sigmoid" in drawn.says()
    gates = [wire for wire in drawn.skips if wire["skip"] == "gate"]
    assert gates[0]["via"].split()[0].endswith("global_avgpool1")
    closed = seen(picture, net, level="net").says()
    assert not any("5 conv" in text or "1 pool" in text for text in closed)


def test_f4_a_product_of_two_branches_is_no_gate(written: Any, picture: Any) -> None:
    net = written(
        "net x() {\n input 8x8x8\n mul { conv 8, 1x1; { conv 8, 1x1 -> sigmoid } }\n"
        " mul { skip; { avgpool 3x3/1, pad=1 -> conv 8, 1x1 -> sigmoid } }\n}\n"
    )
    assert not [text for text in seen(picture, net).says() if text.startswith("SE")]


def test_f4_depthwise_says_so(written: Any, picture: Any) -> None:
    net = written(
        "net x() {\n input 8x8x8\n conv 8, 3x3, groups=8\n conv 16, 3x3, groups=8\n"
        " conv 16, 3x3, groups=4\n slice 0, 1\n conv 4, 1x1\n}\n"
    )
    said = seen(picture, net).says()
    assert {"3×3 dw conv, 8", "3×3 dw conv, 16", "3×3 conv, 16, 4 groups", "1×1 conv, 4"} <= set(
        said
    )
    assert "3\\u00d73 dw conv" in write_json([net])


def test_f4_a_join_says_concat(spec: Any, picture: Any) -> None:
    said = seen(picture, spec("inception_module").net).says()
    assert "concat, 256" in said
    said = seen(picture, spec("inception_v3").net).says()
    strips = "concat: output channels of each branch; reduce: 1×1 convs at their heads"
    assert {strips, "branch of a pool"} <= set(said)


@pytest.mark.parametrize(
    ("net", "pool"), [("googlenet", "3×3 max pool"), ("inception_v3", "3×3 avg pool")]
)
def test_f4_a_branch_of_convs_that_begins_with_a_pool_shows_it(
    spec: Any, net: str, pool: str
) -> None:
    """Blind readers built two equal 1×1 branches where the fourth begins with a pool."""
    scene = figure(spec(net).net)
    said = [shape.text for shape in scene.shapes if isinstance(shape, Text)]
    assert f"branch that begins with a {pool}" in said
    edges = [s for s in scene.shapes if isinstance(s, Rect) and s.fill == "pool" and s.width == 3]
    modules = [name for name in said if re.fullmatch("inception.*|Mixed_.*", name)]
    alone = {"Mixed_6a", "Mixed_7a"}  # a branch that is nothing but a pool
    assert len(edges) == len(set(modules) - alone) + 1, "and the key"


@pytest.mark.parametrize(
    ("arms", "note"),
    [
        (("conv 4, 1x1 -> bn -> relu", "conv 4, 3x3, pad=1 -> bn -> relu"), "conv, BN, ReLU"),
        (
            ("conv 8, 1x1 -> bn -> relu",
             "conv 8, 3x3, pad=1, groups=8 -> bn -> conv 4, 1x1 -> bn -> relu"),
            "conv, BN, ReLU; 3×3 dw conv, BN",
        ),
        (
            ("conv 4, 1x1 -> bn -> relu", "conv 4, 3x3, pad=1 -> bn -> relu -> conv 2, 1x1"),
            "conv, BN, ReLU; 1×1 conv, 2 alone",
        ),
        (
            ("conv 4, 1x1 -> bn -> relu", "conv 4, 1x1 -> bn", "conv 4, 1x1 -> gelu"),
            "conv, BN, ReLU or conv, BN or conv, GELU",
        ),
        (
            ("conv 4, 3x3, pad=1 -> bn -> relu -> conv 4, 3x3, pad=1 -> bn",) * 2,
            "conv, BN, ReLU; before a join: conv, BN",
        ),
        (
            ("conv 3, 1x1 -> conv 5, 1x1 -> conv 7, 1x1 -> conv 2, 1x1 -> relu",
             " -> ".join(f"conv {size}, 1x1 -> relu" for size in (2, 4, 6, 8))),
            "conv, ReLU; 1×1 conv, 3 and 1×1 conv, 5 and 1×1 conv, 7 alone",
        ),
        (("conv 4, 1x1", "conv 4, 3x3, pad=1"), ""),
    ],
)  # fmt: skip
def test_f4_the_key_says_what_follows_convs_whose_boxes_do_not(
    written: Any, picture: Any, arms: tuple[str, ...], note: str
) -> None:
    """A key that said "norms and activations not shown" left blind readers to guess which."""
    net = written(f"net x() {{\n input 8x8x8\n concat {{ {'; '.join(arms)} }}\n}}\n")
    said = seen(picture, net).says()
    found = [text for text in said if re.match("conv, |BN, |.*not shown", text)]
    assert found == ([note] if note else [])


def test_f4_the_key_says_what_shades_mean(spec: Any, picture: Any) -> None:
    assert "stages of 64–512 channels" in seen(picture, spec("resnet34").net).says()
    assert "64–512 channels" in seen(picture, spec("vgg_d").net).says()
    assert "conv" in seen(picture, spec("densenet121").net, style="trunk").says()
    scene = figure(spec("densenet121").net, style="trunk")
    recipe = [s for s in scene.shapes if isinstance(s, Drawn) and s.fill in ("conv1", "conv3")]
    assert recipe == [], "no blue without a word for it"


def test_f4_cards_of_stages_have_names_and_colours(spec: Any, picture: Any) -> None:
    scene = figure(spec("resnet34").net, level="stage")
    said = picture(write_svg(scene, THEMES["light"])).says()
    assert {"3 × basic", "6 × basic, stride = 2, then 1", "3 × basic, stride = 2, 1, 1"} <= set(
        said
    )
    cards = [s for s in scene.shapes if isinstance(s, Rect) and s.data and s.data[0][0] == "group"]
    assert [card.fill for card in cards] == ["conv1", "conv2", "conv3", "conv4"]


def test_f4_a_card_without_arguments_says_its_stride(spec: Any, picture: Any) -> None:
    said = seen(picture, spec("densenet121").net, level="stage").says()
    assert "/2" in said


def test_f4_blocks_that_differ_in_a_drop_path_rate_are_one(
    written: Any, picture: Any, faults: Any
) -> None:
    net = written(DROP_PATHS)
    assert faults(figure(net)) == []
    drawn = seen(picture, net)
    assert [frame["count"] for frame in drawn.frames] == ["4", "1", "3"]
    assert {"drop path 0.05–0.2", "drop path 0.1", "drop path 0.05–0.15"} <= set(drawn.says())
    assert {"4 × unit", "4 × unit, s = 2, then 1"} <= set(seen(picture, net, level="stage").says())


def test_f4_counts_are_rounded_alike_everywhere(spec: Any, picture: Any) -> None:
    net = spec("resnet34").net
    assert "21.80 M params · 3.66 G MACs" in seen(picture, net).says()
    assert "3.66 G MACs" in seen(picture, net, style="columns").says()
    assert "3.66 G" in architecture_table(net, form="md")
    assert "13.11 M params" in seen(picture, net, counts=True).says()


def test_f4_badges_stand_below_their_wedges(spec: Any, picture: Any) -> None:
    scene = figure(spec("densenet121").net, style="trunk")
    wedges = [
        s for s in scene.shapes if isinstance(s, Drawn) and s.data and s.data[0][0] == "group"
    ]
    low = max(at[1] for wedge in wedges for _, at in wedge.segments if at)
    badges = [s for s in scene.shapes if isinstance(s, Rect) and s.fill == "badge"]
    assert len(badges) == 4 and all(badge.y > low for badge in badges)


def test_f4_weights_used_twice_count_once(written: Any, picture: Any) -> None:
    net = written(NETS["siamese"])
    said = seen(picture, net, counts=True).says()
    assert said.count("1.25 k params") == 1 and said.count("282.24 k MACs") == 2
    groups = json.loads(write_json([net]))["graphs"][0]["groupNodeAttributes"]
    assert groups["other"] == {"params": "0", "MACs": "282,240"}
    assert groups[""]["params"] == "1,281"
    found = re.search(r'id="data">(.*?)</script>', write_html([net], "block", "light", {}))
    assert found is not None
    facts = json.loads(found[1])["facts"]
    assert facts["other"] == "16 · 282.24 k MACs"
    assert "weights of twin.conv1" in facts["other.conv1"]


def spans(wires: Any) -> dict[float, list[tuple[float, float, str]]]:
    """The upright stretches of wires: by their place, from where to where, from which layer."""
    out = defaultdict(list)
    for wire in wires:
        for (x0, y0), (x1, y1) in pairwise(wire.points):
            if x0 == x1 and abs(y1 - y0) > 11:
                out[x0].append((min(y0, y1), max(y0, y1), wire.data["src"]))
    return out


def test_f4_wires_of_outputs_share_no_track_and_cross_no_box(
    written: Any, picture: Any, faults: Any
) -> None:
    net = written(NETS["ssd300"])
    assert faults(figure(net)) == []
    drawn = seen(picture, net)
    for at in spans(drawn.wires).values():
        for (_, low, source), (high, _, other) in pairwise(sorted(at)):
            assert source == other or low <= high + 0.01
    assert len([wire for wire in drawn.wires if "output" in wire.data]) == 12
    for box in (rect for rect in drawn.elements("rect") if "data-op" in rect.attrib):
        left, top = float(box.attrib["x"]), float(box.attrib["y"])
        right, low = left + float(box.attrib["width"]), top + float(box.attrib["height"])
        for wire in drawn.wires:
            for (x0, y0), (x1, y1) in pairwise(wire.points):
                passes = y0 == y1 and min(x0, x1) < left + 1 and max(x0, x1) > right - 1
                assert not (passes and top < y0 < low), wire.data


def test_f4_columns_are_of_one_width(spec: Any, picture: Any) -> None:
    for name in ("resnet1202", "resnet50", "preact_resnet200"):
        drawn = seen(picture, spec(name).net, width=495.0)
        bands = [rect for rect in drawn.elements("rect") if "data-stage" in rect.attrib]
        assert len({rect.attrib["width"] for rect in bands}) == 1, name


def test_f4_no_column_holds_a_lone_row(written: Any) -> None:
    from cnnspec.draw.block.layout import Layout
    from cnnspec.draw.block.page import _best
    from cnnspec.draw.parts.builder import plan

    rows = "conv 8, 3x3, same -> relu\n maxpool 2x2/2\n conv 8, 3x3, same"
    net = written(f"net x() {{\n input 3x64x64\n {rows}\n}}\n")
    assert Layout(plan(net, "block"), 495, 2, tight=False).lone
    best = _best(plan(net, "block"), 495, 60)
    assert best is not None and not best.lone


def test_f4_bands_follow_the_labels(written: Any) -> None:
    from cnnspec.draw.parts.builder import plan
    from cnnspec.draw.parts.parts import Band

    text = """
block m() { concat { conv 4, 1x1; conv 4, 3x3, same } }
net x() {
  input 8x8x8
  mixed1a: m
  mixed1b: m
  mixed2a: m
  mixed2b: m
  mixed2c: m
}
"""
    different = text.replace("m()", "m(c)").replace("conv 4, 1x1", "conv c, 1x1")
    for number, name in enumerate(("mixed1a", "mixed1b", "mixed2a", "mixed2b", "mixed2c")):
        different = different.replace(f"{name}: m", f"{name}: m {number + 2}")
    bands = [part for part in plan(written(different), "block").parts if isinstance(part, Band)]
    assert [len(band.parts) for band in bands] == [2, 3]


def test_f4_hover_reaches_labels_and_the_insides_of_boxes(spec: Any) -> None:
    """What is under the pointer counts, be it a label on a box or a cell that has no fill."""
    page = write_html([spec("resnet18").net], "block", "light", {})
    assert "[data-op], [data-gate], [data-group], [data-stage] { pointer-events: all; }" in page
    assert "pointer-events: none" not in page.partition("#tip")[0]
    assert "document.elementsFromPoint(e.clientX, e.clientY)" in page


def test_f4_style_graph_writes_dot(spec: Any, tmp_path: Path) -> None:
    assert draw([spec("lenet5")], tmp_path / "a.dot", style="graph") == "dot, level layer"
    assert (tmp_path / "a.dot").read_text().startswith("digraph lenet5")


@pytest.mark.parametrize("style", ["columns", "table"])
def test_f4_two_inputs_are_no_flow_that_goes_back(written: Any, style: Any) -> None:
    net = written(NETS["two-inputs"])
    with pytest.raises(DrawError, match="x has 2 inputs"):
        architecture_table(net, form="md") if style == "table" else figure(net, style=style)


def calls(net: Any, style: str) -> int:
    """Calls of functions, Python's and C's, that drawing takes; a refusal is drawn too."""
    made = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        if style == "table":
            architecture_table(net, form="md")
        elif style == "json":
            write_json([net])
        elif style == "counts":
            figure(net, counts=True)
        else:
            figure(net, style=style)  # type: ignore[arg-type]
    except DrawError:
        pass
    finally:
        sys.setprofile(None)
    return made


UNIT = "block unit(c) { add { { conv c, 1x1 -> relu -> conv c, 1x1 }; skip } }\n"
LINES = {
    "convolutions": lambda at: f"conv {8 + at % 7}, 1x1",
    "named rows": lambda at: f"c{at}: conv {8 + at % 7}, 1x1 -> relu",
    "units": lambda at: f"u{at}: unit 8",
    "taps": lambda at: f"t{at}: conv 8, 1x1\n  add {{ skip; from t{max(at - 3, 0)} }}",
    "outputs": lambda at: f"t{at}: conv 8, 1x1\n  output o{at}: conv 2, 1x1",
}


@pytest.mark.parametrize("kind", LINES)
def test_g3_21_drawing_is_linear(tmp_path: Path, kind: str) -> None:
    def line(count: int) -> Any:
        body = "\n  ".join(LINES[kind](at) for at in range(count))
        path = tmp_path / f"{count}.cnn"
        path.write_text(f"{UNIT}net x() {{\n  input 8x4x4\n  {body}\n}}\n", encoding="utf-8")
        return load(path, "x").net

    small, large = line(120), line(240)
    for style in ("block", "counts", "columns", "module", "volumes", "table", "json"):
        assert calls(large, style) <= 2.3 * calls(small, style), style
