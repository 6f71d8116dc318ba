"""What `cnnspec diff` says: for people, as Markdown, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.report import table
from cnnspec.report.escape import markdown, terminal
from cnnspec.report.numbers import counted, figure
from cnnspec.report.style import PLAIN, Style
from cnnspec.report.table import Column, Table

if TYPE_CHECKING:
    from cnnspec.analyses.diff import Change, Diff, PathPair
    from cnnspec.analyses.metrics import Metrics

_TOTALS = ("params", "macs", "layers", "field", "min_input_size", "peak_inference_bytes")
_SHOWN = 3
"""Places of one change that are named; the others are counted."""


def totals_table(a: Metrics, b: Metrics) -> Table:
    """Figures of both nets side by side."""
    columns = (Column(""), Column(a.net.name, right=True), Column(b.net.name, right=True))
    rows = [(name, figure(a.value(name)), figure(b.value(name))) for name in _TOTALS]
    return Table(columns, [*rows])


def changes_table(diff: Diff) -> Table:
    """One row a change with its places."""
    columns = (Column("change"), Column("what"), Column("count", right=True), Column("where"))
    rows = [(c.kind, c.what, len(c.places), places(c)) for c in diff.changes]
    return Table(columns, [*rows])


def places(change: Change) -> str:
    """`layer1.0.add1, layer1.1.add1, ... 11 more`."""
    shown = ", ".join(map(_place, change.places[:_SHOWN]))
    more = len(change.places) - _SHOWN
    return f"{shown}, ... {more} more" if more > 0 else shown


def _place(place: PathPair) -> str:
    if place.a and place.b and place.a != place.b:
        return f"{place.a} -> {place.b}"
    return place.b or place.a


def headline(diff: Diff) -> str:
    """`16 skips added, 3 of them projections; 3 layers changed`, or that nothing differs."""
    words = []
    for kind in ("added", "removed"):
        skips = _counted(diff, kind, "skip", "projection skip")
        if skips:
            projections = _counted(diff, kind, "projection skip")
            of_them = f", {projections} of them projections" if projections else ""
            words.append(f"{counted(skips, 'skip')} {kind}{of_them}")
        blocks = _counted(diff, kind, "block ")
        if blocks:
            words.append(f"{counted(blocks, 'block')} {kind}")
        layers = _counted(diff, kind, "") - skips - blocks
        if layers:
            words.append(f"{counted(layers, 'layer')} {kind}")
    rest = {kind: _counted(diff, kind, "") for kind in ("changed", "renamed")}
    words += [f"{counted(count, 'layer')} {kind}" for kind, count in rest.items() if count]
    return "; ".join(words) or "no difference"


def _counted(diff: Diff, kind: str, *starts: str) -> int:
    return sum(len(c.places) for c in diff.changes if c.kind == kind and c.what.startswith(starts))


def as_text(diff: Diff, a: Metrics, b: Metrics, style: Style = PLAIN) -> str:
    """Headline, changes, totals."""
    names = f"{terminal(a.net.name)} -> {terminal(b.net.name)}"
    head = f"{style.paint(names, 'bold')}: {headline(diff)}\n"
    if not diff:
        return head
    changes = table.text(changes_table(diff), style)
    return f"{head}\n{changes}\n{table.text(totals_table(a, b), style)}"


def as_markdown(diff: Diff, a: Metrics, b: Metrics) -> str:
    """The same for a pull request."""
    head = f"**{markdown(a.net.name)} → {markdown(b.net.name)}**: {markdown(headline(diff))}\n"
    if not diff:
        return head
    changes = table.as_markdown(changes_table(diff))
    return f"{head}\n{changes}\n{table.as_markdown(totals_table(a, b))}"


def as_json(diff: Diff, a: Metrics, b: Metrics) -> dict[str, Any]:
    """The shape `cnnspec.diff/1`; a place that a net does not have is null."""
    return {
        "schema": "cnnspec.diff/1",
        "a": a.net.name,
        "b": b.net.name,
        "differ": bool(diff),
        "summary": headline(diff),
        "changes": [
            {
                "kind": change.kind,
                "what": change.what,
                "places": [{"a": p.a or None, "b": p.b or None} for p in change.places],
            }
            for change in diff.changes
        ],
        "totals": {name: {"a": a.value(name), "b": b.value(name)} for name in _TOTALS},
    }
