"""`%load_ext cnnspec`: cells that are specs.

    %%cnnspec
    net it {
      input 3x32x32
      conv 16, 3x3, same -> relu
    }

The nets of the cell are then variables of their names, and the last one is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnspec.api import analysed

if TYPE_CHECKING:
    from cnnspec.notebook.net import Net


def register(ipython: Any) -> None:
    """Make `%%cnnspec` a cell of a running IPython."""

    def cell(line: str, body: str) -> Net | None:
        return run(body, ipython.user_ns, line.strip())

    ipython.register_magic_function(cell, "cell", "cnnspec")


def run(body: str, names: dict[str, Any], wanted: str = "") -> Net | None:
    """Check a cell and bind its nets; `wanted` after `%%cnnspec` is another name for the last one.

    Imports are relative to the working directory.  Warnings are printed; raises SpecErrors, whose
    text a notebook shows in place of a traceback.
    """
    from cnnspec.report.text import render

    nets, diagnostics = analysed(body, "<cell>", str(Path.cwd() / "cell.cnn"))
    if diagnostics:
        print(render(diagnostics), end="")
    for net in nets:
        names[net.name] = net
    if wanted and nets:
        names[wanted] = nets[-1]
    return nets[-1] if nets else None
