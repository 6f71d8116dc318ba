"""A PyTorch module as a proved spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from cnnspec.importing.importer import Imported, prepare, write
from cnnspec.importing.prove import keys
from cnnspec.importing.torch.capture import capture
from cnnspec.importing.torch.verify import verify
from cnnspec.values import Shape

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


def import_module(
    model: nn.Module, size: Shape, name: str, *, flat: bool = False, outputs: bool = True
) -> Imported:
    """The spec of a model at an input of `size`, proved; with `outputs` by running both too.

    Raises Refused.  The model is left as it was.
    """
    from cnnspec.api import emit

    trace = capture(model, size, name)
    prepare(trace)

    def run(elaborated: Elaborated) -> float:
        return verify(model, emit(elaborated), name, size, names, trace.main)

    names = keys(trace)
    return write(trace, only_flat=flat, verify=run if outputs else None)
