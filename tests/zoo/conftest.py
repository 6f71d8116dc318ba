"""The nets of `specs/`, each elaborated once."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnspec.analyses.metrics import Metrics
from cnnspec.elaborate.workspace import Elaborated, Workspace

SPECS = Path(__file__).parents[2] / "specs"


class Zoo:
    """The nets by name."""

    def __init__(self) -> None:
        self.names = sorted(path.stem for path in SPECS.glob("*.cnn"))
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

    def input(self, name: str) -> tuple[int, ...]:
        return tuple(int(n) for n in self[name].net.inputs[0].shape)

    def tensors(
        self, name: str, buffers: bool = True, training: bool = True
    ) -> dict[str, tuple[int, ...]]:
        """Every tensor of the state_dict by its key; `training` adds the auxiliary heads."""
        found: dict[str, tuple[int, ...]] = {}
        for node in self.metrics(name).graph:
            if node.layer.inputs and not node.shares and (training or not node.training):
                x = node.layer.inputs[0]
                named = node.op.params(x) | (node.op.buffers(x) if buffers else {})
                found |= {f"{node.path}.{key}": tuple(shape) for key, shape in named.items()}
        return found


@pytest.fixture(scope="session")
def zoo() -> Zoo:
    return Zoo()
