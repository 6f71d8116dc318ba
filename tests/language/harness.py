"""What tests of the language share: a spec checked from text, and its nets as plain words.

Expected values are words (`conv1 64x112x112`, `E0306 3:11`), so that a test states them by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cnnspec import ir
from cnnspec.analyses.claims import Verdict, check_claims
from cnnspec.analyses.figures import metrics_of
from cnnspec.analyses.metrics import Metrics
from cnnspec.diagnostics import Diagnostic, Severity
from cnnspec.elaborate.scope import Unit
from cnnspec.elaborate.workspace import Elaborated, Workspace
from cnnspec.source import Span
from cnnspec.values import Shape, Value, dims


@dataclass
class Checked:
    """A spec after `check`: its nets, what was found, and what became of the claims."""

    workspace: Workspace
    unit: Unit | None
    nets: dict[str, Elaborated] = field(default_factory=dict)
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)

    @property
    def found(self) -> list[Diagnostic]:
        return list(self.workspace.diagnostics)

    @property
    def errors(self) -> list[Diagnostic]:
        return [d for d in self.found if d.severity is Severity.ERROR]

    @property
    def codes(self) -> list[str]:
        return [d.code for d in self.found]

    @property
    def elaborated(self) -> Elaborated:
        """The last net, of a spec without errors."""
        assert not self.errors, said(self.errors)
        return list(self.nets.values())[-1]

    @property
    def net(self) -> ir.Net:
        return self.elaborated.net

    @property
    def metrics(self) -> Metrics:
        return metrics_of(self.workspace, self.elaborated)


def check(
    text: str,
    *,
    name: str = "net.cnn",
    path: str = "",
    set: dict[str, Value] | None = None,
    input: Shape | None = None,
) -> Checked:
    """Check a spec as `cnnspec check` does."""
    workspace = Workspace()
    return checked(workspace, workspace.read_text(text, name, path), set, input)


def check_file(path: str) -> Checked:
    """The same for a file."""
    workspace = Workspace()
    return checked(workspace, workspace.read(path))


def checked(
    workspace: Workspace,
    unit: Unit | None,
    set: dict[str, Value] | None = None,
    input: Shape | None = None,
) -> Checked:
    result = Checked(workspace, unit)
    for name in unit.nets if unit else ():
        net = workspace.elaborate(unit, name, set=set, input=input)
        if net is not None:
            result.nets[name] = net
            result.verdicts[name] = check_claims(workspace, net)
    return result


def body(statements: str, input: str = "3x32x32") -> str:
    """A net around statements; they begin on line 2."""
    return f"net it {{ input {input}\n{statements}\n}}\n"


def fault(text: str, **options: object) -> Diagnostic:
    """The one thing that is wrong with a spec."""
    found = check(text, **options).found  # type: ignore[arg-type]
    assert len(found) == 1, said(found)
    return found[0]


def place(span: Span) -> str:
    return f"{span.line}:{span.column}"


def said(found: list[Diagnostic]) -> str:
    """Diagnostics as lines: code, place, message, then what stands around it."""
    lines = []
    for d in found:
        lines.append(f"{d.code} {place(d.span)} {d.message}")
        lines += [f"  note: {d.note}"] if d.note else []
        lines += [f"  label: {place(label.span)} {label.message}" for label in d.labels]
        lines += [f"  because: {note}" for note in d.notes]
        lines += [f"  help: {line}" for line in d.help]
    return "\n".join(lines)


def layers(net: ir.Net) -> list[str]:
    """Every layer in execution order, as `path shape`; shared and auxiliary ones say so."""
    rows = []
    for node in ir.graph(net):
        if node.op.name == "input":
            continue
        row = f"{node.path} {dims(node.shape)}"
        row += f" shares {node.shares}" if node.shares else ""
        rows.append(row + (" in training" if node.training else ""))
    return rows


def paths(text: str) -> list[str]:
    """The paths of the layers of a spec's last net."""
    return [row.split()[0] for row in layers(check(text).net)]


def keys(net: ir.Net) -> list[str]:
    """The state_dict of the net: `conv1.weight 6x1x5x5`, buffers included."""
    rows = []
    for node in ir.graph(net):
        if node.op.name == "input" or node.shares:
            continue
        arriving = node.layer.inputs[0]
        tensors = node.op.params(arriving) | node.op.buffers(arriving)
        rows += [f"{node.path}.{key} {dims(shape) or '1'}" for key, shape in tensors.items()]
    return rows


def inputs_of(net: ir.Net) -> dict[str, list[str]]:
    """Path -> the paths that its layer takes its input from."""
    graph = ir.graph(net)
    return {node.path: [graph.nodes[i].path for i in node.inputs] for node in graph}


def figure(result: Checked, metric: str, path: str = "") -> str:
    value = result.metrics.value(metric, path)
    return dims(value) if isinstance(value, tuple) else str(value)
