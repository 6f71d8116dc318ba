"""F4: a figure of a published net says what its blocks are, none in counts of ops.

The nets are of papers that specs/ has not, written for this; the truth is the flat graph.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnnspec.draw.flow import laid
from cnnspec.draw.flow.letters import by_cards, spoken
from cnnspec.draw.page.pen import Pen, Point
from cnnspec.draw.page.scene import Text
from cnnspec.ir import Net
from tests.draw.conftest import SPECS, load
from tests.draw.flow.judge import Seen, told, wrong
from tests.draw.flow.test_varied import faults

PAPERS = {path.stem: path for path in sorted((Path(__file__).parent / "papers").glob("*.cnn"))}
COUNTS = re.compile(r"(^|, )\d+ (conv|fc|pool|SE)\b")
SPECIFIED = {
    "ghostnet": "ghostnet_1_0", "res2net": "res2net50_14w_8s", "dla": "dla34",
    "inception_resnet_v2": "inception_resnet_v2", "retinanet": "retinanet_resnet50",
}  # fmt: skip


def net_of(name: str) -> Net:
    if name in PAPERS:
        return load(PAPERS[name], "it").net
    return load(SPECS / "more" / f"{name}.cnn", SPECIFIED[name]).net


def texts(seen: Seen) -> list[str]:
    return [shape.text for shape in seen.scene.shapes if isinstance(shape, Text)]


def titles(seen: Seen) -> list[str]:
    assert seen.drawing is not None
    return [inset.body.title for inset in seen.drawing.insets.shown]


@pytest.mark.parametrize("name", [*PAPERS, *SPECIFIED])
def test_f4_every_block_is_a_name_with_an_inset_that_is_true(name: str) -> None:
    net = net_of(name)
    seen = Seen(net)
    assert wrong(seen) == []
    assert not [text for text in texts(seen) if COUNTS.search(text)]
    assert "not shown:" not in seen.scene.note
    if seen.drawing is not None:
        assert seen.drawing.unexplained == []
        shown = [inset for inset in seen.drawing.insets.shown if inset.calls]
        assert [fault for inset in shown for fault in faults(net, inset)] == []


def test_f4_a_block_in_a_block_is_drawn_once_and_named_where_it_stands() -> None:
    """GhostNet: two ghost modules, which differ in their ReLU alone, in five bottlenecks."""
    seen = Seen(net_of("ghostnet"))
    names = [f"bottleneck {letter}" for letter in "abcde"] + ["ghost a", "ghost b"]
    assert sorted(titles(seen)) == names
    said = texts(seen)
    assert "conv, BN, ReLU" in said and said.count("conv, BN") >= 1
    assert "bottleneck a, 80, w = 184" in said, "what the channels do not tell"
    assert sum(text.startswith("ghost a, ") for text in said) == 5


def test_f4_arms_that_repeat_a_block_say_how_often() -> None:
    """OSNet: four arms of one to four light convolutions and a gate."""
    seen = Seen(net_of("osnet"))
    assert {"osblock a", "osblock b", "lite", "gate"} <= set(titles(seen))
    assert seen.drawing is not None
    counts = [
        sorted(v.count for v in held.graph.vertices if "lite" in v.name)
        for held in seen.drawing.held
        if held.block == "osblock"
    ]
    assert counts == [[1, 2, 3, 4], [1, 2, 3, 4]]


def test_f4_a_block_that_is_a_small_u_is_laid_out_as_one() -> None:
    seen = Seen(net_of("u2net"))
    assert seen.drawing is not None
    held = {one.block: one for one in seen.drawing.held}
    assert {name: one.mode for name, one in held.items()} == {"rsu4": "lanes", "rsu5": "lanes"}
    levels = {v.level for v in held["rsu5"].graph.vertices if v.kind in ("join", "cell")}
    assert len(levels) == 4
    assert [len(one.calls) for one in held.values()] == [2, 3]


def test_f4_a_wire_that_an_inset_of_a_block_leaves_out_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside = laid.inside

    def broken(*args: object) -> object:
        graph = inside(*args)  # type: ignore[arg-type]
        joins = [wire for wire in graph.wires if wire.end.kind == "join"]
        graph.wires.remove(joins[-1])
        return graph

    monkeypatch.setattr(laid, "inside", broken)
    for name in ("u2net", "osnet"):
        assert "missing" in told(Seen(net_of(name)))


def test_f4_every_difference_says_which_arm_is_taken_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the 15 cards that show one, and the two of an inset whose flow goes back."""
    marks: list[tuple[int, Point]] = []
    less = Pen.less

    def noted(pen: Pen, at: Point) -> None:
        marks.append((id(pen.scene), at))
        less(pen, at)

    monkeypatch.setattr(Pen, "less", noted)
    seen = Seen(net_of("differences"))
    assert "cross" in titles(seen) and wrong(seen) == []
    assert [scene for scene, _ in marks].count(id(seen.scene)) == 10 + 5 + 2


def test_f4_what_is_not_shown_is_said_with_the_command_that_shows_it() -> None:
    net = load(SPECS / "torchvision" / "lraspp.cnn", "lraspp_mobilenet_v3_large").net
    seen = Seen(net, width=420)
    assert "hold is not shown: --only backbone." in seen.scene.note
    assert seen.drawing is not None and seen.drawing.unexplained
    wide = Seen(net)
    assert wide.drawing is not None and wide.drawing.insets.shown and wrong(wide) == []
    assert not wide.drawing.unexplained and "not shown" not in wide.scene.note


def test_letters_are_listed_for_the_channels_that_they_belong_to() -> None:
    one = {"c": ("24", "80", "80"), "w": ("48", "240", "240"), "s": ("1", "2", "1")}
    assert [*spoken(one)] == ["c = 24, 80", "w = 48, 240", "s = 1, 2"]
    assert by_cards(one) == []
    same = {"c": ("256", "728", "1024"), "w": ("256", "728", "728")}
    assert [*spoken(same)] == ["c = 256, 728, 1024", "w = 256, 728, 728"]
    other = {"c": ("80", "80"), "w": ("200", "184")}
    assert by_cards(other) == ["w"] and by_cards({"w": ("200", "184")}) == ["w"]
    assert [*spoken(other)] == ["c = 80", "w = 200, 184"]
