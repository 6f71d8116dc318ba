"""Nets for the tests of analyses, elaborated from text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cnnspec.analyses.metrics import Metrics
from cnnspec.elaborate.workspace import Elaborated, Workspace

Build = Callable[[str], Elaborated]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Elaborate the last net of a text that must be free of errors."""

    def run(text: str) -> Elaborated:
        path = tmp_path / "spec.cnn"
        path.write_text(text, encoding="utf-8")
        workspace = Workspace()
        unit = workspace.read(str(path))
        assert unit is not None, list(workspace.diagnostics)
        net = workspace.elaborate(unit, list(unit.nets)[-1])
        assert net is not None, list(workspace.diagnostics)
        assert not workspace.diagnostics.errors
        return net

    return run


@pytest.fixture
def metrics(build: Build) -> Callable[[str], Metrics]:
    """The metrics of the last net of a text."""
    return lambda text: Metrics(build(text).net)
