"""`cnnspec play`: a page on this machine that checks, draws and compiles while one types."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from cnnspec.cli import complete
from cnnspec.cli.faults import UsageFault

File = Annotated[
    str | None,
    typer.Argument(
        metavar="FILE", help="The spec to edit; a new one is made when it is saved.",
        autocompletion=complete.nets, show_default=False,
    ),
]  # fmt: skip
Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, metavar="N", help="The port; 0: any free one.")
]
Quiet = Annotated[bool, typer.Option("--no-browser", help="Print the address, and open nothing.")]


def command(file: File = None, port: Port = 0, no_browser: Quiet = False) -> int:
    """Edit a spec in the browser: errors, shapes, figure, code and figures as you type.

    The page is served to this machine alone, and writes FILE alone. Ctrl-C ends it.
    """
    from cnnspec.cli.output import out
    from cnnspec.play.server import Play

    path = _file(file)
    try:
        server = Play(path, port)
    except OSError as error:
        raise UsageFault(f"--port {port}: {error.strerror or error}") from None
    out(f"{server.address}\n")
    if not no_browser:
        import webbrowser

        webbrowser.open(server.address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        out("\n")
    finally:
        server.server_close()
    return 0


def _file(name: str | None) -> Path | None:
    """The file that is edited, which need not be there yet. Raises UsageFault."""
    if name is None:
        return None
    path = Path(name)
    if path.is_file() or (path.suffix == ".cnn" and not path.exists() and path.parent.is_dir()):
        return path.resolve()
    if path.suffix != ".cnn" and re.fullmatch(r"\w+", name) and Path("specs").is_dir():
        from cnnspec.cli.reference import locate

        found = Path(locate(name).path)
        if found.resolve().is_relative_to(Path("specs").resolve()):
            return found.resolve()
    raise UsageFault(
        f"{name}: name a spec, or a new file that ends in .cnn in a folder that exists"
    )
