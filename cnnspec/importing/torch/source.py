"""A PyTorch module as a proved spec."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor, nn

from cnnspec.importing.importer import Imported, Model, prepare, write
from cnnspec.importing.naming import net_name
from cnnspec.importing.options import Options
from cnnspec.importing.prove import keys
from cnnspec.importing.sizes import Given
from cnnspec.importing.torch.capture import capture
from cnnspec.importing.torch.verify import head_of, verify
from cnnspec.ops.op import TorchInput

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


def import_module(
    model: nn.Module, size: Given, name: str, options: Options | None = None
) -> Imported:
    """The spec of a model at inputs of these sizes, proved. Raises Refused.

    The model is left as it was.
    """
    wanted = options or Options()
    return write([captured(model, size, name, wanted)], only_flat=wanted.flat)


def captured(model: nn.Module, size: Given, name: str, wanted: Options) -> Model:
    """What a model is, ready to be written. Raises Refused."""
    from cnnspec.backends.torch import emit

    trace = capture(model, size, net_name(name), aux=wanted.aux, drop_unused=wanted.drop_unused)
    prepare(trace)
    names = keys(trace)

    def run(elaborated: Elaborated) -> float:
        return verify(model, emit(elaborated), trace, names, _head(elaborated))

    return Model(trace, run if wanted.verify else None)


def _head(elaborated: Elaborated) -> Callable[[Tensor], Tensor] | None:
    layer = elaborated.net.head
    if layer is None:
        return None
    (shape,) = layer.inputs
    return head_of(layer.op.torch(TorchInput(shape[0], shape)).function)


def sources_of(model: nn.Module) -> tuple[Path, ...]:
    """The files of Python that a model's classes stand in, PyTorch's own left out."""
    names = {type(module).__module__ for module in model.modules()}
    found = set()
    for name in names:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file and not name.startswith("torch."):
            found.add(Path(file))
    return tuple(sorted(found))
