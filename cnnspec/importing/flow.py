"""Who reads what in a trace, and how a step is taken out of it."""

from __future__ import annotations

from cnnspec.importing.trace import Scope, Step, Trace, Value, steps


def consumers(root: Scope) -> dict[Value, list[Step]]:
    """Who reads each value."""
    found: dict[Value, list[Step]] = {}
    for step in steps(root):
        for value in step.inputs:
            found.setdefault(value, []).append(step)
    return found


def replace(trace: Trace, old: Value, new: Value) -> None:
    """Everybody reads `new` in the place of `old`."""
    for step in steps(trace.root):
        step.inputs = [new if value is old else value for value in step.inputs]
    for name, value in trace.outputs.items():
        if value is old:
            trace.outputs[name] = new


def remove(step: Step) -> None:
    """Take a step out of the tree; nobody must read it any more."""
    step.scope.body.remove(step)


def only(readers: dict[Value, list[Step]], value: Value) -> Step | None:
    """The step that alone reads a value."""
    found = readers.get(value, [])
    return found[0] if len(found) == 1 else None


def join(first: Step, last: Step, between: Step | None = None) -> None:
    """Make what `last` gives the output of `first`, and take `last` and what is between out."""
    first.output = last.output
    first.output.maker = first
    for step in filter(None, (between, last)):
        remove(step)
