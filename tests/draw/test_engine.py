"""Pictures by Graphviz: in a child process, with a limit, collapsed when that is reached."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cnnspec.draw import DrawError, draw
from cnnspec.draw.writers import engine
from cnnspec.draw.writers.dot import write_dot

LOOP = """
net x() {
  input 3x8x8
  first: conv 4, 1x1
  conv 4, 3x3, same
  from first
  conv 8, 1x1
}
"""


def test_a_flow_that_goes_back_is_drawn_by_dot(written: Any) -> None:
    pytest.importorskip("pygraphviz")
    root = ElementTree.fromstring(engine.render(written(LOOP), "svg"))
    edges = [group for group in root.iter() if group.get("class") == "edge"]
    assert len(edges) == 3


def test_blocks_alone_when_the_time_is_over(spec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sources: list[str] = []

    def run(command: list[str], **options: Any) -> Any:
        sources.append(options["input"].decode())
        if len(sources) == 1:
            raise subprocess.TimeoutExpired(command, options["timeout"])
        return subprocess.CompletedProcess(command, 0, b"picture", b"")

    monkeypatch.setattr(engine.subprocess, "run", run)  # type: ignore[attr-defined]
    assert engine.render(spec("resnet18").net, "svg", 1) == b"picture"
    assert sources[0].count("->") > 60
    assert sources[1] == write_dot(spec("resnet18").net, collapsed=True)
    assert "layer1" in sources[1] and sources[1].count("->") == 11


def test_never_a_hang(spec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **options: Any) -> Any:
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(engine.subprocess, "run", run)  # type: ignore[attr-defined]
    with pytest.raises(DrawError, match="dot needs more than 20 s"):
        engine.render(spec("lenet5").net, "svg")


def test_it_is_a_style(spec: Any, tmp_path: Path) -> None:
    with pytest.raises(DrawError, match="no `tex`"):
        draw([spec("lenet5")], tmp_path / "a.tex", style="graph")


def test_style_graph_writes_dot_too(spec: Any, tmp_path: Path) -> None:
    assert draw([spec("lenet5")], tmp_path / "a.dot", style="graph") == "dot, level layer"
    assert (tmp_path / "a.dot").read_text(encoding="utf-8").startswith("digraph")
