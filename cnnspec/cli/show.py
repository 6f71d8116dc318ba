"""`cnnspec show`: the text of a spec, shipped or one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli.options import Input

if TYPE_CHECKING:
    from collections.abc import Iterator


def _shipped(beginning: str) -> list[str]:
    """What a shell completes: the nets of the shipped specs."""
    from cnnspec.shipped import declared, folders, searched

    def names() -> Iterator[str]:
        for folder in folders():
            for path in searched(folder):
                yield from declared(Path(path))

    return sorted({name for name in names() if name.startswith(beginning)})


def command(
    nets: Annotated[
        list[str],
        typer.Argument(
            metavar="NET",
            help="A shipped net, or a file of the shipped specs: families/resnet.cnn.",
            autocompletion=_shipped,
        ),
    ],
    inputs: Input = None,
) -> int:
    """Print the spec of a shipped net, to read or to begin from: `cnnspec show lenet5 > my.cnn`."""
    from cnnspec.cli.literal import sizes
    from cnnspec.cli.output import out_data
    from cnnspec.cli.reference import locate
    from cnnspec.elaborate.files import read_source

    for net in nets:
        out_data(read_source(locate(net, sizes(inputs or [])).path).text)
    return 0
