"""F1, F2: whatever `check` accepts is drawn, truly, with no wire through a box and no shared track.

The truth is the flat graph; the places are judged from the drawing alone (flow/audit.py), and the
judge is shown planted faults.
"""

from __future__ import annotations

import cProfile
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cnnspec.draw import DrawError, figure
from cnnspec.draw.figures import parts
from cnnspec.draw.flow.audit import audit
from cnnspec.draw.flow.pav import apart
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.flow.ranks import fold
from cnnspec.draw.flow.route import Way
from cnnspec.draw.page.scene import Scene, Text
from cnnspec.ir import Net, graph
from tests.draw import literature, test_taps
from tests.draw.conftest import Picture
from tests.draw.flow.judge import Seen, covered, crowded, wrong
from tests.draw.flow.nets import NETS, arms, blocks, chain, deep_u, nest, rows, tangle
from tests.draw.flow.truth import untrue
from tests.fuzz.nets import elaborate
from tests.fuzz.strategies import Spec, specs

ROOT = Path(__file__).parents[3]
PAPERS = ROOT / "tests" / "backends" / "cases" / "literature"

WRITTEN = {
    **NETS,
    **{name: text.replace("net x()", "net it()") for name, text in literature.NETS.items()},
    **{name: text.replace("net x()", "net it()") for name, text in test_taps.NETS.items()},
}


def net_of(name: str) -> Net:
    return elaborate(WRITTEN[name]).net


@pytest.mark.parametrize("options", [
    {}, {"level": "layer"}, {"level": "stage"}, {"direction": "right"},
    {"direction": "down", "width": 244.8}, {"direction": "right", "width": 244.8},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("name", WRITTEN)
def test_f1_a_net_that_is_no_chain_is_drawn_truly(name: str, options: Any) -> None:
    assert wrong(Seen(net_of(name), force=True, **options)) == []


@pytest.mark.parametrize("path", sorted(PAPERS.glob("*.cnn")), ids=lambda path: path.stem)
def test_f1_nets_of_papers_as_flows(path: Path) -> None:
    from tests.draw.conftest import load

    net = load(path, path.stem).net
    for options in ({}, {"direction": "right"}):
        assert wrong(Seen(net, force=True, **options)) == []


@settings(
    max_examples=25, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(specs())
def test_f1_random_nets_as_flows(spec: Spec) -> None:
    net = elaborate(spec.text).net
    for options in ({}, {"direction": "right"}, {"level": "layer"}):
        assert wrong(Seen(net, force=True, **options)) == []


BLANKS = """
net it() {
  input image: 4x8x8
  "a b": conv 4, 1x1 -> relu
  "c 100%": conv 4, 3x3, same
  from "a b"
  d: conv 4, 1x1
  add { from "c 100%"; from d }
}
"""


def test_a_label_with_a_blank_is_one_path_in_the_svg() -> None:
    net = elaborate(BLANKS).net
    drawn = Picture(svg(figure(net, style="block", level="layer")))
    listed = (value for wire in drawn.wires for value in (wire.data["src"], wire.data["dst"]))
    said = {unquote(path) for value in listed for path in value.split(" ")}
    assert {"a b", "c 100%", "d"} <= said
    found = graph(net)
    assert said <= {node.path for node in found.nodes} | found.outputs.keys()


def calls(draw: Callable[[], object]) -> int:
    """How many calls a drawing makes: the same on every machine, whatever else it does."""
    profile = cProfile.Profile()
    profile.runcall(draw)
    return int(sum(entry.callcount for entry in profile.getstats()))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("direction", ["down", "right"])
def test_f1_tangles_are_drawn_truly(seed: int, direction: Any) -> None:
    for count in (24, 60, 400):
        net = elaborate(tangle(count, seed)).net
        assert wrong(Seen(net, direction=direction)) == []


@pytest.mark.parametrize("direction", ["down", "right"])
def test_f1_a_tangle_takes_so_many_calls(direction: Any) -> None:
    net = elaborate(tangle(60, 0)).net
    most = 10_000_000  # 7.8 million down, 2.6 million right: 1.3 s and 0.4 s of CPU
    assert calls(lambda: figure(net, style="block", direction=direction)) < most


@pytest.mark.parametrize("direction", ["down", "right"])
def test_f1_a_thousand_unequal_blocks_and_a_large_tangle_take_so_many_calls(direction: Any) -> None:
    for text in (blocks(1000), tangle(400, 0)):
        net = elaborate(text).net
        draw = partial(figure, net, style="block", direction=direction)
        assert calls(draw) < 7_000_000  # 5.4 million at the most: 1.0 s of CPU
        scene = draw()
        assert scene.height <= 610 and scene.note


def test_f1_ten_thousand_layers_take_so_many_calls() -> None:
    net = elaborate(chain(10_000)).net
    drawn: list[Scene] = []
    assert calls(lambda: drawn.append(figure(net, style="block"))) < 8_000_000  # 5.8 million
    assert drawn[0].height <= 610 and drawn[0].note


@pytest.mark.parametrize("text", [deep_u(5000), arms(2000), rows(1000), nest(60)], ids=len)
def test_f1_large_nets_take_so_many_calls(text: str) -> None:
    net = elaborate(text).net
    drawn: list[Scene] = []
    assert calls(lambda: drawn.append(figure(net, style="block"))) < 8_000_000
    assert drawn[0].height <= 610


def test_f1_a_slide_of_ten_thousand_layers_is_planned_once() -> None:
    """It is tried on pages and in directions: each took a plan, and a layout for its refusal."""
    net = elaborate(chain(2000)).net
    once = calls(lambda: figure(net, style="block"))
    assert calls(lambda: figure(net, aspect=16 / 9)) < 2.2 * once


def test_f1_a_net_of_more_parts_than_letters_is_closed() -> None:
    found: list[Scene] = []
    net = elaborate(chain(6000)).net
    assert calls(lambda: found.extend(parts(net))) < 15_000_000  # 12.1 million
    assert len(found) == 1 and found[0].note


def test_f1_a_net_of_many_outputs_lists_them() -> None:
    lines = "\n ".join(f"t{at}: conv 8, 1x1\n output o{at}: conv 2, 1x1" for at in range(200))
    net = elaborate(f"net it() {{\n input image: 8x4x4\n {lines}\n}}\n").net
    scene = figure(net, style="block")
    assert untrue(net, scene) == {}
    assert "and 160 more outputs" in Picture(svg(scene)).says()


def svg(scene: Scene) -> str:
    from cnnspec.draw import THEMES
    from cnnspec.draw.writers.svg import write_svg

    return write_svg(scene, THEMES["light"])


CROSSINGS = {
    "unet": 0, "fpn": 0, "yolo": 0, "u-net": 0, "nasnet": 4, "hrnet of three lanes": 7,
    "ssd300": 0, "encoder and decoder": 0, "three inputs": 1, "siamese": 0,
}  # fmt: skip
"""The most crossings of each figure; they may only fall."""


@pytest.mark.parametrize("name", CROSSINGS)
def test_f1_crossings_do_not_grow(name: str) -> None:
    assert len(Seen(net_of(name), force=True).audit.crossings) <= CROSSINGS[name]


def test_f1_a_u_net_is_a_u() -> None:
    from tests.draw.conftest import load

    seen = Seen(load(PAPERS / "unet.cnn", "unet").net)
    drawing = seen.drawing
    assert drawing is not None and drawing.mode == "lanes" and drawing.rung.layout == "u"
    assert seen.scene.width <= 5.5 * 72 and seen.scene.height <= 6 * 72
    same = [wire for wire in drawing.graph.wires if wire.start.level == wire.end.level]
    assert all(len(drawing.ways[id(wire)].points) == 2 for wire in same), "every skip is straight"
    assert seen.audit.bends == 1
    up = [wire for wire in drawing.graph.wires if wire.end.level < wire.start.level]
    assert len(up) == 4 and all(wire.end.y < wire.start.y for wire in up)


def test_f1_the_wire_behind_a_layer_under_a_label_is_straight() -> None:
    """A frame of one row is rounded up: its foot is no measure for where the row's wire leaves."""
    from cnnspec.elaborate.sheet import Sheet
    from tests.draw.conftest import load

    net = load(PAPERS / "unet.cnn", "unet").net
    drawing = Seen(net, width=6.9 * 72, sheet=Sheet(labels={"conv1": "segmentation map"})).drawing
    assert drawing is not None
    (wire,) = (wire for wire in drawing.graph.wires if wire.end.kind == "output")
    assert wire.start.label and len(drawing.ways[id(wire)].points) == 2


@pytest.mark.parametrize(
    ("name", "layout"),
    [("unet", "u"), ("u-net", "u"), ("fpn", "lanes"), ("yolo", "lanes"), ("ssd300", "lanes"),
     ("hrnet of three lanes", "lanes"), ("nasnet", "ranks"), ("encoder and decoder", "ranks"),
     ("se-resnet", "ranks"), ("three inputs", "ranks")],
)  # fmt: skip
def test_f1_the_shape_of_a_net_is_seen(name: str, layout: str) -> None:
    from cnnspec.draw.flow.levels import layout_of, levels
    from cnnspec.draw.flow.steps import flow_of

    flow = flow_of(net_of(name))
    assert layout_of(flow, levels(flow)) == layout


def test_a_planted_fault_is_found() -> None:
    boxes = [
        Vertex(at, "step", "", [], (8, 4, 4), x=40.0 * at, width=20, height=10) for at in (0, 1)
    ]
    assert audit(boxes, [Way(((0, 5), (100, 5)), 1, False)]).through == 2
    ways = [Way(((0, 20), (100, 20)), 1, False), Way(((0, 21), (100, 21)), 2, False)]
    assert audit(boxes, ways).shared == 1
    ways = [Way(((0, 20), (100, 20)), 1, False), Way(((50, 15), (50, 40)), 2, False)]
    assert audit(boxes, ways).crossings == [(50, 20)]
    boxes[1].x = 15
    assert audit(boxes, []).overlaps == 1
    into = Way(((0, 20), (100, 20)), 1, False)
    assert crowded([into], [(94, 20), (92, 20)]) == [(94, 20)]
    assert crowded([into, Way(((95, 20), (95, 40)), 1, True)], []) == [(95, 20)]
    assert crowded([into, Way(((0, 20), (96, 20), (96, 40)), 1, False)], []) == [(96, 20)]
    scene = Scene(200, 200, "", "")
    scene.add(Text(50, 22, "over it", 6))
    assert covered(scene, [(55, 20), (20, 20)]) == ["over it"]


def test_an_untrue_wire_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnnspec.draw.flow.sketch import Sketch

    net, ends = net_of("unet"), Sketch._ends
    monkeypatch.setattr(
        Sketch, "_ends",
        lambda painter, wire: ("image", ends(painter, wire)[1]),
    )  # fmt: skip
    assert set(untrue(net, figure(net))) == {"missing", "invented"}


def test_an_untrue_inside_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnnspec.draw.block.skipbox import SkipBox

    monkeypatch.setattr(SkipBox, "_skip", lambda *args: None)
    net = net_of("hrnet of three lanes")
    assert "missing" in untrue(net, figure(net))


REPEATED = """
net it() {
  input image: 3x7x7
  conv 3, 1x1
  repeat 3 { add { { conv 3, 5x5, same; conv 3, 1x1 }; conv 3, 3x3, same; skip } }
}
"""


@pytest.mark.parametrize("level", ["stage", "block"])
def test_forks_that_are_repeated_are_flattened(level: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each layer of such a frame counted as a turn of its own (seed 170, net 164)."""
    from cnnspec.draw.block.skipbox import SkipBox

    net = elaborate(REPEATED).net
    seen = Seen(net, level=level)
    assert seen.drawing is None and wrong(seen) == []
    monkeypatch.setattr(SkipBox, "_skip", lambda *args: None)
    assert "missing" in untrue(net, figure(net, level=level))


def test_f1_the_same_under_every_hash_seed(tmp_path: Path) -> None:
    said = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from cnnspec.draw import figure\n"
        "from tests.draw.flow.test_flow import net_of, svg\n"
        "for name in ('hrnet of three lanes', 'nasnet', 'ssd300', 'yolo'):\n"
        "    print(svg(figure(net_of(name))))\n"
        "from tests.draw.flow.nets import STACKED\n"
        "from tests.fuzz.nets import elaborate\n"
        "for text in STACKED.values():\n"
        "    print(svg(figure(elaborate(text).net)))\n"
        "from cnnspec.draw.figures import parts\n"
        "for name in ('nasnet', 'hrnet of three lanes'):\n"
        "    print(svg(figure(net_of(name), aspect=16 / 9)))\n"
        "    print(*map(svg, parts(net_of(name), height=260.0)))\n"
    )
    shown = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", said, str(ROOT)]
        shown.add(
            subprocess.run(command, env=env, cwd=ROOT, capture_output=True, check=True).stdout
        )
    assert len(shown) == 1


def test_f1_the_note_says_what_was_closed(spec: Any, tmp_path: Path) -> None:
    from cnnspec.draw import draw

    told: list[str] = []
    found = spec("resnet152")
    said = draw([found], tmp_path / "x.svg", tell=told.append, level="layer")
    assert told == ["drawn at level block: at level layer it is too large for a page"]
    assert "closed to fit" in said
    told.clear()
    draw([found], tmp_path / "x.svg", tell=told.append, level="layer", height=float("inf"))
    assert told == []


def test_f2_chains_go_right(spec: Any) -> None:
    for name in ("resnet34", "googlenet", "lenet5"):
        net = spec(name).net
        seen = Seen(net, direction="right")
        assert wrong(seen) == []
        assert seen.drawing is not None and seen.drawing.mode == "right"


RESIDUAL = """
default conv pad=same -> bn -> relu
block unit(c, k = 3x3, s = 1) {
  add {
    { conv c, k; bare conv c, 3x3 -> bn }
    if s > 1 { bare conv c, 1x1/(s) -> bn } else { skip }
  }
  relu
}
net it() {
  input image: 16x32x32
  one: { repeat 3 { unit 16 } }
  two: { unit 32, 3x3/2, 2; repeat 2 { unit 32 } }
  three: { unit 64, 5x5/2, 2; repeat 2 { unit 64 } }
  global_avgpool -> flatten -> linear 10
}
"""


def test_f2_a_residual_network_is_one_strip_of_its_stages(spec: Any) -> None:
    for name, counts, high in (
        ("resnet34", [3, 4, 6, 3], 1.6), ("resnet50", [3, 4, 6, 3], 2),
        ("resnet110", [18] * 3, 1.6), ("resnet34_c", [3, 4, 6, 3], 1.6),
    ):  # fmt: skip
        seen = Seen(spec(name).net, direction="right", width=6.9 * 72)
        assert wrong(seen) == []
        assert seen.drawing is not None and seen.drawing.rung.look.strip
        cards = [vertex for vertex in seen.drawing.graph.vertices if vertex.kind == "card"]
        assert [card.count for card in cards] == counts
        assert [card.name for card in cards] == [f"layer{at + 1}" for at in range(len(cards))]
        assert seen.scene.width <= 6.9 * 72 and seen.scene.height <= high * 72
        assert not seen.scene.note


CROWDED = """
net it() {
  input image: 4x8x8
  conv 4, 1x1 -> relu
  a: conv 4, 3x3, same
  b: conv 4, 5x5, same
  from a
  c: conv 4, 1x1
  from b
  d: conv 4, 3x3, same
  add { from a; from b; from c; from d }
  global_avgpool -> flatten -> linear 2
}
"""


@pytest.mark.parametrize("direction", ["down", "right"])
def test_f1_a_sum_of_four_is_wide_enough_for_its_wires(direction: str) -> None:
    """A circle has a place on each side: such a net was closed to one box, in four tries."""
    seen = Seen(elaborate(CROWDED).net, direction=direction, force=True)
    assert wrong(seen) == [] and seen.scene.note == ""
    assert seen.drawing is not None
    (join,) = (vertex for vertex in seen.drawing.graph.vertices if vertex.kind == "join")
    assert join.width > 20


HIGHEST = """
block parts(list) {
  first: conv sum(list[:1]), 1x1
  for i, n in enumerate(list[1:]) { conv${i+1}: conv n, 1x1 -> act${i+1}: relu }
  for i, n in zip(range(len(list[:-1])), list[1:]) { last${i}: conv n, 1x1 }
}
net it {
  input 3x15x13
  { zza: maxpool 2x3/2x3; bare conv 3, 3x3, same; unpool zza => [3, 15, 13] }
  add { skip; skip; skip; conv 3, 5x5, same -> hardtanh }
  { zzb: maxpool 1x2/1x2, ceil=true; unpool zzb }
  max { skip; skip }
  zzc: parts [3, 4, 6, 5]
  conv 2, 3x3, pad=1 -> maxpool kernel(2, 1), ceil=true -> prelu shared=true
  output zzd: from zzc -> elu -> crop 14x3
  avgpool 3x1/1x2, ceil=true, count_include_pad=false -> relu6
  sigmoid
}
"""


def test_f1_how_often_a_value_is_read_stands_on_the_page() -> None:
    """The wire with `×3` is the highest of the figure: its label has no place over it."""
    seen = Seen(elaborate(HIGHEST).net, direction="right", width=6.9 * 72)
    assert "×3" in Picture(svg(seen.scene)).says() and wrong(seen) == []


def test_f2_where_every_block_projects_the_first_has_its_stride_alone(spec: Any) -> None:
    seen = Seen(spec("resnet34_c").net, direction="right", width=6.9 * 72)
    said = set(Picture(svg(seen.scene)).says())
    assert "projection skip; first block: stride" in said and "layer2 /2" in said


def test_f2_stages_that_differ_in_who_projects_are_no_strip() -> None:
    """The key has one word for what all first blocks have."""
    projects = RESIDUAL.replace("k = 3x3, s = 1", "k = 3x3, s = 1, p = 0").replace(
        "if s > 1", "if s + p > 1"
    )
    seen = Seen(elaborate(projects).net, direction="right", width=6.9 * 72)
    assert seen.drawing is not None and seen.drawing.rung.look.strip
    mixed = projects.replace("repeat 2 { unit 32 }", "repeat 2 { unit 32, 3x3, 1, 1 }")
    seen = Seen(elaborate(mixed).net, direction="right", width=6.9 * 72)
    assert wrong(seen) == [] and seen.drawing is not None and seen.drawing.rung.look.strip
    other = mixed.replace("unit 64, 5x5/2, 2; repeat 2 { unit 64 }", "unit 64, 3x3/2, 2; unit 64")
    seen = Seen(elaborate(other).net, direction="right", width=6.9 * 72)
    assert wrong(seen) == [] and seen.drawing is not None and not seen.drawing.rung.look.strip


def test_f2_a_first_block_of_another_kernel_is_a_card_of_its_own() -> None:
    seen = Seen(elaborate(RESIDUAL).net, direction="right", width=6.9 * 72)
    assert wrong(seen) == [] and seen.drawing is not None and seen.drawing.rung.look.strip
    found = [(vertex.count, vertex.leads) for vertex in seen.drawing.graph.vertices if vertex.span]
    assert found == [(3, False), (3, True), (1, False), (2, False)]
    said = Picture(svg(seen.scene)).says()
    assert {"two /2", "3×3, 32", "5×5, 64", "first block: projection skip, stride"} <= set(said)


def test_a_part_is_drawn_with_what_flows_into_it() -> None:
    seen = Seen(net_of("u-net"), only="down2..concat1")
    assert seen.audit.through == 0
    said = Picture(svg(seen.scene)).says()
    assert "down1" not in said and "concat, 32" in said


def test_pav_and_fold() -> None:
    assert apart([0, 0], [10], [1, 1]) == [-5, 5]
    assert apart([0, 20, 21], [5, 5], [1, 1, 3]) == pytest.approx([0, 17, 22], abs=2)
    assert fold([10] * 6, [2] * 6, [False, *[True] * 5], 36) == [range(3), range(3, 6)]
    assert fold([10] * 6, [2] * 6, [False] * 6, 36) == [range(6)]


def test_a_style_without_a_direction_says_so() -> None:
    with pytest.raises(DrawError, match="--direction is for style block"):
        figure(net_of("unet"), style="volumes", direction="down")
