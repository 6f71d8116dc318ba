"""F2: lanes go down where that is asked for; without it a figure in lanes stays as it is.

Lanes that go down are the lanes to the right with the axes of the page swapped: the truth, the
audit of wires and the sizes are judged as everywhere (judge.wrong).
"""

from __future__ import annotations

from random import Random

import pytest

from cnnspec.draw import THEMES, figure
from cnnspec.draw.writers.svg import write_svg
from cnnspec.ir import Net
from tests.draw.flow import run
from tests.draw.flow.judge import Seen, wrong
from tests.draw.flow.test_flow import net_of
from tests.fuzz.nets import elaborate


def pyramid(seed: int) -> Net:
    """A net that joins maps of three to six sizes from below, and maybe once more from above."""
    dice = Random(seed)
    levels, join = dice.randint(3, 6), dice.choice(("add", "concat"))
    first, up = dice.randint(1, 2), dice.choice(("upsample 2", "conv_transpose 16, 2x2/2"))
    body = ["conv 16, 3x3 -> bn -> relu"]
    for at in range(levels):
        convs = " -> ".join(["conv 16, 3x3 -> relu"] * dice.randint(1, 3))
        body.append(f"c{at}: seq {{ maxpool 2x2/2 -> {convs} }}")
    body.append(f"p{levels - 1}: conv 16, 1x1")
    for at in range(levels - 2, first - 1, -1):
        side = f"from c{at} -> conv 16, 1x1" if dice.random() < 0.7 else f"from c{at}"
        body.append(f"p{at}: {join} {{ {{ from p{at + 1} -> {up} }}; {{ {side} }} }}")
    ends = [f"p{at}" for at in range(first, levels)]
    if dice.random() < 0.4:
        for at in range(first + 1, levels):
            before = f"q{at - 1}" if at - 1 > first else f"p{at - 1}"
            side = f"{{ from {before} -> conv 16, 3x3/2 }}"
            body.append(f"q{at}: {join} {{ {side}; {{ from p{at} -> conv 16, 3x3 }} }}")
        ends = [f"p{first}", *(f"q{at}" for at in range(first + 1, levels))]
    if dice.random() < 0.3:
        ends = ends[:1]
    for at, end in enumerate(ends):
        body.append(f"output o{at}: from {end} -> conv {dice.choice((8, 24))}, 3x3")
    lines = "\n  ".join(body)
    return elaborate(f"default conv pad=same\nnet it() {{\n  input 3x256x256\n  {lines}\n}}").net


def svg(net: Net, **options: object) -> str:
    return write_svg(figure(net, style="block", **options), THEMES["light"])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["fpn", "ssd", "yolo", "hrnet of three lanes"])
def test_f2_lanes_go_down_where_that_is_asked_for(name: str) -> None:
    net = net_of(name)
    seen = Seen(net, direction="down")
    assert wrong(seen) == [] and seen.drawing is not None
    assert seen.drawing.mode == "upright"
    before, after = (Seen(net), Seen(net, direction="right"))
    assert before.drawing is not None and after.drawing is not None
    assert "upright" not in (before.drawing.mode, after.drawing.mode)


@pytest.mark.parametrize("name", ["yolov3.cnn:yolov3_416", "figures/fpn_2017"])
def test_f2_lanes_of_the_zoo_go_down(name: str) -> None:
    ((_, net),) = run.shipped([name])
    seen = Seen(net, direction="down")
    assert wrong(seen) == [] and seen.drawing is not None and seen.drawing.mode == "upright"
    steps = {vertex.index: vertex for vertex in seen.drawing.graph.vertices}
    for wire in seen.drawing.graph.wires:
        start, end = steps[wire.start.index], steps[wire.end.index]
        if start.level == end.level:
            assert start.centre[1] < end.centre[1]
        elif start.level < end.level:
            assert start.centre[0] < end.centre[0]


def test_f2_lanes_that_have_no_room_to_go_down_go_to_the_right() -> None:
    ((_, net),) = run.shipped(["more/ssd"])
    seen = Seen(net, direction="down")
    assert wrong(seen) == [] and seen.drawing is not None and seen.drawing.mode == "lanes"
    assert "with lanes to the right: at level block it is" in seen.scene.note
    assert "\n" not in seen.scene.note
    assert svg(net) == svg(net, direction="down")


def test_f2_random_pyramids_go_down_truly() -> None:
    modes: set[str] = set()
    for seed in range(12):
        net = pyramid(seed)
        for direction in ("down", "right"):
            seen = Seen(net, direction=direction)
            assert wrong(seen) == [], (seed, direction)
            modes.add(seen.drawing.mode if seen.drawing else "")
    assert "upright" in modes
