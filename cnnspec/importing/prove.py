"""Whether a text says a model: its tensors, each op with its arguments, and who reads what.

Both sides become values by what makes them: an op, its arguments, the values that it reads, and the
key of its weights.  Two outputs that are made in the same way are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from cnnspec.importing.trace import Raw, Scope, Step, Trace, Value, measured, steps
from cnnspec.ir import graph
from cnnspec.ops.op import Op
from cnnspec.records import fields
from cnnspec.report.text import render
from cnnspec.statedict import entries
from cnnspec.values import Shape

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated

DIGITS = 9
"""Real numbers are equal to so many decimals: a text has `p + 0.0125 * i` for the model's own."""
LISTED = 5
"""How many differences a message lists."""


class Unequal(Exception):
    """The text is not the model: what differs."""


def elaborate(text: str, name: str) -> Elaborated:
    """The net of a text. Raises Unequal where the text has errors."""
    from cnnspec.analyses.checking import check_unit
    from cnnspec.elaborate.workspace import Workspace

    workspace = Workspace()
    unit = workspace.read_text(text, f"{name}.cnn")
    if unit is not None:
        check_unit(workspace, unit)
        made = workspace.elaborate(unit, name)
        if made is not None and not workspace.diagnostics.errors:
            return made
    raise Unequal(render(workspace.diagnostics.errors))


def prove(trace: Trace, elaborated: Elaborated) -> None:
    """Raise Unequal where a net is not the model that was traced."""
    _same_tensors(trace, elaborated)
    table = _Table()
    model = _of_trace(trace, table)
    spec = _of_net(elaborated, table)
    if sorted(model.values()) != sorted(spec.values()):
        raise Unequal("the layers differ: " + table.difference(model, spec))


# --- tensors ----------------------------------------------------------------------------------


def spec_tensors(elaborated: Elaborated) -> dict[str, tuple[Shape, bool]]:
    """The state_dict that a net will have: shape by key, and whether it is learnt."""
    return {t.name: (t.shape, t.learnt) for t in entries(graph(elaborated.net))}


def keys(trace: Trace) -> dict[str, str]:
    """Key in the model -> key in the spec."""
    own = {step.path for step in steps(trace.root) if step.weight}
    found = {}
    for tensor in trace.tensors:
        path = trace.renamed.get(tensor.key, tensor.key)
        found[tensor.key] = f"{path}.weight" if tensor.key in own else path
    return found


def _same_tensors(trace: Trace, elaborated: Elaborated) -> None:
    names = keys(trace)
    wanted = {names[one.key]: (_size(one.shape), one.learnt) for one in trace.tensors}
    spec = spec_tensors(elaborated)
    found = {key: (_size(shape), learnt) for key, (shape, learnt) in spec.items()}
    if wanted != found:
        differ = sorted(k for k in {*wanted, *found} if wanted.get(k) != found.get(k))
        listed = [f"{k} {wanted.get(k)} is {found.get(k)}" for k in differ[:LISTED]]
        raise Unequal(f"{len(differ)} tensors differ: " + ", ".join(listed))


def _size(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without sizes of 1 at the end: a gain [C, 1, 1] is kept as [C]."""
    while len(shape) > 1 and shape[-1] == 1:
        shape = shape[:-1]
    return shape


# --- values by what makes them ------------------------------------------------------------------


@dataclass
class _Table:
    """Numbers for what makes values, so that equal ones have one number."""

    numbers: dict[Any, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def number(self, made: tuple[Any, ...], name: str) -> int:
        """The number of what is made so."""
        found = self.numbers.setdefault(made, len(self.numbers))
        self.names.setdefault(found, name)
        return found

    def input(self, place: int, shape: Shape) -> int:
        """The number of the input at a place."""
        return self.number(("input", (), shape, place), "input")

    def op(self, op: Op, inputs: tuple[Shape, ...], came: tuple[int, ...], key: str) -> int:
        """The number of what an op gives; one that does nothing gives what came."""
        shapes = tuple(tuple(map(int, shape)) for shape in inputs)
        if op.identity or (op.flattens and len(shapes[0]) == 1) or _drops_nothing(op):
            return came[0]
        state = key if op.keeps(shapes[0]) else ""
        said = _comparable(op.on(*shapes).canonical())
        return self.number((said, came, shapes, state), key or op.name)

    def difference(self, model: Mapping[str, int], spec: Mapping[str, int]) -> str:
        """The first layers that only one of both has."""
        made = {number: key for key, number in self.numbers.items()}
        a, b = (self._reached(side.values(), made) for side in (model, spec))
        only = [self.names[number] for number in sorted(a ^ b)]
        return ", ".join(only[:LISTED]) or "outputs come from other layers"

    def _reached(self, ends: Any, made: dict[int, Any]) -> set[int]:
        found, waiting = set(), [*ends]
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += made[number][1]
        return found


def _drops_nothing(op: Op) -> bool:
    return op.passes and getattr(op, "p", None) == 0


def _comparable(value: Any) -> Any:
    """A value that compares as the language does: 2 and 2.0 alike, reals to some decimals."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, tuple):
        return tuple(map(_comparable, value))
    if isinstance(value, Op):
        parts = tuple((one.name, _comparable(getattr(value, one.name))) for one in fields(value))
        return (value.name, parts)
    return value


def _of_net(elaborated: Elaborated, table: _Table) -> dict[str, int]:
    """Output -> the number of its value."""
    flat = graph(elaborated.net)
    made: list[int] = []
    place = count()
    for node in flat:
        if not node.layer.inputs:
            made.append(table.input(next(place), node.shape))
            continue
        came = tuple(made[index] for index in node.inputs)
        key = node.shares or node.path
        made.append(table.op(node.op, node.layer.inputs, came, key))
    return {name: made[index] for name, index in flat.outputs.items()}


def _of_trace(trace: Trace, table: _Table) -> dict[str, int]:
    """Output -> the number of its value."""
    made = {value: table.input(place, value.shape) for place, value in enumerate(trace.inputs)}
    scopes_at = {scope.path: scope for scope in _scopes(trace.root)}
    _run(trace, trace.root, made, table, scopes_at)
    return {name: made[value] for name, value in trace.outputs.items()}


def _scopes(root: Scope) -> Iterator[Scope]:
    for member in root.body:
        if isinstance(member, Scope):
            yield from _scopes(member)
    yield root


def _run(
    trace: Trace,
    scope: Scope,
    made: dict[Value, int],
    table: _Table,
    at: dict[str, Scope],
    sizes: dict[Value, Shape] | None = None,
) -> None:
    """Enter the values of a scope; `sizes` are those that have other shapes this time."""
    sizes = {} if sizes is None else sizes
    for step in steps(scope):
        came = tuple(made[value] for value in step.inputs)
        if isinstance(step.op, Raw):
            made[step.output] = _again(trace, step, came, table, at)
            continue
        shapes = tuple(sizes.get(value, value.shape) for value in measured(step))
        if sizes:
            sizes[step.output] = tuple(map(int, step.op.shape(*shapes)))
        made[step.output] = table.op(step.op, shapes, came, step.shares or step.path)


def _again(
    trace: Trace, step: Step, came: tuple[int, ...], table: _Table, at: dict[str, Scope]
) -> int:
    """What a module gives that ran before, on another input."""
    scope = at.get(step.shares)
    if scope is None or len(scope.inputs) != 1:
        raise Unequal(f"{step.shares} runs twice, and is no block of its own")
    inner = {scope.input: came[0]}
    arrives = step.inputs[0].shape
    sizes = {scope.input: arrives} if arrives != scope.input.shape else None
    _run(trace, scope, inner, table, at, sizes)
    return inner[scope.output]
