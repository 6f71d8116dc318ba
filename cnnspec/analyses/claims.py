"""Claims: what a source prints, what we measure, whether a disagreement stands (L26-L28)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from cnnspec.analyses.figures import FigureEvaluator, metrics_of
from cnnspec.analyses.relations import (
    Relation,
    satisfies,
    stands_for,
    tolerance,
    truncates,
    unit_fits,
)
from cnnspec.diagnostics import Diagnostic, Label, SpecError, did_you_mean, fail
from cnnspec.elaborate.arithmetic import Poison
from cnnspec.elaborate.evaluate import Poisoned
from cnnspec.elaborate.limits import LimitReached
from cnnspec.elaborate.records import SOURCES
from cnnspec.elaborate.scope import Scope
from cnnspec.elaborate.workspace import BoundClaim, Elaborated, Workspace
from cnnspec.records import record
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Dims, Record, Shape, Value, dims

Outcome = Literal["holds", "fails", "differs", "stale"]

CAUSES = ("rounding", "misprint", "unit")
"""Causes that are words; any other cause is an expression that fits the printed figure."""


@record(frozen=True)
class Verdict:
    """One claim, measured.

    `printed` is the right side as written, `measured` a number or a shape; `cause` is the reason
    given for a recorded disagreement and `kind` its kind: a word of CAUSES, or `cause`.
    """

    metric: str
    relation: str
    printed: str
    measured: int | float | Shape
    verdict: Outcome
    cause: str
    kind: str
    evidence: str
    source: str
    where: str
    span: Span

    @property
    def line(self) -> int:
        """The line of the claim."""
        return self.span.line


def _turning(node: t.Node) -> Iterator[t.Expr]:
    """What a loop may change in a claim's left side, in order: numbers in names, and indices."""
    if isinstance(node, t.Literal):
        if isinstance(node.value, str) and "${" in node.value:
            yield node
        return
    for child in node.children():
        number = isinstance(node, t.Index) and child is node.index and not _is_word(node.index)
        if isinstance(node, t.Template) or number:
            yield child  # type: ignore[misc] # their children are expressions
        else:
            yield from _turning(child)


def _is_word(index: t.Expr) -> bool:
    """Whether what stands as an index is a word of a path: `convs.${i}`, `trunk."block1-0"`."""
    return isinstance(index, t.Literal | t.Template)


def check_claims(workspace: Workspace, elaborated: Elaborated) -> list[Verdict]:
    """Measure every claim of a net; failures and stale disagreements become diagnostics."""
    verdicts = []
    for bound in elaborated.claims:
        try:
            verdicts.append(_Claim(workspace, elaborated, bound).verdict())
        except (SpecError, LimitReached) as error:
            workspace.diagnostics.add(error.diagnostic)
        except Poisoned:
            pass
    return verdicts


class _Claim:
    """Measures one claim and says what became of it."""

    def __init__(self, workspace: Workspace, elaborated: Elaborated, bound: BoundClaim) -> None:
        self.workspace, self.elaborated = workspace, elaborated
        self.claim, self.scope = bound.claim, bound.scope
        self.evaluator = FigureEvaluator(workspace, elaborated)

    def value(self, expr: t.Expr) -> Value:
        value = self.evaluator.value(expr, self.scope)
        return value.sizes if isinstance(value, Dims) else value

    def verdict(self) -> Verdict:
        self.check_source()
        measured = self.value(self.claim.left)
        relation = self.relation()
        holds = satisfies(relation, measured, self.claim.right.span)
        but = self.claim.but
        if but is None:
            if not holds:
                self.report(self.failure(measured, relation))
            return self.said(measured, "holds" if holds else "fails")
        if holds:
            self.report(self.stale(but, measured))
            return self.said(measured, "stale", but)
        evidence = self.recorded(but, measured, relation)
        if evidence is None:
            return self.said(measured, "fails", but)
        return self.said(measured, "differs", but, evidence)

    def relation(self) -> Relation:
        """The right side: its value, the printed digits, and what `within` allows."""
        claim = self.claim
        right = self.value(claim.right)
        within = None
        if claim.within is not None:
            within = tolerance(self.value(claim.within), claim.within.span)
        text = claim.right.text if isinstance(claim.right, t.Literal) else ""
        return Relation(claim.relation, right, text, within, claim.percent)

    def check_source(self) -> None:
        name, span = self.claim.source, self.claim.source_span
        if name is None or span is None:
            return
        value = self.scope.find(name)
        if isinstance(value, Poison):
            raise Poisoned
        if not is_source(value):
            raise no_source(name, span, self.scope)

    def recorded(self, but: t.But, measured: Value, relation: Relation) -> str | None:
        """The evidence for a recorded disagreement, or None after reporting what is wrong."""
        recorded = self.value(but.measured)
        text = but.measured.text if isinstance(but.measured, t.Literal) else ""
        exact = Relation("~" if isinstance(measured, float) else "=", recorded, text, None, False)
        if not satisfies(exact, measured, but.measured.span):
            self.report(
                Diagnostic(
                    "E0403",
                    f"the recorded disagreement says {grouped(recorded)}, "
                    f"and {grouped(measured)} is measured",
                    but.measured.span,
                    help=(f"write `but {plain(measured)}` if the new figure is right",),
                )
            )
            return None
        evidence = self.evidence(but, measured, relation)
        if evidence is None:
            self.report(
                Diagnostic(
                    "E0404",
                    f"the cause does not explain the printed {self.printed}",
                    but.cause.span,
                    note="this cause does not hold",
                    notes=self.refuted(but, measured, relation),
                    help=(f"a cause is {', '.join(f'`{c}`' for c in CAUSES)}, or what fits it",),
                )
            )
        return evidence

    def evidence(self, but: t.But, measured: Value, relation: Relation) -> str | None:
        """Check the cause: a word by its rule, an expression by fitting the printed figure."""
        word = but.cause.name if isinstance(but.cause, t.Name) else ""
        if word == "misprint":
            return "misprint"
        if word == "rounding":
            return "the printed digits truncate" if truncates(relation, measured) else None
        if word == "unit":
            return unit_fits(relation, measured)
        value = self.value(but.cause)
        fits = satisfies(relation, value, but.cause.span)
        return f"{but.cause.span.text} = {grouped(value)} fits" if fits else None

    def refuted(self, but: t.But, measured: Value, relation: Relation) -> tuple[str, ...]:
        """Why the cause of a recorded disagreement does not hold."""
        word = but.cause.name if isinstance(but.cause, t.Name) else ""
        if word == "rounding":
            return (f"{self.printed} is not {grouped(measured)} with its last digits cut off",)
        if word == "unit":
            return (f"no confusion of units turns {grouped(measured)} into {self.printed}",)
        value = self.value(but.cause)
        return (f"{but.cause.span.text} is {grouped(value)}", *stands_for(relation, value))

    def said(
        self, measured: Value, outcome: Outcome, but: t.But | None = None, evidence: str = ""
    ) -> Verdict:
        kind = ""
        if but is not None:
            word = but.cause.name if isinstance(but.cause, t.Name) else ""
            kind = word if word in CAUSES else "cause"
        claim = self.claim
        return Verdict(
            self.left, claim.relation, self.printed, measured, outcome,
            but.reason if but else "", kind, evidence, claim.source or "", claim.where, claim.span,
        )  # fmt: skip

    @property
    def left(self) -> str:
        """The left side as written, in a loop with the numbers of its turn: `shape(p3)`."""
        span = self.claim.left.span
        text, end = "", span.start
        for part in _turning(self.claim.left):
            text += span.source.text[end : part.span.start] + self.filled(part)
            end = part.span.end
        return re.sub(r"\$\{ *(\d+) *\}", r"\1", text + span.source.text[end : span.end])

    def filled(self, part: t.Expr) -> str:
        """A number, or a quoted label with the numbers in it."""
        if isinstance(part, t.Literal):
            return f'"{self.evaluator.path(part, self.scope)}"'
        return plain(self.value(part))

    @property
    def printed(self) -> str:
        """The right side as written; computed when it is an expression of parameters."""
        if isinstance(self.claim.right, t.Literal):
            return self.claim.right.text
        value = self.value(self.claim.right)
        return plain(value)

    def report(self, diagnostic: Diagnostic) -> None:
        self.workspace.diagnostics.add(diagnostic, self.elaborated.net.name)

    def stale(self, but: t.But, measured: Value) -> Diagnostic:
        rounds = self.claim.relation == "~" and self.claim.within is None
        agrees = "rounds to" if rounds else "agrees with"
        return Diagnostic(
            "E0402",
            "a recorded disagreement no longer holds: the claim is true now",
            but.span,
            note=f"measured {grouped(measured)}, which {agrees} {self.printed}",
            help=("delete from `but` on",),
        )

    def failure(self, measured: Value, relation: Relation) -> Diagnostic:
        claim = self.claim
        left = self.left
        said = f'the claim says that "{claim.where}" prints' if claim.where else "the claim says"
        sign = "" if claim.relation in ("=", "~") else f"{claim.relation} "
        message = f"claim fails: {left} is {grouped(measured)}, and {said} {sign}{self.printed}"
        notes = [*stands_for(relation, measured)]
        if left in ("params", "macs"):
            notes.append(self.parts(left))
        help: tuple[str, ...] = ()
        if claim.relation == "=" and claim.within is None and not claim.source:
            help = (
                f"if the net is right, write `claim {claim.left.span.text} "
                f"{_sign(measured)} {plain(measured)}`",
            )
        if claim.source:
            help = (
                f"if the figure is mistyped here, write `{plain(measured)}`",
                "if the source is wrong, record it with its cause: "
                f'`but {plain(measured)} because misprint "..."`',
            )
        labels: tuple[Label, ...] = ()
        name = self.elaborated.net.name
        if name != self.elaborated.family.name:
            notes.append(f"in net {name}")
        return Diagnostic("E0401", message, claim.span, "", labels, tuple(notes), help)

    def parts(self, metric: str) -> str:
        """The largest parts of a figure, for finding what a wrong one left out."""
        from cnnspec.elaborate.explain import paths

        metrics = metrics_of(self.workspace, self.elaborated)
        found = {path: metrics.value(metric, path) for path in paths(self.elaborated.net.body)}
        sizes = {path: size for path, size in found.items() if isinstance(size, int) and size}
        largest = sorted(sizes, key=lambda path: -sizes[path])[:4]
        return "the largest parts: " + ", ".join(f"{p} {_short(sizes[p])}" for p in largest)


def is_source(value: Value) -> bool:
    """Whether a value is a source to cite."""
    return isinstance(value, Record) and value.name in SOURCES


def no_source(name: str, span: Span, scope: Scope) -> SpecError:
    """E0101: nothing to cite has this name."""
    note = did_you_mean(name, [n for n in scope.names() if is_source(scope.find(n))])
    return fail("E0101", f"there is no source called `{name}`", span, note=note)


def grouped(value: Value) -> str:
    """A figure for a person: `21,797,672`, `128x28x28`."""
    if type(value) is tuple:
        return dims(value)
    return f"{value:,}" if isinstance(value, int) else f"{float(value):,.4g}"


def plain(value: Value) -> str:
    """A figure as the language writes it: `21_797_672`."""
    if type(value) is tuple:
        return dims(value)
    return f"{value:_}" if isinstance(value, int) else f"{float(value):.6g}"


def _sign(value: Value) -> str:
    """What holds of a figure and its `plain` form, which has six digits of a fraction."""
    return "~" if isinstance(value, float) and value != float(plain(value)) else "="


def _short(value: int) -> str:
    for scale, suffix in ((10**9, "G"), (10**6, "M"), (10**3, "K")):
        if value >= scale:
            return f"{value / scale:.2f}{suffix}"
    return str(value)


__all__ = ["CAUSES", "Fraction", "Verdict", "check_claims"]
