"""Results to standard output, messages to standard error."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from cnnspec.cli.faults import OutputFault, PipeClosed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnnspec.diagnostics import Diagnostic
    from cnnspec.report.style import Style


def prepare() -> None:
    """Never fail on a character that the terminal's encoding lacks, nor on a closed stream."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="backslashreplace")


def silence() -> None:
    """Keep the interpreter from complaining when it flushes at exit what could not be written."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(null, stream.fileno())


def out(text: str) -> None:
    """Write a result for people, whole. Raises PipeClosed and OutputFault."""
    _write(sys.stdout, text)


def out_data(text: str) -> None:
    """Write a result for programs, whole and unchanged: UTF-8 where the encoding is too small."""
    stream = sys.stdout
    with _writing():
        try:
            text.encode(stream.encoding or "utf-8")
            stream.write(text)
        except UnicodeEncodeError:
            stream.buffer.write(text.encode("utf-8", "backslashreplace"))
        stream.flush()


def out_json(data: dict[str, Any]) -> None:
    """Write a result as indented JSON; letters beyond ASCII stay readable."""
    import json

    out_data(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def say(message: str) -> None:
    """Write a message to standard error: one line, whatever a file name holds."""
    from cnnspec.report.escape import terminal

    _write(sys.stderr, terminal(message) + "\n")


def tell(line: str, *, beside: bool) -> None:
    """Say which file was written: among the results, or beside data that a program reads."""
    if beside:
        say(line)
    else:
        out(line + "\n")


def out_style() -> Style:
    """The style of standard output."""
    from cnnspec.report.style import style_for

    return style_for(sys.stdout)


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Write diagnostics as text to standard error, for commands whose result is another."""
    from cnnspec.report.style import style_for
    from cnnspec.report.text import render

    _write(sys.stderr, render(in_order(diagnostics), style_for(sys.stderr)))


def _write(stream: TextIO, text: str) -> None:
    from cnnspec.report.signs import ascii_signs, has_signs

    with _writing():
        stream.write(text if has_signs(stream) else ascii_signs(text))
        stream.flush()


@contextmanager
def _writing() -> Iterator[None]:
    """Turns what a stream refuses into the faults that `app` knows."""
    try:
        yield
    except BrokenPipeError as gone:
        raise PipeClosed from gone
    except OSError as error:
        raise OutputFault(error.strerror or str(error)) from error


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted within each file; files in the order in which something was found in them."""
    found = list(diagnostics)
    files: dict[int, int] = {}
    for diagnostic in found:
        files.setdefault(id(diagnostic.span.source), len(files))
    return sorted(found, key=lambda d: (files[id(d.span.source)], d.span.start, d.span.end))
