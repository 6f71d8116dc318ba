"""An ONNX graph as a trace: the same tree of scopes and steps that a running model gives."""

from __future__ import annotations

import re

from cnnspec.importing.errors import Cause, Refused
from cnnspec.importing.made import op
from cnnspec.importing.onnx.graph import Graph, Node
from cnnspec.importing.onnx.ops import read
from cnnspec.importing.onnx.places import paths, tensors_of
from cnnspec.importing.trace import Raw, Scope, Step, Tensor, Trace, Value, scopes, steps
from cnnspec.ops.op import Op, OpError
from cnnspec.ops.reading import Unread

ALIKE = 0.5
"""How much of their layers two modules share that are of one class."""


class Reader:
    """Makes the trace; `names` are the tensors of the file by their keys in the spec."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.name = graph, name
        self.root = Scope("", "")
        self.at = {"": self.root}
        self.values = {name: Value(graph.shape(name), name=name) for name in graph.inputs}
        self.inputs = tuple(self.values.values())
        self.names: dict[str, str] = {}
        self.entries: list[Tensor] = []
        self.used: set[str] = set()

    def run(self) -> Trace:
        """The trace. Raises Refused with everything that no op says."""
        named = iter(paths(self.graph))
        for node in self.graph.all:
            if node.flows:
                self._node(node, next(named))
            else:
                self.graph.fold(node)
        _silus(self.root)
        for scope in [*scopes(self.root)]:
            _fill(scope)
        _classes(self.root)
        self.root.kind = self.name
        outputs = {name: self.values[name] for name in self.graph.outputs if name in self.values}
        if not outputs:
            raise Refused([Cause("no output depends on the input")])
        kept, entries = frozenset(outputs), tuple(self.entries)
        main = next(iter(outputs))
        return Trace(
            self.name, self.root, self.inputs, outputs, main, kept, entries, origin="an ONNX file"
        )

    def _scope(self, path: str) -> Scope:
        if path not in self.at:
            parent = self._scope(path.rpartition(".")[0])
            self.at[path] = Scope(path, "", False, parent)
            parent.body.append(self.at[path])
        return self.at[path]

    def _node(self, node: Node, path: str) -> None:
        came = [self.values[name] for name in node.inputs if name in self.values]
        tensors = tensors_of(self.graph, node)
        function = path.endswith(".")
        scope = self._scope(path[:-1] if function else path.rpartition(".")[0])
        own = "" if function else path
        if tensors and not own:
            own = f"{scope.path}.{_word(node)}" if scope.path else _word(node)
        try:
            self._biased(node)
            made = self._scaled(node, came) or read(self.graph, node)
        except (Unread, OpError) as unread:
            made = Raw("missing", (str(unread), ""))
        if isinstance(made, Op):
            self.graph.found(node, made.shape(*(value.shape for value in came)))
        step = Step(made, came, Value(self.graph.shape(node.outputs[0])), scope, own, node.name)
        step.output.maker = step
        self.values[node.outputs[0]] = step.output
        scope.body.append(step)
        if isinstance(made, Raw) and made.does == "flat pool":
            self._flat(step, node)
        if tensors:
            self._tensors(step, tensors)

    def _flat(self, step: Step, node: Node) -> None:
        """A reduction that leaves no rows and columns: a pool and a flatten."""
        assert isinstance(step.op, Raw)
        step.op = op(str(step.op.data[0]))
        step.output.shape = (step.inputs[0].shape[0], 1, 1)
        end = Value(self.graph.shape(node.outputs[0]))
        after = Step(op("flatten"), [step.output], end, step.scope)
        after.output.maker = after
        self.values[node.outputs[0]] = after.output
        step.scope.body.append(after)

    def _biased(self, node: Node) -> None:
        """Refuse an addition of weights that no op is."""
        if node.kind in ("Add", "Sub") and any(self.graph.is_weight(n) for n in node.inputs):
            raise Unread(f"{node.kind} of a tensor of the file has no op")

    def _scaled(self, node: Node, came: list[Value]) -> Op | None:
        """A map times or by a number."""
        if node.kind not in ("Mul", "Div") or len(came) != 1:
            return None
        other = next(name for name in node.inputs if name not in self.values)
        number = self.graph.number(other)
        if number is None or number.size != 1 or (node.kind == "Div" and other != node.inputs[1]):
            raise Unread(f"{node.kind} with a tensor that does not flow has no op")
        factor = float(number.reshape(-1)[0])
        factor = float(f"{factor:.8g}")
        return op("times", factor=factor if node.kind == "Mul" else 1 / factor)

    def _tensors(self, step: Step, tensors: dict[str, str]) -> None:
        step.stateful = True
        if step.path in self.used:
            step.shares = step.path
            return
        self.used.add(step.path)
        if not isinstance(step.op, Op):
            return
        shape = step.inputs[0].shape
        for key, size in step.op.params(shape).items():
            self._tensor(f"{step.path}.{key}", size, tensors.get(key, ""), True)
        for key, size in step.op.buffers(shape).items():
            self._tensor(f"{step.path}.{key}", size, tensors.get(key, ""), False)

    def _tensor(self, key: str, size: tuple[int, ...], name: str, learnt: bool) -> None:
        self.entries.append(Tensor(key, size, learnt))
        if name:
            self.names[key] = name


def _word(node: Node) -> str:
    """A name for a layer whose file has none."""
    word = re.sub(r"\W+", "_", node.name or node.outputs[0], flags=re.ASCII).strip("_").lower()
    return word if word[:1].isalpha() else f"layer_{word}"


def _silus(root: Scope) -> None:
    """X * sigmoid(x) is `silu`."""
    for step in [*steps(root)]:
        if not isinstance(step.op, Op) or not step.op.weighs:
            continue
        gates = [v for v in step.inputs if v.maker and v.maker.op == op("sigmoid")]
        rest = [v for v in step.inputs if v not in gates]
        if len(gates) == 1 and len(rest) == 1:
            gate = gates[0].maker
            assert gate is not None
            if gate.inputs == rest and gate.scope is step.scope:
                step.op, step.inputs = op("silu"), rest
                gate.scope.body.remove(gate)


def _fill(scope: Scope) -> None:
    """Numbers that inference left out, as those of a dropout, are identities."""
    names = [member.path.rpartition(".")[2] for member in scope.body]
    if not scope.path or not names or not all(name.isdigit() for name in names):
        return
    if [*map(int, names)] != sorted({*map(int, names)}):
        return
    body: list[Step | Scope] = []
    for member, name in zip(scope.body, names, strict=True):
        while len(body) < int(name):
            body.append(_identity(scope, member, len(body)))
        body.append(member)
    scope.body[:] = body
    scope.numbered = True


def _identity(scope: Scope, before: Step | Scope, number: int) -> Step:
    first = before if isinstance(before, Step) else next(steps(before))
    came = first.inputs[0]
    step = Step(op("skip"), [came], Value(came.shape), scope, f"{scope.path}.{number}")
    step.output.maker = step
    for one in [before] if isinstance(before, Step) else [*steps(before)]:
        one.inputs = [step.output if value is came else value for value in one.inputs]
    return step


def _classes(root: Scope) -> None:
    """Modules with much the same layers are of one class."""
    known: list[tuple[str, set[str]]] = []
    for scope in scopes(root):
        names = {member.path.rpartition(".")[2] for member in scope.body if member.path}
        if scope is root or not names or all(name.isdigit() for name in names):
            continue
        same = next((kind for kind, own in known if _similar(own, names)), "")
        if not same:
            same = _kind(scope, {kind for kind, _ in known})
            known.append((same, names))
        scope.kind = same


def _similar(a: set[str], b: set[str]) -> bool:
    part = min(len(a), len(b)) > 1 and (a <= b or b <= a)
    return part or len(a & b) >= ALIKE * len(a | b)


def _kind(scope: Scope, taken: set[str]) -> str:
    words = [re.sub(r"[-\d]+$", "", word) for word in scope.path.split(".")]
    stem = next((word for word in reversed(words) if word), "module").strip("_")
    name, number = f"{stem}_block", 2
    while name in taken:
        name, number = f"{stem}_block{number}", number + 1
    return name
