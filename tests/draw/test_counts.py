"""What a reader counts in a figure."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cnnspec.draw import THEMES, figure
from cnnspec.draw.writers.svg import write_svg
from cnnspec.ir import graph
from tests.bounds import within


def svg_of(net: Any, **options: Any) -> str:
    return write_svg(figure(net, **options), THEMES["light"])


def skips(drawn: Any) -> Counter[str]:
    counted: Counter[str] = Counter()
    for skip in drawn.skips:
        counted[skip["skip"]] += int(skip["count"])
    return counted


def test_resnet34_has_sixteen_skips_three_of_them_projections(spec: Any, picture: Any) -> None:
    drawn = picture(svg_of(spec("resnet34").net))
    assert skips(drawn) == {"identity": 13, "projection": 3}


def test_resnet34_shows_every_repeat_once_with_its_count(spec: Any, picture: Any) -> None:
    drawn = picture(svg_of(spec("resnet34").net))
    badges = [text for text in drawn.says() if text.startswith("×")]
    assert badges == ["×3", "×3", "×5", "×2"]
    assert [frame["count"] for frame in drawn.frames] == ["3", "1", "3", "1", "5", "1", "2"]
    captions = [text for text in drawn.says() if text.startswith("block")]
    assert captions == [
        "blocks 1–3", "block 1", "blocks 2–4", "block 1", "blocks 2–6", "block 1", "blocks 2–3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("resnet18", {"identity": 5, "projection": 3}),
        ("resnet152", {"identity": 46, "projection": 4}),
        ("resnet34_a", {"identity": 13, "parameter-free": 3}),
        ("resnet34_c", {"projection": 16}),
        ("resnet1202", {"identity": 598, "parameter-free": 2}),
        ("plain34", {}),
        ("lenet5", {}),
    ],
)
def test_skips_are_counted_through_repeats(
    spec: Any, picture: Any, name: str, wanted: dict[str, int]
) -> None:
    assert skips(picture(svg_of(spec(name).net))) == wanted


@pytest.mark.parametrize("name", ["resnet34", "resnet152", "lenet5"])
def test_wires_join_paths_of_the_graph(spec: Any, picture: Any, name: str) -> None:
    net = spec(name).net
    known = graph(net).ends
    for wire in picture(svg_of(net)).wires:
        assert wire.data["src"] in known, wire.data
        assert wire.data["dst"] in known, wire.data


def test_the_gutter_names_layers_and_gives_shapes(spec: Any, picture: Any) -> None:
    said = picture(svg_of(spec("lenet5").net)).says()
    for text in ("conv1", "6×28×28", "maxpool2", "16×5×5", "linear3", "1×32×32", "image"):
        assert text in said


def test_labels_follow_the_grammar(spec: Any, picture: Any) -> None:
    said = picture(svg_of(spec("resnet34").net)).says()
    for text in ("7×7 conv, 64", "/2", "3×3 max pool", "global avg pool", "fc, 1000", "BN", "ReLU"):
        assert text in said
    assert "21.80 M params · 3.66 G MACs" in said


def test_a_long_run_of_equal_rows_is_one_frame(written: Any, picture: Any) -> None:
    net = written("net x() {\n input 8x8x8\n repeat 30 { conv 8, 3x3, pad=1 -> relu }\n}\n")
    drawn = picture(svg_of(net))
    assert [frame["count"] for frame in drawn.frames] == ["30"]
    assert "×30" in drawn.says()


def test_layer_level_draws_every_block(written: Any, picture: Any) -> None:
    text = """
block unit(c) {
  add { { conv c, 3x3, pad=1 -> relu -> conv c, 3x3, pad=1 }; skip }
  relu
}
block stage(n, c) seq { repeat n { unit c } }
net x() {
  input 8x8x8
  layer1: stage 3, 8
}
"""
    net = written(text)
    assert len(picture(svg_of(net, level="layer")).skips) == 3
    assert len(picture(svg_of(net, level="block")).skips) == 1


def test_googlenet_has_nine_modules_of_four_arms_and_two_heads(spec: Any, picture: Any) -> None:
    net = spec("googlenet").net
    drawn = picture(svg_of(net))
    modules = [frame for frame in drawn.frames if frame["group"].startswith("inception")]
    heads = [frame for frame in drawn.frames if frame.get("head") == "aux"]
    assert (len(modules), len(heads)) == (9, 2)
    strips = [rect for rect in drawn.elements("rect") if rect.get("height") == "11"]
    cells = [rect for rect in strips if "rx" not in rect.attrib]
    assert len([rect for rect in cells if rect.get("width") != "3"]) == 9 * 4
    assert len([rect for rect in cells if rect.get("width") == "3"]) == 9, "the pool before a cell"
    one = picture(svg_of(net, style="module", only="inception3a"))
    arms = {wire.data["dst"] for wire in one.wires if wire.data["src"] == "inception3a"}
    assert len(arms) == 4


@pytest.mark.parametrize(
    "name", ["resnet34", "resnet152", "resnet1202", "googlenet", "inception_v3", "densenet201"]
)
def test_deep_nets_stand_on_one_page_within_two_seconds(spec: Any, name: str) -> None:
    net = spec(name).net
    scene = within(2, lambda: figure(net))
    assert scene.width <= 495 and scene.height <= 610


def test_a_pattern_of_rows_without_a_block_is_one_frame(
    written: Any, picture: Any, faults: Any
) -> None:
    text = "repeat 4 { conv 8, 3x3, pad=1 -> relu -> conv 8, 1x1 -> lrn 5 }"
    net = written(f"net x() {{\n input 8x8x8\n conv 8, 1x1\n {text}\n conv 4, 1x1\n}}\n")
    assert faults(figure(net)) == []
    assert [frame["count"] for frame in picture(svg_of(net)).frames] == ["4"]
    assert picture(svg_of(net, level="layer")).frames == []
