"""Results to standard output, messages to standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from cnnspec.cli.faults import PipeClosed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.diagnostics import Diagnostic
    from cnnspec.report.style import Style


def prepare() -> None:
    """Never fail on a character that the terminal's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def out(text: str) -> None:
    """Write a result, whole."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError as gone:
        raise PipeClosed from gone


def out_json(data: dict[str, Any]) -> None:
    """Write a result as indented JSON; letters beyond ASCII stay readable."""
    import json

    out(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def say(message: str) -> None:
    """Write a message to standard error: one line, whatever a file name holds."""
    from cnnspec.report.escape import terminal

    try:
        sys.stderr.write(terminal(message) + "\n")
        sys.stderr.flush()
    except BrokenPipeError as gone:
        raise PipeClosed from gone


def out_style() -> Style:
    """The style of standard output."""
    from cnnspec.report.style import style_for

    return style_for(sys.stdout)


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Write diagnostics as text to standard error, for commands whose result is another."""
    from cnnspec.report.style import style_for
    from cnnspec.report.text import render

    try:
        sys.stderr.write(render(in_order(diagnostics), style_for(sys.stderr)))
        sys.stderr.flush()
    except BrokenPipeError as gone:
        raise PipeClosed from gone


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted within each file; files in the order in which something was found in them."""
    found = list(diagnostics)
    files: dict[int, int] = {}
    for diagnostic in found:
        files.setdefault(id(diagnostic.span.source), len(files))
    return sorted(found, key=lambda d: (files[id(d.span.source)], d.span.start, d.span.end))
