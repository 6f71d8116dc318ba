"""Nets side by side: rows, bands, skips, and what has no place in them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cnnspec.draw import THEMES, DrawError, figure
from cnnspec.draw.writers.svg import write_svg
from cnnspec.ir import Net, graph

CHAIN = """
net x() {
  input 3x32x32
  repeat 2 { conv 16, 3x3, same -> relu }
  maxpool 2x2/2
  add { { conv 16, 1x1 -> bn -> relu -> conv 16, 3x3, same }; skip }
  flatten
  linear 4096 -> relu -> dropout 0.5
  linear 1000
}
"""


def drawn(picture: Any, *nets: Net) -> Any:
    return picture(write_svg(figure(*nets, style="columns"), THEMES["light"]))


def undrawn(net: Net, seen: Any) -> list[tuple[str, str]]:
    """Edges that are no wire and not inside one row."""
    rows: dict[str, int] = {}
    marked = [element for element in seen.root.iter() if "data-op" in element.attrib]
    for index, element in enumerate(marked):
        rows.update(dict.fromkeys(element.attrib["data-op"].split(), index))
    ways = [
        {wire.data["src"], wire.data["dst"], *wire.data.get("via", "").split()}
        for wire in seen.wires
    ]
    nodes = graph(net).nodes
    missing = []
    for node in nodes:
        for index in node.inputs:
            while nodes[index].op.name in ("flatten", "softmax"):
                (index,) = nodes[index].inputs
            source, target = nodes[index].path, node.path
            fused = source in rows and rows[source] == rows.get(target)
            if not fused and node.op.name not in ("flatten", "softmax"):
                ends = ({_head(rows, source)}, {_head(rows, target)})
                reached = [{_head(rows, path) for path in way} for way in ways]
                if not any(ends[0] <= way and ends[1] <= way for way in reached):
                    missing.append((source, target))
    return missing


def _head(rows: dict[str, int], path: str) -> object:
    return rows.get(path, path)


def test_resnet34_beside_its_plain_twin(spec: Any, picture: Any, faults: Any) -> None:
    nets = [spec(name).net for name in ("plain34", "resnet34")]
    assert faults(figure(*nets)) == []
    seen = drawn(picture, *nets)
    assert Counter(skip["skip"] for skip in seen.skips) == {"identity": 13, "projection": 3}
    assert seen.says().count("3×3 conv, 256") == 2 * 12
    assert [text for text in seen.says() if text.isdigit()][:5] == ["112", "56", "28", "14", "7"]


def test_the_figure_of_the_paper(spec: Any, picture: Any, faults: Any) -> None:
    nets = [spec(name).net for name in ("vgg_e", "plain34", "resnet34")]
    scene = figure(*nets)
    assert faults(scene) == []
    assert (round(scene.width / 72, 1), scene.height <= 610) == (3.4, True)
    assert len(drawn(picture, *nets).ops) == 24 + 36 + 36


@pytest.mark.parametrize("name", ["resnet34", "resnet20", "lenet5", "plain34"])
def test_every_edge_is_drawn(spec: Any, picture: Any, name: str) -> None:
    net = spec(name).net
    assert undrawn(net, drawn(picture, net)) == []


@pytest.mark.parametrize("width", [None, 300.0, 495.0])
def test_no_faults_at_any_width(written: Any, picture: Any, faults: Any, width: Any) -> None:
    net = written(CHAIN)
    assert faults(figure(net, net, style="columns", width=width)) == []
    assert undrawn(net, drawn(picture, net)) == []


def test_what_is_no_line_is_refused(spec: Any, written: Any) -> None:
    forked = written("net x() {\n input 3x8x8\n concat { conv 4, 1x1; conv 4, 3x3, same }\n}")
    with pytest.raises(DrawError, match="branches side by side"):
        figure(forked, style="columns")
    with pytest.raises(DrawError, match=r"in high, a page has 8\.5 in"):
        figure(spec("resnet152").net, style="columns")
    with pytest.raises(DrawError, match=r"nets side by side take"):
        figure(*[spec("plain34").net] * 9)
