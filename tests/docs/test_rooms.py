"""The picture of the code's rooms is what import-linter proves (docs/rooms.py)."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from runpy import run_path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = run_path(str(ROOT / "docs" / "rooms.py"))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def boxes() -> dict[str, tuple[float, float, float]]:
    """Room -> left, right and top of its box."""
    picture = ElementTree.fromstring(ROOMS["drawn"]())
    found = {}
    for group in picture.iter(f"{SVG}g"):
        box = group.find(f"{SVG}rect")
        assert box is not None and group.attrib["data-room"] not in found
        left, width, top = (float(box.attrib[key]) for key in ("x", "width", "y"))
        found[group.attrib["data-room"]] = left, left + width, top
    return found


def test_v4_every_layer_lies_above_the_next(boxes: dict[str, tuple[float, float, float]]):
    layered = [c["layers"] for c in ROOMS["contracts"]() if c["type"] == "layers"]
    assert len(layered) >= 3
    for layers in layered:
        rows = [[boxes[name] for name in re.findall(r"[\w.]+", layer)] for layer in layers]
        for row, below in pairwise(rows):
            assert len({top for _, _, top in row}) == 1 and row[0][2] < below[0][2]
        for row in rows:
            assert all(one[1] < other[0] for one, other in pairwise(row))


def test_v4_every_package_has_its_box(boxes: dict[str, tuple[float, float, float]]):
    packages = {f"cnnspec.{path.parent.name}" for path in (ROOT / "cnnspec").glob("*/__init__.py")}
    assert packages <= boxes.keys() and "cnnspec.train" in boxes


def test_v4_every_room_says_what_it_is_and_every_wall_is_told():
    told = ROOMS["told"]()
    rows = re.findall(r"^\| `([\w.]+)` \| (.*) \|$", told, re.MULTILINE)
    assert len(rows) >= 20
    assert [name for name, said in rows if not said.endswith((".", ":"))] == []
    walls = [c["name"] for c in ROOMS["contracts"]() if c["type"] == "forbidden"]
    assert re.findall(r"^- \*\*(.*)\*\*:", told, re.MULTILINE) == walls
