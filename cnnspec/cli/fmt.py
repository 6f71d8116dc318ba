"""`cnnspec fmt`: specs in the one layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import Specs
from cnnspec.cli.output import out, out_data, out_style, show_diagnostics
from cnnspec.cli.rewriting import write
from cnnspec.report.escape import terminal

if TYPE_CHECKING:
    from cnnspec.diagnostics import Diagnostic
    from cnnspec.source import Source

Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit with 1 if a file would change.")
]
Diff = Annotated[bool, typer.Option("--diff", help="The same, and show what would change.")]


def command(paths: Specs = None, check: Check = False, diff: Diff = False) -> int:
    """Write specs in the one layout; comments stay, no word is touched. `-` is a filter."""
    from cnnspec.cli.checking import targets

    if paths == ["-"] and not check and not diff:
        return _filter()
    run = _Run(dry=check or diff, diff=diff)
    for target in targets(paths or []):
        run.file(target.path)
    out(run.closing())
    return int(bool(run.faults) or (run.dry and run.changed > 0))


def _filter() -> int:
    found = _formatted("-")
    if isinstance(found, list):
        show_diagnostics(found)
        return 1
    out_data(found[1])
    return 0


def _formatted(path: str) -> tuple[Source, str] | list[Diagnostic]:
    """A file and its text in the one layout, or what is wrong with it. Raises UsageFault."""
    from cnnspec.diagnostics import SpecError
    from cnnspec.elaborate.files import read_source
    from cnnspec.syntax.format import formatted
    from cnnspec.syntax.parser import SyntaxFaults

    try:
        source = read_source(path)
        return source, formatted(source)
    except SyntaxFaults as faults:
        return faults.diagnostics
    except SpecError as error:
        return [error.diagnostic]
    except OSError as error:
        raise UsageFault(f"cannot read {path}: {error.strerror or error}") from None


class _Run:
    """What one call did; a file that cannot be parsed is left as it is."""

    def __init__(self, dry: bool, diff: bool) -> None:
        self.dry, self.diff = dry, diff
        self.changed = self.unchanged = self.faults = 0

    def file(self, path: str) -> None:
        found = _formatted(path)
        if isinstance(found, list):
            show_diagnostics(found)
            self.faults += 1
            return
        source, text = found
        if source.text == text:
            self.unchanged += 1
            return
        self.changed += 1
        if self.diff:
            out_data(_diff(source, text))
        elif self.dry:
            out(f"{terminal(path)} would be formatted\n")
        else:
            write(source.path, text)
            out(f"{terminal(path)} formatted\n")

    def closing(self) -> str:
        done = "would be formatted" if self.dry else "formatted"
        parts = [f"{_files(self.changed)} {done}", f"{self.unchanged} left as they are"]
        parts += [f"{self.faults} with errors"] * bool(self.faults)
        return ", ".join(parts) + "\n"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _diff(source: Source, text: str) -> str:
    from difflib import unified_diff

    before, after = source.text.splitlines(), text.splitlines()
    lines = unified_diff(before, after, source.name, f"{source.name} (formatted)", lineterm="")
    style = out_style()
    return "".join(style.paint(line, _PAINT.get(line[0], "")) + "\n" for line in lines)


_PAINT = {"+": "help", "-": "error", "@": "label"}
