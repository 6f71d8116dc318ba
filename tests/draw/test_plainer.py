"""No style refuses a net: what it has no place for is drawn plainer, and a line says so (F1)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cnnspec.draw import draw
from cnnspec.draw.flow.steps import flow_of
from cnnspec.draw.plainer import plain_table, plainer
from cnnspec.draw.table.cells import stands
from cnnspec.elaborate.workspace import Elaborated
from cnnspec.ir import graph
from tests.draw.literature import NETS
from tests.fuzz.nets import elaborate
from tests.fuzz.strategies import Spec, specs

STYLES = ["columns", "module", "trunk", "volumes"]


def made(net: Elaborated, folder: Path) -> list[str]:
    """What is said while a net is drawn in every style."""
    said: list[str] = []
    for style, form in [*((style, "svg") for style in STYLES), ("table", "md"), ("table", "tex")]:
        path = folder / f"a.{form}"
        draw([net], path, style=style, tell=said.append)  # type: ignore[arg-type]
        assert path.stat().st_size > 100
    return said


@pytest.mark.parametrize("name", NETS)
def test_f1_no_style_refuses_a_net_of_the_literature(name: str, tmp_path: Path) -> None:
    said = made(elaborate(NETS[name].replace("net x()", "net it()")), tmp_path)
    for line in said:
        assert line.startswith(("drawn in style block: ", "a table of plain lines: ", "drawn at"))
        assert "\n" not in line


@settings(
    max_examples=12, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(specs())
def test_f1_no_style_refuses_a_random_net(tmp_path_factory: Any, spec: Spec) -> None:
    made(elaborate(spec.text), tmp_path_factory.mktemp("drawn"))


@pytest.mark.parametrize("name", NETS)
def test_f1_a_table_of_plain_lines_has_every_layer_once(name: str) -> None:
    net = elaborate(NETS[name].replace("net x()", "net it()")).net
    cells = [cell for line in plain_table([net]).lines for cell in line.cells]
    found = [path for cell in cells for paths in stands(cell) for path in paths]
    hidden = set(flow_of(net).unseen)
    wanted = [node.path for node in graph(net).nodes if node.path not in hidden]
    assert sorted(found) == sorted(wanted)


def test_f1_several_nets_stand_beside_each_other(spec: Any, faults: Any) -> None:
    nets = [spec(name).net for name in ("lenet5", "googlenet")]
    scene = plainer(nets, {}, "no bands")
    assert scene.note.startswith("drawn in style block: no bands")
    assert faults(replace(scene, groups=[])) == []
    assert {net.name for net in nets} <= {getattr(shape, "full", "") for shape in scene.shapes}
    for group in scene.groups:
        assert 0 <= group.first < group.last <= len(scene.shapes)
