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
