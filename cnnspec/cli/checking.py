"""What `check` does, without the parser of the command line: see `check.py` for that.

typer and the pydantic under it cost more than the check of a net of 4,208 layers, so the program
comes straight here when the arguments are nothing but paths.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from cnnspec.cli.faults import UsageFault
from cnnspec.records import field, record

if TYPE_CHECKING:
    from cnnspec.analyses.checking import NetResult, Overrides
    from cnnspec.cli.reference import Reference
    from cnnspec.cli.selection import Selection
    from cnnspec.diagnostics import Diagnostic
    from cnnspec.elaborate.workspace import Workspace


SHOWN_MAX = 200
"""Diagnostics with their source lines; who has more reads one line each."""


@record
class Outcome:
    """What a check of several files found."""

    workspace: Workspace
    nets: list[NetResult] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """The files that were named."""
    families: int = 0
    """Files of blocks and nets without values, of which only the names are checked (L25)."""
    selection: Selection | None = None
    """Which warnings are reported; all of them without one."""

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Everything that is reported, sorted within each file."""
        from cnnspec.cli.output import in_order

        found = in_order(self.workspace.diagnostics)
        keep = self.selection
        return found if keep is None else [d for d in found if keep.keeps(d)]

    @property
    def errors(self) -> int:
        """The number of errors."""
        return len(self.workspace.diagnostics.errors)


def run_check(
    paths: list[str],
    form: str = "text",
    strict: bool = False,
    settings: list[str] | None = None,
    inputs: list[str] | None = None,
    selection: Selection | None = None,
    fix: bool = False,
) -> int:
    """Check and show; the exit status is 1 with errors, with `strict` also with warnings.

    `fix` first writes into the files what is sure to mend them.
    """
    started = perf_counter()
    overrides = _overrides(settings, inputs)
    references = targets(paths, overrides)
    if fix:
        from cnnspec.cli.fixing import fix_files

        fix_files(references)
    outcome = check(references, overrides)
    outcome.selection = selection
    _show(outcome, form, started)
    warnings = len(outcome.diagnostics) - outcome.errors
    return int(outcome.errors > 0 or (strict and warnings > 0))


def _overrides(settings: list[str] | None, inputs: list[str] | None) -> Overrides | None:
    if not settings and not inputs:
        return None
    from cnnspec.cli.literal import overrides

    return overrides(settings or [], inputs)


def targets(paths: list[str], overrides: Overrides | None = None) -> list[Reference]:
    """The files that the arguments mean, each once; without arguments those of `specs/`."""
    from cnnspec.cli.reference import Reference, locate
    from cnnspec.shipped import spec_files

    if not paths and not Path("specs").is_dir():
        raise UsageFault("there is no specs/ here: name a file or a directory")
    found: dict[tuple[str, str], Reference] = {}
    for path in paths or ["specs"]:
        if Path(path).is_dir():
            files = [Reference(file) for file in spec_files(path)]
            if not files:
                raise UsageFault(f"{path} holds no .cnn files")
        else:
            files = [locate(path, overrides.input if overrides else None)]
        for file in files:
            key = file.path if file.path == "-" else str(Path(file.path).resolve())
            found.setdefault((key, file.net), file)
    return list(found.values())


def check(references: list[Reference], overrides: Overrides | None = None) -> Outcome:
    """Check the nets of every file in one run of the compiler. Raises UsageFault."""
    from cnnspec.analyses.checking import check_unit
    from cnnspec.cli.progress import tracked
    from cnnspec.cli.reference import read
    from cnnspec.elaborate.workspace import Workspace

    outcome = Outcome(Workspace())
    for reference in tracked(references, "checking"):
        outcome.files.append(reference.path)
        unit = read(outcome.workspace, reference.path)
        if unit is None:
            continue
        if reference.net and reference.net not in unit.nets:
            known = ", ".join(unit.nets) or "none"
            raise UsageFault(f"{reference.path} declares no net {reference.net}; it has {known}")
        names = [reference.net] if reference.net else list(unit.nets)
        changes = reference.beside(overrides) if overrides else None
        results = check_unit(outcome.workspace, unit, names, changes)
        outcome.nets += results
        outcome.families += not results
    outcome.workspace.finish()
    return outcome


def _show(outcome: Outcome, form: str, started: float) -> None:
    from cnnspec.cli.output import out, out_data, out_json

    match form:
        case "text":
            out(_text(outcome, started))
        case "concise":
            from cnnspec.report.diagnostics import concise

            out(concise(outcome.diagnostics))
        case "github":
            from cnnspec.report.diagnostics import github

            out_data(github(outcome.diagnostics))
        case "json":
            from cnnspec.report.check import check_json

            out_json(check_json(_fixed(outcome), outcome.nets))
        case "sarif":
            import cnnspec
            from cnnspec.report.sarif import log

            out_json(log(_fixed(outcome), cnnspec.__version__))


def _fixed(outcome: Outcome) -> list[Diagnostic]:
    """What was found, with the fixes that a program can offer."""
    if not outcome.diagnostics:
        return []
    from cnnspec.cli.fixing import with_fixes

    return with_fixes(outcome.diagnostics, outcome.files)


def _text(outcome: Outcome, started: float) -> str:
    """Nets first, then what is wrong, then the count: the end is what stays on the screen."""
    from cnnspec.cli.output import out_style
    from cnnspec.report.check import closing_line, net_lines
    from cnnspec.report.width import paragraph

    found = outcome.diagnostics
    shown = _shown(found) if found else ""
    nets = paragraph(net_lines(outcome.nets), out_style().width, "    ")
    parts = [nets, shown]
    errors = outcome.errors
    closing = closing_line(
        outcome.nets, errors, len(found) - errors, outcome.families, perf_counter() - started
    )
    return "\n".join(part for part in parts if part) + ("\n" if found else "") + closing


def _shown(found: list[Diagnostic]) -> str:
    """The diagnostics with their source lines, up to a number that a person still reads."""
    from cnnspec.cli.output import out_style
    from cnnspec.report.text import render

    shown = render(found[:SHOWN_MAX], out_style())
    if len(found) > SHOWN_MAX:
        shown += f"\n... and {len(found) - SHOWN_MAX:,} more: --format concise shows all\n"
    return shown
