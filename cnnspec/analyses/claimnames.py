"""The names in the claims of a family, whose figures no variant has given yet (L25, L31)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnnspec.analyses.catalogue import METRICS
from cnnspec.analyses.claims import CAUSES, is_source, no_source
from cnnspec.analyses.figures import no_metric
from cnnspec.diagnostics import Diagnostics, SpecError
from cnnspec.elaborate.arithmetic import Poison
from cnnspec.elaborate.scope import Missing, Scope
from cnnspec.syntax import tree as t


def check_claim_names(diagnostics: Diagnostics, claims: Iterable[tuple[t.Claim, Scope]]) -> None:
    """Report metrics, values and sources that nothing has."""
    for claim, scope in claims:
        for fault in _faults(claim, scope):
            diagnostics.add(fault.diagnostic)


def _faults(claim: t.Claim, scope: Scope) -> Iterator[SpecError]:
    for name in _names(claim):
        known = (*METRICS, *CAUSES, "same")
        if name.name not in known and scope.find(name.name) is Missing:
            yield no_metric(name.name, name.span, scope)
    if claim.source is not None and claim.source_span is not None:
        source = scope.find(claim.source)
        if not is_source(source) and not isinstance(source, Poison):
            yield no_source(claim.source, claim.source_span, scope)


def _names(node: t.Node) -> Iterator[t.Name]:
    """The names of a claim that mean values; those of a metric's path and of functions do not."""
    match node:
        case t.Name():
            yield node
        case t.Apply(function=t.Name(name=name)) if name in METRICS:
            return
        case t.Apply(function=t.Name()):
            for arg in node.args:
                yield from _names(arg.value)
        case t.Apply(function=t.Attr(of=other)):
            yield from _names(other)
        case _:
            for child in node.children():
                yield from _names(child)
