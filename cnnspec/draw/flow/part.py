"""A part of a flow by its path, with what flows into it as inputs."""

from __future__ import annotations

from dataclasses import replace

from cnnspec.draw.flow.steps import Flow, Step
from cnnspec.ir import Layer
from cnnspec.ops.input import Input


def part_of(flow: Flow, only: str) -> Flow:
    """The steps at a path, or of a range `first..last`; what they read stands for their inputs."""
    begin, end = range_of(flow, only)
    inside = [flow.steps[at] for at in range(begin, end + 1)]
    sources = sorted({at for step in inside for at in step.feeds if at < begin})
    index = {source: at for at, source in enumerate(sources)}
    index |= {at: at - begin + len(sources) for at in range(begin, end + 1)}
    steps = [_entry(flow.steps[source]) for source in sources]
    steps += [
        Step(step.row, step.training, tuple(index[at] for at in step.feeds)) for step in inside
    ]
    ends = ends_of(flow, begin, end)
    outputs = {name: index[at] for name, at in ends.items()}
    return Flow(steps, outputs, flow.aux, flow.unseen).link()


def range_of(flow: Flow, only: str) -> tuple[int, int]:
    """The first and the last step of a path or a range of paths."""
    first, dots, last = only.partition("..")
    known = flow.places()
    begin, _ = known[first] if first in known else (_inputs(flow), 0)
    _, end = known.get(last if dots else first, (0, len(flow.steps) - 1))
    return begin, max(end, begin)


def _inputs(flow: Flow) -> int:
    """Where what is no input begins: inputs come first."""
    return next((at for at, step in enumerate(flow.steps) if step.kind != "input"), 0)


def ends_of(flow: Flow, begin: int, end: int) -> dict[str, int]:
    """The steps whose values leave the part, by the names of outputs or their paths."""
    names = {at: name for name, at in flow.outputs.items()}
    leaving = [
        at
        for at in range(begin, end + 1)
        if at in names or at == end or any(reader > end for reader in flow.steps[at].readers)
    ]
    return {names.get(at, flow.steps[at].path): at for at in leaving}


def _entry(step: Step) -> Step:
    """A step outside as an input of the part."""
    layer = Layer(step.path, Input(), (), step.shape, step.row.layer.span)
    return Step(replace(step.row, name=step.path, layers=(layer,), paths=(step.path,), main=0))
