"""`cnnspec explain`: the manual page of a code, an op or a metric."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnspec.cli.faults import UsageFault


def _subjects(beginning: str) -> list[str]:
    """What a shell completes: codes, ops and metrics."""
    from cnnspec import codes
    from cnnspec.analyses.metrics import METRICS
    from cnnspec.ops import ops

    known = [*codes.pages(), *ops(), *METRICS, "figure"]
    return [name for name in known if name.lower().startswith(beginning.lower())]


def command(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="CODE_OR_OP",
            help="E0301, conv, or a metric of claims.",
            autocompletion=_subjects,
        ),
    ] = "",
) -> int:
    """Explain a code, an op of the language, or a metric of claims; without one: list them."""
    from cnnspec.cli.output import out

    out(_page(subject) if subject else _list())
    return 0


def _page(subject: str) -> str:
    from cnnspec import codes
    from cnnspec.analyses.metrics import METRICS
    from cnnspec.ops import ops

    if subject.upper() in codes.pages():
        from cnnspec.report.manual import text_page

        return text_page(codes.pages()[subject.upper()])
    if subject in ops():
        from cnnspec.report.opmanual import page

        return page(subject) + _origin(subject)
    if subject == "figure":
        from cnnspec.report.figuremanual import page as sheet_page

        return sheet_page()
    if subject in METRICS:
        return f"{subject}: {METRICS[subject]}\n"
    from cnnspec.diagnostics import did_you_mean

    close = did_you_mean(subject, [*ops(), *codes.pages(), *METRICS, "figure"])
    raise UsageFault(
        f"there is no code, op or metric {subject}: {close or '`cnnspec explain` lists them'}"
    )


def _list() -> str:
    from cnnspec import codes
    from cnnspec.analyses.metrics import METRICS
    from cnnspec.ops import ops
    from cnnspec.ops.arguments import signature_text

    parts = [f"{code}  {page.title}\n" for code, page in codes.pages().items()]
    parts += ["\n", *(f"{signature_text(ops()[name])}{_origin(name)}\n" for name in ops()), "\n"]
    parts += [f"{name}: {words}\n" for name, words in METRICS.items()]
    return "".join(parts)


def _origin(op: str) -> str:
    """The package that brings an op, where it is none of ours (S25)."""
    from cnnspec.ops import ops, plugins

    return "" if ops().ours(op) else f"  from {plugins.package(op)}"
