"""Every net of a folder of specs that has its values."""

from __future__ import annotations

from pathlib import Path

from cnnspec.analyses.checking import is_family
from cnnspec.elaborate.workspace import Elaborated, Workspace


def nets_of(folder: Path) -> dict[str, Elaborated]:
    """Name -> net, of the files right in a folder."""
    workspace, found = Workspace(), {}
    for path in sorted(folder.glob("*.cnn")):
        unit = workspace.read(str(path))
        assert unit is not None, list(workspace.diagnostics)
        for name in unit.nets:
            if not is_family(unit, name):
                net = workspace.elaborate(unit, name)
                assert net is not None, list(workspace.diagnostics)
                found[name] = net
    return found
