"""What a model measures, as the claims of its net: parameters, with heads, and multiply-adds."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnnspec.importing import nodes
from cnnspec.importing.trace import Raw, Trace, scopes, steps
from cnnspec.ops.op import Op
from cnnspec.syntax import tree as t


def claims(trace: Trace) -> Iterator[t.Claim]:
    """The claims of a model's net or variant."""
    params = sum(prod(one.shape) for one in trace.tensors if one.learnt)
    said = "params(all)" if len(trace.kept) < len(trace.outputs) else "params"
    yield _claim(said, params)
    if len(trace.kept) == len(trace.outputs) and not _elsewhere(trace):
        yield _claim("macs", sum(_macs(trace)))


def _elsewhere(trace: Trace) -> bool:
    """Whether a module runs once more on a map of another size, which costs another number."""
    at = {scope.path: scope for scope in scopes(trace.root) if scope.parent}
    again = [step for step in steps(trace.root) if step.shares in at]
    return any(step.inputs[0].shape != at[step.shares].input.shape for step in again)


def _macs(trace: Trace) -> Iterator[int]:
    at = {scope.path: scope for scope in scopes(trace.root)}
    for step in steps(trace.root):
        once_more = at.get(step.shares) if isinstance(step.op, Raw) else None
        for one in steps(once_more) if once_more else [step]:
            if isinstance(one.op, Op):
                yield one.op.macs(one.inputs[0].shape, one.output.shape)


def _claim(left: str, value: int) -> t.Claim:
    nowhere = nodes.NOWHERE
    number = t.Literal(nowhere, value, f"{value:_}")
    return t.Claim(nowhere, "", nodes.name(left), "=", number, None, False, None, None, "", None)
