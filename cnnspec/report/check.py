"""What `cnnspec check` says of nets: a line each, a closing line, and JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cnnspec.report.escape import terminal
from cnnspec.report.numbers import counted, shapes, short
from cnnspec.report.width import pad, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnnspec.analyses.checking import NetResult
    from cnnspec.analyses.claims import Verdict
    from cnnspec.diagnostics import Diagnostic


def net_lines(nets: Sequence[NetResult]) -> str:
    """One line a net, in columns where there are several."""
    rows = [_cells(net) for net in nets]
    aligned = [max((width(row[i]) for row in rows if len(row) > i), default=0) for i in range(7)]
    right = (False, False, False, True, True, True, False)
    lines = []
    for row in rows:
        cells = [pad(cell, aligned[i], right[i]) for i, cell in enumerate(row)]
        head, tail = cells[:2], cells[2:]
        lines.append(("  ".join(head) + "  " + "   ".join(tail)).rstrip() + "\n")
    return "".join(lines)


def _cells(net: NetResult) -> list[str]:
    head = [terminal(net.file), terminal(net.name)]
    if net.params is None or net.macs is None or net.layers is None:
        here = f"{counted(net.around, 'error')} in its file" if net.around else ""
        elsewhere = here or "has errors in what it imports"
        return [*head, counted(net.errors, "error") if net.errors else elsewhere]
    return [
        *head,
        f"{shapes(net.inputs.values())} → {shapes(net.at_inference.values())}",
        f"{net.params:,} params",
        f"{short(net.macs)} MACs",
        counted(net.layers, "layer"),
        _remark(net),
    ]


def _remark(net: NetResult) -> str:
    """What became of the claims, and errors beside those of claims."""
    failing = sum(claim.verdict in ("fails", "stale") for claim in net.claims)
    own, around = net.errors - failing, net.around
    parts = [claims_phrase(net.claims), counted(own, "error") if own > 0 else ""]
    parts.append(f"{counted(around, 'error')} in its file" if around else "")
    return ", ".join(filter(None, parts))


def claims_phrase(claims: Sequence[Verdict]) -> str:
    """`1 claim holds`; `4 claims: 3 hold, 1 recorded disagreement`; nothing without claims."""
    counts: Counter[str] = Counter(claim.verdict for claim in claims)
    if not claims:
        return ""
    if counts["holds"] == len(claims):
        return f"{counted(len(claims), 'claim')} {_verb(len(claims), 'hold')}"
    return f"{counted(len(claims), 'claim')}: {_parts(counts)}"


def _parts(counts: Counter[str]) -> str:
    holds, differs = counts["holds"], counts["differs"]
    parts = [f"{holds:,} {_verb(holds, 'hold')}"] if holds else []
    if differs:
        parts.append(counted(differs, "recorded disagreement"))
    if counts["fails"]:
        parts.append(f"{counts['fails']:,} {_verb(counts['fails'], 'fail')}")
    if counts["stale"]:
        parts.append(f"{counts['stale']:,} stale")
    return ", ".join(parts)


def _verb(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb


def closing_line(
    nets: Sequence[NetResult], errors: int, warnings: int, families: int, seconds: float
) -> str:
    """`59 nets, 0 errors, 214 claims: 187 hold, 27 recorded disagreements ...   (0.41 s)`."""
    parts = [counted(len(nets), "net")]
    if families and not nets:
        parts.append(f"{counted(families, 'file')} of blocks and families")
    parts.append(counted(errors, "error"))
    if warnings:
        parts.append(counted(warnings, "warning"))
    claims = [claim for net in nets for claim in net.claims]
    if len(nets) > 1 and claims:
        parts.append(claims_phrase(claims))
        if any(claim.verdict == "differs" for claim in claims):
            parts[-1] += " (cnnspec claims)"
    gap = "   " if len(nets) > 1 else " "
    return f"{', '.join(parts)}{gap}({seconds:.2f} s)\n"


def check_json(diagnostics: Iterable[Diagnostic], nets: Iterable[NetResult]) -> dict[str, Any]:
    """The shape `cnnspec.check/1`."""
    from cnnspec.report.diagnostics import diagnostic_json

    return {
        "schema": "cnnspec.check/1",
        "diagnostics": [diagnostic_json(d) for d in diagnostics],
        "nets": [_net_json(net) for net in nets],
    }


def _net_json(net: NetResult) -> dict[str, Any]:
    return {
        "name": net.name,
        "file": net.file,
        "line": net.line,
        "ok": net.ok,
        "params": net.params,
        "params_all": net.params_all,
        "macs": net.macs,
        "layers": net.layers,
        "inputs": {name: list(shape) for name, shape in net.inputs.items()},
        "outputs": {name: list(shape) for name, shape in net.outputs.items()},
        "claims": [claim_json(claim) for claim in net.claims],
    }


def claim_json(claim: Verdict) -> dict[str, Any]:
    """One claim in `cnnspec.check/1`."""
    measured = claim.measured
    return {
        "metric": claim.metric,
        "relation": claim.relation,
        "printed": claim.printed,
        "measured": list(measured) if isinstance(measured, tuple) else measured,
        "verdict": claim.verdict,
        "kind": claim.kind,
        "cause": claim.cause,
        "evidence": claim.evidence,
        "source": claim.source,
        "where": claim.where,
        "line": claim.line,
    }
