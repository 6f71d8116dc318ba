"""An ONNX file as a proved spec."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec.importing.importer import Imported, Model, prepare, write
from cnnspec.importing.naming import net_name
from cnnspec.importing.onnx.graph import Graph
from cnnspec.importing.onnx.load import load
from cnnspec.importing.onnx.trace import Reader
from cnnspec.importing.options import Options

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated

UNVERIFIED = "outputs were not compared: that needs torch and onnxruntime"


def import_onnx(path: Path, options: Options, name: str) -> Imported:
    """The spec of a file, proved. Raises Refused."""
    return write([captured(path, options, name)], only_flat=options.flat)


def captured(path: Path, options: Options, name: str) -> Model:
    """What a file is, ready to be written. Raises Refused."""
    model = load(path, options.sizes)
    reader = Reader(Graph(model), net_name(options.name or name))
    trace = reader.run()
    prepare(trace)

    def run(elaborated: Elaborated) -> float:
        from cnnspec.importing.onnx.verify import Absent, verify

        try:
            return verify(path, model, trace, reader.names, elaborated)
        except Absent:
            if UNVERIFIED not in trace.notes:
                trace.notes.append(UNVERIFIED)
            return float("nan")

    return Model(trace, run if options.verify else None)
