"""L39 in figures: a map that is made as large as another one takes no number from it."""

from __future__ import annotations

from typing import Any

import pytest

from cnnspec import ir
from cnnspec.draw import THEMES, figure
from cnnspec.draw.parts.sized import sized
from cnnspec.draw.writers.svg import write_svg
from tests.draw.conftest import SPECS, load

DECODER = """
block double(c) {{ conv c, 3x3 -> relu -> conv c, 3x3 -> relu }}
net x() {{
  input 1x76x76
  down1: double 8
  maxpool 2x2/2
  bottom: double 16
  larger: conv_transpose 8, 2x2/2
  concat {{ from down1 -> {sized}; skip }}
  up1: double 8
}}
"""


@pytest.mark.parametrize(
    ("by_label", "by_numbers"),
    [("crop to=larger", "crop 64x64"), ("resize to=larger", "resize 64x64")],
)
def test_l39_the_figure_is_that_of_the_size_in_numbers(
    written: Any, by_label: str, by_numbers: str
) -> None:
    """A wire from `larger` to the crop would say that numbers flow along it; none do."""
    one, other = (
        write_svg(figure(written(DECODER.format(sized=size))), THEMES["light"])
        for size in (by_label, by_numbers)
    )
    assert one == other


def test_l39_places_of_maxima_are_drawn(written: Any) -> None:
    net = written("net x() {\n input 4x8x8\n a: maxpool 2x2/2\n conv 4, 1x1\n unpool a\n}\n")
    assert sized(net) is net
    assert figure(net).shapes


def test_a_net_of_which_no_size_is_asked_stays_the_same_object(spec: Any) -> None:
    net = spec("resnet34").net
    assert sized(net) is net
    unet = load(SPECS / "more" / "unet.cnn", "unet").net
    told = sized(unet)
    modules = {id(call.module) for call in told.body.items if isinstance(call, ir.Call)}
    before = {id(call.module) for call in unet.body.items if isinstance(call, ir.Call)}
    assert modules == before, "a block in which nothing changes is the same block"
