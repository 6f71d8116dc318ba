"""Stretches with several values in and out that come again and again: one card, opened once.

The nets are written for it (nets.py: pyramids that are refined, a grid, layers of three scales,
cells that read the two before them) or of specs/ (HRNet); the truth is the flat graph, by ports.
"""

from __future__ import annotations

import re

import pytest

from cnnspec.draw.flow import laid, stackcards
from cnnspec.draw.flow.calls import Likeness, spans_of
from cnnspec.draw.flow.held import Held
from cnnspec.draw.flow.sketch import Sketch
from cnnspec.draw.flow.stackfinder import in_order, stacks_of
from cnnspec.draw.flow.steps import Flow, flow_of
from cnnspec.draw.page.labels import op_text
from cnnspec.draw.parts.sized import sized
from cnnspec.ir import Net
from tests.draw.flow import run
from tests.draw.flow.judge import Seen, told, wrong
from tests.draw.flow.nets import NETS, STACKED, stack
from tests.fuzz.nets import elaborate

SIZE = {"width": 6.9 * 72}


def net_of(name: str) -> Net:
    if name in STACKED:
        return elaborate(STACKED[name]).net
    ((_, net),) = run.shipped([name])
    return net


def counts(net: Net) -> list[tuple[int, int]]:
    """How often each stack of a net stands there, and how many ports it has."""
    flow = in_order(flow_of(sized(net)))
    found = stacks_of(flow, Likeness(flow), spans_of(flow, net).values())
    return [(stack.count, len(stack.ports)) for stack in found]


@pytest.mark.parametrize(("name", "found"), [
    ("weighted pyramids", [(3, 3)]),
    ("a grid of lanes", [(3, 3), (3, 3)]),
    ("layers of three scales", [(5, 3)]),
    ("cells that read two", [(6, 2)]),
    ("more/hrnet.cnn:hrnet_w18", [(4, 3), (3, 4)]),
    ("more/hrnet.cnn:pose_hrnet_w32", [(4, 3), (2, 4)]),
])  # fmt: skip
def test_stretches_are_found_where_a_reader_counts_them(
    name: str, found: list[tuple[int, int]]
) -> None:
    assert counts(net_of(name)) == found


def test_what_one_value_passes_through_is_no_stack() -> None:
    for name in (
        "resnet18.cnn", "densenet121.cnn:", "more/edsr", "more/ghostnet", "more/cspdarknet",
        "figures/fpn_2017", "more/hourglass", "more/yolov3",
    ):  # fmt: skip
        for _, net in run.shipped([name]):
            assert counts(net) == []
    for text in NETS.values():
        assert counts(elaborate(text).net) == []


def test_another_order_of_execution_is_the_same_net() -> None:
    net = sized(net_of("more/hrnet.cnn:hrnet_w18"))
    before, after = flow_of(net), in_order(flow_of(net))
    assert edges(before) == edges(after)
    assert all(feed < at for at, step in enumerate(after.steps) for feed in step.feeds)


def edges(flow: Flow) -> set[tuple[str, int, str]]:
    return {
        (step.path, slot, flow.steps[feed].path)
        for step in flow.steps
        for slot, feed in enumerate(step.feeds)
    }


@pytest.mark.parametrize("name", [*STACKED, "more/hrnet.cnn:hrnet_w18"])
def test_f4_a_stack_is_drawn_truly_and_well(name: str) -> None:
    net = net_of(name)
    for options in ({}, {"level": "stage"}, {"direction": "right"}):
        seen = Seen(net, force=True, **SIZE, **options)
        assert seen.drawing is not None and seen.drawing.rung.stacked
        assert wrong(seen) == []
    seen = Seen(net, force=True, width=244.8)
    assert wrong(seen) == []


def test_f4_ports_that_are_exchanged_outside_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    entering = stackcards.entering
    monkeypatch.setattr(
        stackcards, "entering", lambda stack, source: (entering(stack, source) + 1) % 3
    )
    assert {"missing", "invented"} <= told(Seen(net_of("weighted pyramids"), **SIZE)).keys()


def test_f4_a_wire_that_an_inset_leaves_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    held = stackcards.held

    def broken(*args: object) -> object:
        graph = held(*args)  # type: ignore[arg-type]
        joins = [wire for wire in graph.wires if wire.end.kind == "join"]
        graph.wires.remove(joins[-1])
        return graph

    monkeypatch.setattr(stackcards, "held", broken)
    for name in ("a grid of lanes", "more/hrnet.cnn:hrnet_w18"):
        missing = told(Seen(net_of(name), **SIZE))["missing"]
        assert len(missing) >= 3, "once in every stretch"


def test_f4_values_that_leave_by_other_ports_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Sketch._ends

    def exchanged(sketch: Sketch, wire: object) -> tuple[str, str]:
        if wire.end.kind == "output" and wire.end.port >= 0:  # type: ignore[attr-defined]
            wire.end.port = 1 - wire.end.port if wire.end.port < 2 else 2  # type: ignore[attr-defined]
        return drawn(sketch, wire)  # type: ignore[arg-type]

    monkeypatch.setattr(Sketch, "_ends", exchanged)
    assert {"missing", "invented"} <= told(Seen(net_of("layers of three scales"), **SIZE)).keys()


def test_hrnet_is_read_from_its_figure() -> None:
    seen = Seen(net_of("more/hrnet.cnn:hrnet_w18"), **SIZE)
    assert seen.drawing is not None
    flow, held = seen.drawing.flow, seen.drawing.held
    assert [(one.stack.count, one.name) for one in held] == [(4, "b2_0 – x2_2"), (3, "b6_0 – x6_3")]
    for one, lanes in zip(held, (3, 4), strict=True):
        assert exchange(flow, one) == {
            (a, b): path(a, b, 18) for a in range(lanes) for b in range(lanes)
        }
        cards = [vertex for vertex in one.graph.vertices if vertex.kind == "card"]
        assert [card.count for card in cards] == [4] * lanes
    titles = [inset.body.title for inset in seen.drawing.insets.shown]
    assert titles == ["module a", "module b", "bottleneck a", "bottleneck b", "basic"]


def exchange(flow: Flow, held: Held) -> dict[tuple[int, int], list[str]]:
    """From lane to lane: the ops on the wire into its sum."""
    levels = sorted({vertex.level for vertex in held.graph.vertices})
    found = {}
    for wire in held.graph.wires:
        if wire.end.kind == "join":
            ends = levels.index(wire.start.level), levels.index(wire.end.level)
            rows = [flow.steps[step].row for step in wire.ops]
            assert ends not in found
            found[ends] = [op_text(row.layers[0]) for row in rows]
    return found


def path(a: int, b: int, width: int) -> list[str]:
    """Figure 3 of the paper: 3x3 convolutions with stride 2, or a 1x1 and pixels repeated."""
    if a > b:
        return [f"1×1 conv, {width * 2**b}", f"upsample ×{2 ** (a - b)}"]
    channels = [width * 2**a] * (b - a - 1) + [width * 2**b] * (a < b)
    return [f"3×3 conv, {count} /2" for count in channels]


def test_a_stack_of_hourglasses_is_insets_in_insets() -> None:
    for name, shown, count in (
        ("hourglass_2", ["levels", "residual a", "residual b"], 0),
        ("hourglass_8", ["module", "levels", "residual a", "residual b"], 7),
    ):
        seen = Seen(net_of(f"more/hourglass.cnn:{name}"), **SIZE)
        assert wrong(seen) == [] and seen.drawing is not None
        assert [inset.body.title for inset in seen.drawing.insets.shown] == shown
        assert [card.count for card in seen.drawing.graph.cards] == ([count] if count else [])
        hourglass = next(one for one in seen.drawing.held if one.block == "levels")
        joins = [vertex for vertex in hourglass.graph.vertices if vertex.kind == "join"]
        assert hourglass.mode == "lanes" and len({vertex.level for vertex in joins}) == 4


def test_f4_a_level_that_an_hourglass_leaves_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = laid.inside

    def broken(*args: object) -> object:
        graph = inside(*args)  # type: ignore[arg-type]
        joins = [wire for wire in graph.wires if wire.end.kind == "join"]
        joins[-1].start = joins[0].start
        joins[-1].links = [joins[0].links[0]._replace(target=joins[-1].links[0].target)]
        return graph

    monkeypatch.setattr(laid, "inside", broken)
    assert "missing" in told(Seen(net_of("more/hourglass.cnn:hourglass_8"), **SIZE))


@pytest.mark.parametrize("seed", range(12))
def test_f4_random_modules_are_counted_and_true(seed: int) -> None:
    text = stack(seed)
    times = 1 + max(int(turn) for turn in re.findall(r"b(\d)_0:", text))
    lanes = 1 + max(int(lane) for lane in re.findall(r"b0_(\d):", text))
    net = elaborate(text).net
    assert counts(net) == [(times, lanes)]
    assert wrong(Seen(net, force=True, **SIZE)) == []
