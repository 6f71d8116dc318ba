"""Everything that `cnnspec summary` shows of one net."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.analyses.layers import Row, collapse, rows
from cnnspec.analyses.metrics import Metrics
from cnnspec.records import record

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


@record(frozen=True)
class Summary:
    """The rows of a net and the figures of the whole."""

    name: str
    file: str
    title: str
    rows: list[Row]
    metrics: Metrics


def summarise(elaborated: Elaborated, depth: int | None = None) -> Summary:
    """Measure a net; `depth` stops at that level of its paths."""
    metrics = Metrics(elaborated.net)
    layers = rows(metrics.graph)
    if depth is not None:
        layers = collapse(elaborated.net, layers, depth)
    return Summary(
        name=elaborated.net.name,
        file=elaborated.unit.source.name,
        title=title(elaborated),
        rows=layers,
        metrics=metrics,
    )


def title(elaborated: Elaborated) -> str:
    """The title of the source that the net comes from, or nothing."""
    source = elaborated.source
    texts = [a for a in source.args if isinstance(a, str)] if source else []
    return texts[0] if texts else ""
