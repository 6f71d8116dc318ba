"""Every cited figure of a net beside what was measured."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cnnspec.report import table
from cnnspec.report.check import claim_json, claims_phrase
from cnnspec.report.escape import terminal
from cnnspec.report.numbers import figure
from cnnspec.report.style import PLAIN, Style
from cnnspec.report.table import Cell, Column, Figure, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnspec.analyses.checking import NetResult
    from cnnspec.analyses.claims import Verdict

_COLUMNS = (
    Column("source", spare=True), Column("where", spare=True), Column("claim"),
    Column("printed", kept=True), Column("measured", kept=True), Column("verdict"),
)  # fmt: skip


def claims_table(claims: Sequence[Verdict], net: str = "") -> Table:
    """One row a claim; with `net` a first column names it."""
    columns = (Column("net"), *_COLUMNS) if net else _COLUMNS
    first = (net,) if net else ()
    return Table(columns, [(*first, *_cells(claim)) for claim in claims])


def _cells(claim: Verdict) -> tuple[Cell, ...]:
    return (
        claim.source or None,
        claim.where or None,
        claim.metric,
        _printed(claim),
        _measured(claim.measured),
        verdict(claim),
    )


def _printed(claim: Verdict) -> Cell:
    """A figure as written, its digits grouped as in every other column."""
    relation = "" if claim.relation in ("=", "~") else f"{claim.relation} "
    digits = claim.printed.replace("_", "")
    if not (digits.isascii() and digits.isdigit()):
        return relation + claim.printed
    grouped = f"{int(digits):,}"
    return relation + grouped if relation else Figure(int(digits), grouped)


def _measured(value: object) -> Cell:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return figure(value)
    return Figure(int(value) if value == int(value) else value, figure(value))


def verdict(claim: Verdict) -> str:
    """`holds`, or what it is instead and why; evidence of several words on a line of its own."""
    why = f"{claim.verdict}: {claim.cause}" if claim.cause else claim.verdict
    if not claim.evidence:
        return why
    return f"{why}{chr(10) if ' ' in claim.evidence else ' '}({claim.evidence})"


def as_text(nets: Sequence[NetResult], style: Style = PLAIN) -> str:
    """A table for each net with claims, its name above where there are several."""
    told = [net for net in nets if net.claims]
    parts = []
    for net in told:
        title = f"{style.paint(terminal(net.name), 'bold')} · {terminal(net.file)}\n"
        body = table.text(claims_table(net.claims), style, rules=False)
        parts.append((title if len(told) > 1 else "") + body)
    return "\n".join(parts)


def closing_line(nets: Sequence[NetResult]) -> str:
    """All claims by verdict, and the recorded disagreements by kind of cause."""
    claims = [claim for net in nets for claim in net.claims]
    kinds = Counter(claim.kind for claim in claims if claim.verdict == "differs")
    by_kind = ", ".join(f"{n:,} {kind}" for kind, n in sorted(kinds.items()) if kind)
    return (claims_phrase(claims) or "no claims") + (f" ({by_kind})" if by_kind else "") + "\n"


def merged(nets: Sequence[NetResult]) -> Table:
    """All claims of all nets in one table, for the formats that hold one."""
    rows = [row for net in nets for row in claims_table(net.claims, net.name).rows]
    return Table((Column("net"), *_COLUMNS), rows)


def as_json(nets: Sequence[NetResult]) -> dict[str, Any]:
    """The shape `cnnspec.claims/1`."""
    claims = [
        {"net": net.name, "file": net.file, **claim_json(claim)}
        for net in nets
        for claim in net.claims
    ]
    return {"schema": "cnnspec.claims/1", "claims": claims}
