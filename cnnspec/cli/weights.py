"""`cnnspec weights`: files of weights from elsewhere, converted and renamed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli import complete
from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import Input, Set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnspec.cli.layouts import Target


class Action(StrEnum):
    """What is done with the file."""

    CONVERT = "convert"
    MAP = "map"


What = Annotated[
    Action, typer.Argument(help="convert: .pth to safetensors. map: to the names of NET as well.")
]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A .pth or .safetensors file.")]
Net = Annotated[
    str | None,
    typer.Argument(
        metavar="NET",
        help="For map: the net whose names are wanted.",
        autocompletion=complete.nets,
    ),
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a file that is not cnnspec's.")]
InOrder = Annotated[
    bool,
    typer.Option("--in-order", help="map: by position, where shapes agree one after another."),
]


def command(
    action: What,
    file: File,
    net: Net = None,
    output: Output = None,
    force: Force = False,
    in_order: InOrder = False,
    settings: Set = None,
    inputs: Input = None,
) -> int:
    """Convert a file of weights to safetensors, or to the names of a net (.pth needs torch)."""
    from cnnspec.cli.output import out
    from cnnspec.cli.tensors import read, write

    if (action is Action.MAP) != (net is not None):
        raise UsageFault("`weights map FILE NET` names a net, `weights convert FILE` does not")
    if output is None and action is Action.MAP:
        output = Path(f"{net}.safetensors" if net and net.isidentifier() else "mapped.safetensors")
    path = output or file.with_suffix(".safetensors")
    if path.resolve() == file.resolve():
        raise UsageFault(f"{path} would overwrite what it is made from: name another with -o")
    tensors, how = read(file), "as they are"
    if net is not None:
        from cnnspec.cli.layouts import fit

        tensors, how = fit(tensors, target(net, settings or [], inputs or []), in_order)
    write(path, tensors, force)
    out(f"{path}  {len(tensors)} tensors, names {how}\n")
    return 0


def target(name: str, settings: Sequence[str], inputs: Sequence[str] = ()) -> Target:
    """The tensors of a net with their shapes, those of its auxiliary heads marked."""
    from cnnspec.cli.gate import admitted
    from cnnspec.cli.layouts import Target
    from cnnspec.cli.literal import overrides
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.ir import graph
    from cnnspec.statedict import entries

    net = admitted(Workspace(), [name], overrides(settings, inputs))[0].net
    tensors = entries(graph(net))
    shapes = {tensor.name: tensor.shape for tensor in tensors}
    spare = frozenset(tensor.name for tensor in tensors if tensor.training)
    return Target(net.name, shapes, spare)
