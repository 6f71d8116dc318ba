"""What is kept while a figure is tried on many pages changes no figure, and is not made anew."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from cnnspec.draw import figure
from cnnspec.draw.errors import DrawError
from cnnspec.draw.figures import parts
from cnnspec.draw.flow.block import block
from cnnspec.draw.flow.compose import Studies
from cnnspec.draw.flow.measure import Bodies
from cnnspec.draw.flow.route import Router
from cnnspec.draw.options import Options, fitting
from cnnspec.ir import Net
from tests.draw.conftest import SPECS, load
from tests.fuzz.nets import elaborate

TWINS = """
default conv pad=same, bias=false
block res(c) {
  a: conv c, 1x1 -> bn -> relu
  x1: { conv c, 3x3 -> bn }
  x2: add { { conv c, 5x5 -> bn }; from x1; from a }
  x3: add { { conv c, 3x3 -> bn }; from x1 }
  concat { from x1; from x2; from x3 }
  conv 32, 1x1 -> bn
}
net it() {
  input image: 32x16x16
  for at in range(4) {
    stage${at}: { conv 32, 3x3; for n in range(4) { unit${n}: res 8 + at // 2 } }
  }
  global_avgpool -> flatten -> linear 10
}
"""
PAGES: list[Options] = [
    {"width": 495.0, "height": 612.0}, {"width": 300.0, "height": 400.0},
    {"width": 495.0, "height": 612.0, "direction": "right"}, {"width": 72.0, "height": 72.0},
    {"width": 495.0, "height": 612.0, "level": "stage"}, {"width": 495.0, "height": 612.0},
]  # fmt: skip
NAMES = ("more/unet:unet", "googlenet:googlenet", "resnet34:resnet34")


def shown(name: str) -> Net:
    file, _, net = name.partition(":")
    return load(SPECS / f"{file}.cnn", net).net


@pytest.mark.parametrize("name", NAMES)
def test_f1_what_is_known_of_a_net_changes_no_figure(name: str) -> None:
    net, known = shown(name), Studies()
    for page in PAGES:
        assert block(net, page, known) == block(net, page)


def test_f1_a_page_that_was_tried_costs_no_boxes_and_no_ways() -> None:
    net, known = shown("more/unet:unet"), Studies()
    block(net, PAGES[0], known)
    with patch.object(Bodies, "measure") as boxes, patch.object(Router, "run") as ways:
        block(net, PAGES[0], known)
        assert not boxes.called and not ways.called


def test_f1_a_level_that_does_not_fit_is_not_closed_where_it_is_asked_for_alone() -> None:
    net = shown("more/unet:unet")
    with pytest.raises(DrawError, match="unet does not fit its page at level block"):
        figure(net, width=150.0, height=150.0, strict=True)
    whole = fitting({"width": 495.0}, lambda given: figure(net, **given))
    assert whole == figure(net, width=495.0)


def test_f1_parts_are_looked_for_without_wires() -> None:
    """A stack of eight hourglasses took 25 s in 17 parts, most of it for wires of no part.

    What a part holds in an inset has wires of its own.
    """
    net = shown("more/hourglass:hourglass_8")
    run, calls = Router.run, []

    def counted(router: Router) -> Any:
        calls.append(router)
        return run(router)

    with patch.object(Router, "run", counted):
        found = parts(net)
    assert len(calls) <= 3 * len(found)


def test_f1_parts_that_are_alike_are_laid_out_once() -> None:
    net = elaborate(TWINS).net
    with patch.object(Studies, "twin", lambda known, net, options: options.get("only", "")):
        apart = parts(net, height=160.0)
    run, routed = Router.run, []

    def counted(router: Router) -> Any:
        routed.append(router)
        return run(router)

    with patch.object(Router, "run", counted):
        together = parts(net, height=160.0)
    assert together == apart and len(apart) > 8
    assert len(routed) < len(together) / 2


def test_f1_parts_are_alike_but_for_numbers() -> None:
    net = elaborate(TWINS).net
    known = Studies()
    ends = [known.twin(net, {"only": f"stage{at}.unit1..stage{at}.unit2"}) for at in range(4)]
    assert ends[0] == ends[1] != ends[2] == ends[3]
    assert known.twin(net, {"only": "stage0.unit1..stage0.unit3"}) not in ends
    assert known.twin(net, {"only": "stage0", "expand": ("stage0",)}) == "stage0"
