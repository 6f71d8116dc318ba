"""`cnnspec explain`: the manual page of an error code or an op."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnspec.cli.faults import UsageFault


def command(
    subject: Annotated[
        str, typer.Argument(metavar="CODE_OR_OP", help="E0301, conv, or a metric of claims.")
    ],
) -> int:
    """Explain an error code, an op of the language, or a metric of claims."""
    from cnnspec import codes
    from cnnspec.analyses.metrics import METRICS
    from cnnspec.cli.output import out

    if subject.upper() in codes.CODES:
        code = subject.upper()
        page = codes.PAGES.get(code)
        out(f"{code}: {codes.title(code)}\n" + (f"\n{page}\n" if page else ""))
        return 0
    out(f"{subject}: {METRICS[subject]}\n" if subject in METRICS else _op_page(subject))
    return 0


def _op_page(name: str) -> str:
    from inspect import getdoc

    from cnnspec import codes
    from cnnspec.diagnostics import did_you_mean
    from cnnspec.ops import ops
    from cnnspec.ops.arguments import signature_text

    known = ops()
    if name not in known:
        close = did_you_mean(name, [*known, *codes.CODES])
        raise UsageFault(f"there is no code or op {name}" + (f": {close}" if close else ""))
    return f"{signature_text(known[name])}\n\n{getdoc(known[name])}\n"
