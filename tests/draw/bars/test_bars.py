"""F2: `--direction right` draws what goes down and up again as bars; F4: the figure is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import THEMES, figure, write
from cnnspec.draw.bars.captions import Captions
from cnnspec.draw.bars.hops import Bar, Hop
from cnnspec.draw.bars.paint import Painter
from cnnspec.draw.bars.words import Words
from cnnspec.draw.figures import parts
from cnnspec.draw.page.scene import Rect, Scene, Text
from cnnspec.draw.parts.sized import sized
from cnnspec.elaborate.sheet import Sheet
from cnnspec.ir import Net, graph
from tests.draw.bars.dual import lies, read
from tests.draw.bars.nets import BARS, CARDS, drawn, unet
from tests.draw.conftest import load
from tests.draw.flow.judge import Seen, wrong
from tests.draw.flow.truth import untrue
from tests.fuzz.nets import elaborate

SPECS = Path(__file__).parents[3] / "specs"
PAPERS = {
    "unet": "more/unet.cnn", "segnet": "more/segnet.cnn", "linknet": "more/linknet.cnn",
    "segnet_upsampled": "figures/segnet_2015.cnn",
}  # fmt: skip
WIDE, NARROW = 6.9 * 72, 3.4 * 72


def net_of(name: str) -> Net:
    if name in PAPERS:
        return load(SPECS / PAPERS[name], name).net
    return elaborate((BARS | CARDS)[name]).net


def right(net: Net, **options: Any) -> Scene:
    return figure(net, direction="right", **options)


def judged(net: Net, **options: Any) -> Scene | None:
    """The figure as bars, judged; None where it is one of boxes."""
    seen = Seen(net, direction="right", **options)
    if seen.drawing is not None:
        return None
    assert wrong(seen) == [] and lies(sized(net), seen.scene) == []
    assert untrue(sized(net), seen.scene) == {}
    return seen.scene


def words(scene: Scene) -> list[str]:
    return [shape.text for shape in scene.shapes if isinstance(shape, Text)]


@pytest.mark.parametrize("name", [*BARS, *PAPERS])
def test_f2_what_goes_down_and_up_again_is_bars(name: str) -> None:
    net = net_of(name)
    assert judged(net) is not None
    scene = judged(net, width=WIDE)
    assert scene is not None and scene.width == WIDE and not scene.note
    judged(net, width=NARROW, level="layer")  # too narrow for most: boxes then


def test_f2_a_u_net_has_the_size_of_its_target() -> None:
    scene = judged(net_of("unet"), width=WIDE)
    assert scene is not None and scene.height <= 4.1 * 72
    said = words(scene)
    assert {
        "64+64",
        "128+128",
        "256+256",
        "512+512",
        "2×388²",
        "31.03 M params · 150.43 G MACs",
    } <= {*said}
    key = [shape.text for shape in scene.shapes[scene.foot[0] :] if isinstance(shape, Text)]
    assert key[:5] == [
        "3×3 conv, ReLU", "crop and concat", "2×2 max pool", "2×2 transposed conv", "1×1 conv",
    ]  # fmt: skip


def test_f2_the_way_down_goes_right_and_the_way_up_too() -> None:
    bars = read(right(net_of("padded"))).bars
    rights = [bar.box.right for bar in bars]
    assert all(two > one - 5 for one, two in pairwise(rights)), "straight up, or further right"
    tops = [bar.box.top for bar in bars]
    low = tops.index(max(tops))
    assert tops[:low] == sorted(tops[:low]) and tops[low:] == sorted(tops[low:], reverse=True)


@pytest.mark.parametrize("seed", range(30))
def test_f2_nets_made_up(seed: int) -> None:
    net = elaborate(drawn(seed)).net
    for width in (WIDE, None):
        if judged(net, width=width) is None:
            assert figure(net, direction="right", width=width).width <= WIDE


def test_f2_most_nets_made_up_are_bars() -> None:
    made = [Seen(elaborate(drawn(seed)).net, direction="right") for seed in range(100, 115)]
    assert sum(seen.drawing is None for seen in made) >= 12


@pytest.mark.parametrize("options", [
    {"direction": "down"}, {"direction": "auto"}, {"direction": "right", "level": "stage"},
    {"direction": "right", "counts": True}, {"direction": "right", "width": NARROW},
], ids=str)  # fmt: skip
def test_f2_other_figures_are_boxes(options: Any) -> None:
    assert Seen(net_of("padded"), **options).drawing is not None


@pytest.mark.parametrize("name", CARDS)
def test_f2_what_is_no_line_of_maps_is_boxes(name: str) -> None:
    seen = Seen(net_of(name), direction="right")
    assert seen.drawing is not None and wrong(seen) == []


def test_f2_chains_and_strips_stay(spec: Any) -> None:
    for name in ("resnet34", "lenet5", "vgg_d"):
        assert Seen(spec(name).net, direction="right").drawing is not None


def _drop(hops: list[Hop]) -> None:
    hops.remove(next(hop for hop in hops if hop.way == "across"))


def _swap(hops: list[Hop]) -> None:
    one, two = [at for at, hop in enumerate(hops) if hop.way == "across"][:2]
    first, second = hops[one].start, hops[two].start
    hops[one], hops[two] = replace(hops[one], start=second), replace(hops[two], start=first)


def _more(hops: list[Hop]) -> None:
    one = next(hop for hop in hops if hop.way == "across")
    hops.append(Hop(one.start, hops[-1].end, (), "across", main=False))


@pytest.mark.parametrize("fault", [_drop, _swap, _more])
def test_f4_an_arrow_too_few_too_many_or_wrong_is_found(
    fault: Callable[[list[Hop]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    paint = Painter.paint

    def painted(painter: Painter) -> None:
        hops = painter.bars.hops
        painter.bars.hops = [*hops]
        fault(painter.bars.hops)
        paint(painter)
        painter.bars.hops = hops

    net = net_of("padded")
    monkeypatch.setattr(Painter, "paint", painted)
    monkeypatch.setattr("cnnspec.draw.bars.compose.clear", lambda scene: True)
    scene = right(net)
    assert lies(net, scene) and untrue(net, scene)


def test_f4_a_wrong_word_of_the_key_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    said = Words._ops
    monkeypatch.setattr(Words, "_ops", lambda it, hop: said(it, hop).replace("ReLU", "ELU"))
    assert lies(net_of("padded"), right(net_of("padded")))


def test_f4_a_wrong_count_of_channels_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnspec.draw.bars.paint.channels", lambda bar: str(bar.shape[1]))
    assert lies(net_of("padded"), right(net_of("padded")))


def test_f4_a_map_left_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = Painter._bar

    def bar(painter: Painter, bar: Bar) -> None:
        if bar is not painter.bars.line[3]:
            draw(painter, bar)

    monkeypatch.setattr(Painter, "_bar", bar)
    net = net_of("padded")
    assert any("from nowhere or to nowhere" in lie for lie in lies(net, right(net)))


def test_f4_places_taken_from_another_pool_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Painter._taken

    def wrongly(painter: Painter, fall: Hop, rise: Hop, pool: int, at: int) -> None:
        other = painter.bars.places[0] if rise is not painter.bars.places[0][1] else None
        taken(painter, *(other or (fall, rise, pool, at)))

    net = net_of("segnet")
    monkeypatch.setattr(Painter, "_taken", wrongly)
    assert untrue(net, right(net))


def test_f2_words_that_meet_are_boxes_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere = Text(100, 40, "over all", 40)
    monkeypatch.setattr(Captions, "all", lambda it: [everywhere, everywhere])
    assert Seen(net_of("padded"), direction="right").drawing is not None


def group_fills(scene: Scene, path: str) -> set[str]:
    return {
        shape.fill
        for group in scene.groups
        if group.kind == "box" and path in group.paths
        for shape in scene.shapes[group.first : group.last]
        if isinstance(shape, Rect)
    }


def test_f3_an_author_has_the_last_word() -> None:
    net = net_of("padded")
    sheet = Sheet(
        labels={"image": "input image tile", "conv1": "output segmentation map",
                "conv_transpose1": "up-conv", "down2": "third level"},
        colours={"down1": "purple"}, highlights=("up0",), hidden=frozenset({"bn", "totals"}),
        groups=(("contracting path", ("down0..down3",)), ("expansive path", ("up3..up0",))),
        notes={"bottom": "1024 channels"},
    )  # fmt: skip
    scene = right(net, width=WIDE, sheet=sheet)
    said = words(scene)
    wanted = {"input image tile", "output", "segmentation map", "up-conv", "third level"}
    wanted |= {"contracting path", "expansive path", "1024 channels", "3×3 conv, ReLU"}
    assert wanted <= {*said}
    assert not any("MACs" in text for text in said)
    assert group_fills(scene, "down1.conv1") == {"purple"}
    strong = [s for s in scene.shapes if isinstance(s, Rect) and s.stroke == "highlight"]
    assert {path for shape in strong for path in shape.stands} >= {"up0.conv1", "up0.conv2"}
    assert untrue(net, scene) == {} and scene.height <= 4.3 * 72


def test_f3_what_an_author_hides_is_gone() -> None:
    net = net_of("not padded")
    scene = right(net, sheet=Sheet(hidden=frozenset({"shapes", "key", "totals"})))
    assert all("²" not in text and "conv" not in text for text in words(scene))
    assert scene.height < right(net).height


def test_f3_a_size_and_a_face_scale_the_layout() -> None:
    net = net_of("two levels")
    scene = right(net, width=WIDE, sheet=Sheet(size=9.0, face="Times"))
    sizes = {shape.size for shape in scene.shapes if isinstance(shape, Text)}
    assert min(sizes) > 8.5 and scene.width <= WIDE + 0.01 and scene.face.name == "Times"


def test_f3_the_figure_of_the_paper() -> None:
    """Ronneberger et al. 2015, figure 1: `draw --all` makes it from specs/figures."""
    from cnnspec.elaborate.sheets import sheet
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.syntax.tree import Figure

    workspace = Workspace()
    unit = workspace.read(str(SPECS / "figures" / "unet_2015.cnn"))
    assert unit is not None
    said = next(d for d in unit.file.declarations if isinstance(d, Figure))
    asked = sheet(said)
    scene = figure(net_of("unet"), sheet=asked, **asked.options)  # type: ignore[misc]
    assert (scene.width, scene.note) == (WIDE, "") and scene.height <= 4.1 * 72 + 1
    assert {"copy and crop", "2×2 up-conv", "2×2 max pool", "1×1 conv", "3×3 conv, ReLU"} <= {
        *words(scene)
    }


@pytest.mark.parametrize("form", ["svg", "pdf", "drawio", "tex", "eps"])
def test_f5_every_format_takes_bars(form: Any) -> None:
    scene = right(net_of("residual"))
    assert write(scene, form) == write(scene, form)


def test_f5_every_layer_is_a_group_or_on_an_arrow() -> None:
    net = net_of("linknet")
    scene = right(net)
    known = {path for group in scene.groups for path in group.paths}
    assert known == {node.path for node in graph(net)}
    assert all(group.line for group in scene.groups if group.kind == "box")


@pytest.mark.parametrize("theme", THEMES)
def test_f6_colours_of_arrows_are_known(theme: Any) -> None:
    roles = {getattr(shape, "stroke", "") for shape in right(net_of("linknet")).shapes} - {""}
    assert roles <= THEMES[theme].keys()


def test_split_has_one_part_where_bars_fit() -> None:
    assert len(parts(net_of("padded"), direction="right")) == 1


def test_f1_a_part_that_goes_down_and_up_is_bars() -> None:
    scene = right(elaborate(unet(3)).net, only="down0..up0")
    assert "64+64" in words(scene)


@pytest.mark.parametrize("name", ["unet", "six levels", "linknet"])
def test_f2_bars_take_no_search(name: str) -> None:
    from tests.draw.flow.test_flow import calls

    net = net_of(name)
    assert calls(lambda: right(net, width=WIDE)) < 700_000
