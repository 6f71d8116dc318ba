"""`check`: read files, elaborate their nets, measure them and judge their claims."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cnnspec.diagnostics import Severity
from cnnspec.elaborate.names import concrete
from cnnspec.records import field, record, replace
from cnnspec.syntax.tree import Figure

if TYPE_CHECKING:
    from cnnspec.analyses.claims import Verdict
    from cnnspec.analyses.metrics import Metrics
    from cnnspec.elaborate.scope import Unit
    from cnnspec.elaborate.workspace import Elaborated, Workspace
    from cnnspec.source import Span
    from cnnspec.values import Shape, Sizes, Value


@record(frozen=True)
class Overrides:
    """What `--set` and `--input` change; claims speak of the net as written.

    `input` is the shape of the first input, or of several by their names.
    """

    set: dict[str, Value] = field(default_factory=dict)
    input: Shape | Sizes | None = None

    def __bool__(self) -> bool:
        return bool(self.set) or bool(self.input)


@record(frozen=True)
class NetResult:
    """One net after a check; figures are None where errors left nothing to measure."""

    name: str
    file: str
    line: int
    errors: int
    around: int = 0
    """Errors of its file that no net has: in imports, blocks and defaults."""
    params: int | None = None
    params_all: int | None = None
    macs: int | None = None
    layers: int | None = None
    inputs: dict[str, Shape] = field(default_factory=dict)
    outputs: dict[str, Shape] = field(default_factory=dict)
    auxiliary: tuple[str, ...] = ()
    claims: tuple[Verdict, ...] = ()

    @property
    def at_inference(self) -> dict[str, Shape]:
        """The outputs without those of auxiliary heads."""
        return {name: s for name, s in self.outputs.items() if name not in self.auxiliary}

    @property
    def ok(self) -> bool:
        """Elaborated, and every claim holds or is a recorded disagreement."""
        return self.errors == 0 and self.params is not None


def check_unit(
    workspace: Workspace,
    unit: Unit,
    names: Iterable[str] = (),
    overrides: Overrides | None = None,
) -> list[NetResult]:
    """Check the nets of a file that was read, or those in `names`; families are passed by."""
    results = []
    for name in names or unit.nets:
        result = check_net(workspace, unit, name, overrides or Overrides())
        if result is not None:
            results.append(result)
    _figures(workspace, unit)
    around = _around(workspace, unit)
    return [replace(result, around=around) for result in results] if around else results


def _figures(workspace: Workspace, unit: Unit) -> None:
    """Elaborate imported nets that the file draws: the paths of its figures are checked then."""
    for figure in unit.file.declarations:
        if isinstance(figure, Figure) and figure.net not in unit.nets:
            workspace.elaborate(unit, figure.net)


def check_net(
    workspace: Workspace, unit: Unit, name: str, overrides: Overrides
) -> NetResult | None:
    """Check one net; None for a family, of which only the names are checked (L25)."""
    declaration = unit.nets[name].span
    earlier = _errors(workspace, declaration)
    before = _errors(workspace)
    net = workspace.elaborate(unit, name, set=overrides.set or None, input=overrides.input)
    if net is not None:
        claims = () if overrides else _claims(workspace, net)
        errors = earlier + _errors(workspace) - before
        return _measured(net, _metrics(workspace, net), declaration.line, errors, claims)
    errors = earlier + _errors(workspace) - before
    if errors or not is_family(unit, name):
        return NetResult(name, unit.source.name, declaration.line, errors)
    if unit.claims[name]:
        from cnnspec.analyses.claimnames import check_claim_names

        check_claim_names(workspace.diagnostics, unit.claims[name])
    return None


def is_family(unit: Unit, name: str) -> bool:
    """Whether a net has parameters without a value, so that there is nothing to elaborate."""
    return not concrete(unit.nets[name])


def _errors(workspace: Workspace, within: Span | None = None) -> int:
    """Errors so far; with `within`, those at a place inside it."""
    return sum(
        d.severity is Severity.ERROR and (within is None or _inside(d.span, within))
        for d in workspace.diagnostics
    )


def _around(workspace: Workspace, unit: Unit) -> int:
    """Errors of a file outside its nets: what depends on them cannot be measured as it is meant."""
    nets = [net.span for net in unit.nets.values()]
    return sum(
        d.span.source is unit.source and not any(_inside(d.span, net) for net in nets)
        for d in workspace.diagnostics.errors
    )


def _inside(span: Span, outer: Span) -> bool:
    return span.source is outer.source and outer.start <= span.start < outer.end


def _claims(workspace: Workspace, net: Elaborated) -> tuple[Verdict, ...]:
    if not net.claims:
        return ()
    from cnnspec.analyses.claims import check_claims

    return tuple(check_claims(workspace, net))


def _metrics(workspace: Workspace, net: Elaborated) -> Metrics:
    """The figures of a net, shared with its claims."""
    from cnnspec.analyses.figures import metrics_of

    return metrics_of(workspace, net)


def _measured(
    elaborated: Elaborated, metrics: Metrics, line: int, errors: int, claims: tuple[Verdict, ...]
) -> NetResult:
    net = elaborated.net
    return NetResult(
        name=net.name,
        file=elaborated.unit.source.name,
        line=line,
        errors=errors,
        params=metrics.cost.params,
        params_all=metrics.cost.params_all,
        macs=metrics.cost.macs,
        layers=metrics.layers,
        inputs={entry.name: entry.shape for entry in net.inputs},
        outputs=net.outputs,
        auxiliary=tuple(b.name for b in net.branches if b.kind == "aux"),
        claims=claims,
    )
