"""`cnnspec prove`: whether a module, generated or edited by hand, still is its spec."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import Input, Set

if TYPE_CHECKING:
    from cnnspec.backends.torch.proof import Unproved

SIZE_MAX = 16 * 2**20
"""The largest file that is read, in bytes."""

_COMMAND = re.compile(r"^ +cnnspec gen --target torch ([^\s:]+\.cnn)(?::(\w+))?$", re.MULTILINE)
_NET = re.compile(r"^Net: +(\w+)", re.MULTILINE)


class Form(StrEnum):
    """How the verdict is written."""

    TEXT = "text"
    JSON = "json"


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE.py", help="A module.")],
    spec: Annotated[
        str | None,
        typer.Option("--spec", metavar="NET", help="Its net; else the one its docstring names."),
    ] = None,
    settings: Set = None,
    inputs: Input = None,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
) -> int:
    """Say whether a module still is its spec; exit 1 at the first difference."""
    from cnnspec.backends.torch.proof import Unproved, prove
    from cnnspec.cli.gate import admitted
    from cnnspec.cli.literal import overrides
    from cnnspec.cli.output import out, out_json
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.report.escape import terminal

    text = _read(file)
    reference = spec or _named(text, file)
    changes = overrides(settings or [], inputs)
    (net,) = admitted(Workspace(), [reference], changes, measures=True)
    fault: Unproved | None = None
    try:
        prove(net.net, text, args=net.args, recipe=net.recipe)
    except Unproved as unproved:
        fault = unproved
    if form is Form.JSON:
        out_json(_as_json(str(file), net.net.name, fault))
    elif fault is None:
        out(terminal(f"{file} is {net.net.name} of {reference.partition(':')[0]}") + "\n")
    else:
        place = f"{file}:{fault.line}" if fault.line else str(file)
        out(terminal(f"{place}: {fault.message}{_in_spec(fault)}") + "\n")
    return int(fault is not None)


def _read(file: Path) -> str:
    """The text of a module. Raises UsageFault."""
    try:
        if file.is_file() and file.stat().st_size > SIZE_MAX:
            raise UsageFault(f"{file} has more than {SIZE_MAX >> 20} MiB")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageFault(f"{file} is not UTF-8") from None
    except OSError as error:
        raise UsageFault(f"cannot read {file}: {error.strerror or error}") from None


def _named(text: str, file: Path) -> str:
    """The net that a module's docstring names: looked for from here, then from the module up."""
    head = text[: text.find('"""', text.find('"""') + 3)]
    command, net = _COMMAND.search(head), _NET.search(head)
    if command is None:
        raise UsageFault(f"{file} does not say which spec it comes from: give it with --spec")
    path, name = command[1], command[2] or (net[1] if net else "")
    folders = [Path(), *file.resolve().parents]
    found = next((folder / path for folder in folders if (folder / path).is_file()), None)
    if found is None:
        raise UsageFault(f"{file} comes from {path}, which is not there: give it with --spec")
    return f"{found}:{name}" if name else str(found)


def _in_spec(fault: Unproved) -> str:
    """The place in the spec, where one is to blame."""
    span = fault.span
    return f" ({span.source.name}:{span.line})" if span is not None else ""


def _as_json(file: str, net: str, fault: Unproved | None) -> dict[str, Any]:
    difference: dict[str, Any] | None = None
    if fault is not None:
        span = fault.span
        difference = {
            "message": fault.message,
            "line": fault.line or None,
            "path": fault.path,
            "spec": fault.spec,
            "module": fault.module,
            "classes": fault.within,
            "spec_file": span.source.name if span is not None else None,
            "spec_line": span.line if span is not None else None,
        }
    return {
        "schema": "cnnspec.prove/1",
        "file": file,
        "net": net,
        "proved": fault is None,
        "difference": difference,
    }
