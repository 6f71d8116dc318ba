"""`cnnspec init`: the first files of a project of specs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnspec.cli.faults import Refusal, UsageFault

FILES = {
    "first.cnn": "specs/first.cnn",
    "cnnspec.toml": "cnnspec.toml",
    "pre-commit.yaml": ".pre-commit-config.yaml",
    "workflow.yaml": ".github/workflows/specs.yml",
}
"""What lies in templates/init/ -> where it is written."""


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where; made if missing.")] = Path(),
) -> int:
    """Begin a project: a spec to change, and files that check specs in commits and in CI.

    A file that is there already is never touched: then nothing is written.
    """
    from cnnspec import resources
    from cnnspec.cli.output import out

    there = [target for target in FILES.values() if (folder / target).exists()]
    if there:
        raise Refusal(f"{', '.join(there)} {'exist' if there[1:] else 'exists'}: nothing written")
    for name, target in FILES.items():
        _write(folder / target, (resources.templates() / "init" / name).read_text("utf-8"))
        out(f"{folder / target}\n")
    out(f"\ncnnspec check {folder / 'specs'}     # after every change\n")
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageFault(f"cannot write {path}: {error.strerror or error}") from None
