"""The nets of `specs/`, elaborated once, and torchvision where it is installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from cnnspec.analyses.metrics import Metrics
from cnnspec.elaborate.workspace import Elaborated, Workspace

SPECS = Path(__file__).parents[2] / "specs"
NAMES = sorted(path.stem for path in SPECS.glob("*.cnn"))


class Zoo:
    """Elaborates a net by name, each once."""

    def __init__(self) -> None:
        self.workspace = Workspace()
        self._metrics: dict[str, Metrics] = {}

    def __getitem__(self, name: str) -> Elaborated:
        unit = self.workspace.read(str(SPECS / f"{name}.cnn"))
        assert unit is not None, list(self.workspace.diagnostics)
        net = self.workspace.elaborate(unit, name)
        assert net is not None, list(self.workspace.diagnostics)
        return net

    def metrics(self, name: str) -> Metrics:
        if name not in self._metrics:
            self._metrics[name] = Metrics(self[name].net)
        return self._metrics[name]

    def tensors(self, name: str, buffers: bool = True) -> dict[str, tuple[int, ...]]:
        """Every tensor of the state_dict by its key, auxiliary heads included."""
        found: dict[str, tuple[int, ...]] = {}
        for node in self.metrics(name).graph:
            if node.layer.inputs and not node.shares:
                x = node.layer.inputs[0]
                named = node.op.params(x) | (node.op.buffers(x) if buffers else {})
                found |= {f"{node.path}.{key}": tuple(shape) for key, shape in named.items()}
        return found


@pytest.fixture(scope="session")
def zoo() -> Zoo:
    return Zoo()


@cache
def torchvision_models() -> ModuleType:
    """`torchvision.models` beside a torch that it was not built for: nms is only declared."""
    import torch

    try:
        import torchvision.models as models
    except (ImportError, RuntimeError):
        pytest.importorskip("torchvision", exc_type=(ImportError, RuntimeError))
        raise
    assert torch is not None
    return models


def _declare_nms() -> None:
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _KEPT.append(library)


_KEPT: list[object] = []
"""A torch library lives as long as its object."""
