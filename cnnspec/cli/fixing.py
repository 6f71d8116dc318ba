"""`cnnspec check --fix`: what messages say to write, written where nothing else can be meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec.cli.faults import UsageFault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.cli.reference import Reference
    from cnnspec.diagnostics import Diagnostic


def fix_files(references: Iterable[Reference]) -> None:
    """Apply the sure fixes to the named files, and say each. Raises UsageFault.

    Each was proved: with it the error is gone and none is new where it was made.  What a file
    imports is left alone unless it is named too.
    """
    for path in dict.fromkeys(reference.path for reference in references):
        if path == "-":
            raise UsageFault("--fix writes files: name one in place of -")
        _fix_file(path)


def _fix_file(path: str) -> None:
    from cnnspec.cli.output import say
    from cnnspec.cli.rewriting import write
    from cnnspec.diagnostics import SpecError
    from cnnspec.editor.checking import checking
    from cnnspec.editor.fixes import mended
    from cnnspec.elaborate.files import from_disk, read_source
    from cnnspec.report.escape import terminal

    try:
        source = read_source(path)
        marked = from_disk(Path(path)).startswith(b"\xef\xbb\xbf")
    except SpecError:
        return  # no text: the check says so
    except OSError as error:
        raise UsageFault(f"cannot read {path}: {error.strerror or error}") from None
    text, done = mended(source.text, checking(source))
    for line, title in done:
        say(f"{terminal(path)}:{line}: fixed: {terminal(title)}")
    if done:
        write(source.path, "\ufeff" * marked + text)


def with_fixes(found: list[Diagnostic], mains: Iterable[str]) -> list[Diagnostic]:
    """The diagnostics with what an editor can offer for them, for `--format json`."""
    from cnnspec.editor.checking import checking
    from cnnspec.editor.fixes import Check, fixed

    paths = [str(Path(main).resolve()) for main in mains if main != "-"]

    def check_of(diagnostic: Diagnostic) -> Check:
        source = diagnostic.span.source
        alone = source.path in paths or not paths
        return checking(source, "" if alone else paths[0])

    return fixed(found, check_of)
