"""`cnnspec lsp`: the language server, over standard input and output."""

from __future__ import annotations

from cnnspec.cli.faults import UsageFault


def command() -> int:
    """Serve an editor: diagnostics, shapes at the ends of lines, completion, rename, fixes.

    An editor starts it by itself (see docs/howto/editor.md).
    """
    try:
        from cnnspec.lsp.server import server
    except ModuleNotFoundError as error:
        if error.name not in ("pygls", "lsprotocol"):
            raise
        raise UsageFault('the language server needs pygls: pip install "cnnspec[lsp]"') from None
    server.start_io()
    return 0
