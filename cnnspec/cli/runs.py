"""Where the weights of a run of the trainer are: it is asked for files, and never imported."""

from __future__ import annotations

from pathlib import Path

from cnnspec.cli.faults import UsageFault

FINAL, STATE = "model.safetensors", "state.safetensors"


def weights_file(path: Path) -> Path:
    """A file is itself; a run is its last weights, or its newest checkpoint. Raises UsageFault."""
    if not path.is_dir():
        return path
    places = [path, *sorted((path / "checkpoint").glob("step-*"), reverse=True)]
    for file in (path / FINAL, *(place / STATE for place in places)):
        if file.is_file():
            return file
    raise UsageFault(f"{path} is no run of the trainer: it has no weights and no checkpoint")
