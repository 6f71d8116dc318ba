"""The figures that a claim names: metrics of its net, of a part of it, or of another net."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.analyses.metrics import METRICS, Metrics, UnknownMetric, UnknownPath
from cnnspec.diagnostics import SpecError, did_you_mean, fail
from cnnspec.elaborate.evaluate import Evaluator, Poisoned
from cnnspec.elaborate.limits import Limits
from cnnspec.elaborate.scope import Missing, NetValue, Scope
from cnnspec.elaborate.workspace import Elaborated, Workspace
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.expressions import parse_expression
from cnnspec.syntax.labels import quoted
from cnnspec.values import Shape, Value


def metrics_of(workspace: Workspace, elaborated: Elaborated) -> Metrics:
    """The metrics of a net, measured once a run."""
    metrics = workspace.memory.get(id(elaborated.net))
    if not isinstance(metrics, Metrics):
        metrics = workspace.memory[id(elaborated.net)] = Metrics(elaborated.net)
    return metrics


class FigureEvaluator(Evaluator):
    """Evaluates the sides of a claim: as everywhere, and names of metrics are figures."""

    def __init__(self, workspace: Workspace, elaborated: Elaborated) -> None:
        super().__init__(Limits())
        self.workspace, self.elaborated = workspace, elaborated

    def name(self, expr: t.Name, scope: Scope, arriving: Shape | None) -> Value:
        """A metric by its name (`params`), before what the scope knows."""
        if expr.name in METRICS:
            return self.figure(self.elaborated, expr.name, "", expr.span)
        return super().name(expr, scope, arriving) if self.known(expr, scope) else None

    def known(self, expr: t.Name, scope: Scope) -> bool:
        """Whether a name has a value here: a metric, or one of the scope."""
        if scope.find(expr.name) is not Missing or expr.name == "same":
            return True
        raise no_metric(expr.name, expr.span, scope)

    def attr(self, expr: t.Attr, scope: Scope, arriving: Shape | None) -> Value:
        """A metric of another net: `plain34.macs`."""
        other = self.other(expr.of, scope)
        return self.figure(other, expr.name, "", expr.span)

    def apply(self, expr: t.Apply, scope: Scope, arriving: Shape | None) -> Value:
        """A metric of a part of the net: `params(layer1)`, `shape(layer2)`."""
        function, of = expr.function, self.elaborated
        if isinstance(function, t.Attr):
            of = self.other(function.of, scope)
            name = function.name
        elif isinstance(function, t.Name) and function.name in METRICS:
            name = function.name
        else:
            return super().apply(expr, scope, arriving)
        if len(expr.args) != 1 or expr.args[0].keyword is not None:
            raise fail("E0405", f"{name} takes one path", expr.span)
        return self.figure(of, name, self.path(expr.args[0].value, scope), expr.span)

    def path(self, expr: t.Expr, scope: Scope) -> str:
        """`scale1[0]`, `features.conv0`, `layer${i}` as a path with dots."""
        match expr:
            case t.Name():
                return expr.name
            case t.Attr():
                return f"{self.path(expr.of, scope)}.{expr.name}"
            case t.Index(index=t.Literal(value=int() | str()) | t.Template()):
                return f"{self.path(expr.of, scope)}.{self.path(expr.index, scope)}"
            case t.Literal(value=str()):
                return self.word(quoted(expr.span, parse_expression), scope)
            case t.Literal(value=int(number)):
                return str(number)
            case t.Template():
                return self.word(expr, scope)
        raise fail("E0405", "a path such as `layer2` or `features[3]` is needed", expr.span)

    def word(self, word: str | t.Template, scope: Scope) -> str:
        """A word of a path with the numbers of its `${...}`."""
        if isinstance(word, str):
            return word
        parts = (p if isinstance(p, str) else str(self.whole(p, scope, None)) for p in word.parts)
        return "".join(parts)

    def other(self, expr: t.Expr, scope: Scope) -> Elaborated:
        """The net that a claim compares with."""
        value = scope.find(expr.name) if isinstance(expr, t.Name) else Missing
        if not isinstance(value, NetValue):
            text = expr.span.text
            nets = [n for n in scope.names() if isinstance(scope.find(n), NetValue)]
            message = f"`{text}` is no net whose figures could be asked for"
            help = (f'a net of another file is imported: `import {text} from "{text}.cnn"`',)
            note = did_you_mean(text, nets)
            raise fail("E0405", message, expr.span, note=note, help=() if note else help)
        found = self.workspace.elaborate(value.unit, value.net.name)
        if found is None:
            raise Poisoned
        return found

    def figure(self, of: Elaborated, name: str, path: str, span: Span) -> Value:
        """A metric of a net, or of its part at a path; raises SpecError where there is none."""
        try:
            return metrics_of(self.workspace, of).value(name, path)
        except UnknownMetric as unknown:
            raise unknown_metric(name, span, unknown.known) from None
        except UnknownPath as unknown:
            message = f"`{of.net.name}` has nothing at `{unknown.path}`"
            note = did_you_mean(unknown.path, unknown.known)
            raise fail("E0405", message, span, note=note) from None


def no_metric(name: str, span: Span, scope: Scope) -> SpecError:
    """E0405: neither a metric nor a value has this name."""
    return unknown_metric(name, span, [*METRICS, *scope.names()])


def unknown_metric(name: str, span: Span, known: Sequence[str]) -> SpecError:
    """E0405: what is measured under another name, or the metrics that are asked for most."""
    from cnnspec import foreign

    note = foreign.meant("metrics", name, known)
    message = f"there is no metric called `{name}`"
    notes = () if note else (f"metrics are {', '.join(METRICS)}",)
    if note and not note.startswith("did you mean"):
        return fail("E0405", message, span, help=(note,))
    return fail("E0405", message, span, note=note, notes=notes)
