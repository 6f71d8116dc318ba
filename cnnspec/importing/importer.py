"""From a trace to a text that is proved: the readable one, else the flat one, else a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnspec.importing import nodes
from cnnspec.importing.blocks import Blocks, flat, folded
from cnnspec.importing.errors import Refused, refuse
from cnnspec.importing.heads import absorb
from cnnspec.importing.labels import rename
from cnnspec.importing.prove import Unequal, elaborate, prove
from cnnspec.importing.rewrite import rewrite
from cnnspec.importing.scopes import shape_scopes
from cnnspec.importing.text import text
from cnnspec.importing.trace import Raw, Trace, missing, scopes, steps
from cnnspec.importing.write import Writer
from cnnspec.ops.op import Op
from cnnspec.syntax import tree as t
from cnnspec.syntax.parser import SyntaxFaults

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated

Verify = Callable[["Elaborated"], float]
"""Compares what a spec becomes with the model itself; gives the difference, raises Unequal."""


@dataclass(frozen=True)
class Imported:
    """A proved spec: its text, whether it is the flat one, and the difference of outputs."""

    text: str
    flat: bool
    difference: float | None
    notes: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    """Why shorter texts were not taken."""


def prepare(trace: Trace) -> None:
    """Bring a trace to what the language can say. Raises Refused with everything it cannot."""
    rewrite(trace)
    if lacking := missing(trace.root):
        raise Refused(lacking)
    absorb(trace)
    rename(trace)
    shape_scopes(trace)


def write(trace: Trace, *, only_flat: bool = False, verify: Verify | None = None) -> Imported:
    """The text of a prepared trace. Raises Refused where no text is the model."""
    tried: list[str] = []
    for make in (flat,) if only_flat else (folded, flat):
        for classes in (True, False):
            try:
                made = _spec(trace, make(trace), classes)
                elaborated = elaborate(made, trace.name)
                prove(trace, elaborated)
                difference = verify(elaborated) if verify else None
                return Imported(made, make is flat, difference, tuple(trace.notes), tuple(tried))
            except (Unequal, Refused) as fault:
                last = fault
            tried.append(str(last))
    if isinstance(last, Refused):
        raise last
    raise refuse(f"no text says this model: {last}")


def _spec(trace: Trace, blocks: Blocks, classes: bool) -> str:
    file = Writer(trace, blocks, classes).file([*_claims(trace)])
    try:
        return text(file)
    except SyntaxFaults as faults:
        raise Unequal(f"the text cannot be read: {faults}") from faults


def _claims(trace: Trace) -> Iterator[t.Claim]:
    """What the model measures: its parameters, heads included, and multiply-adds."""
    params = sum(_product(one.shape) for one in trace.tensors if one.learnt)
    said = "params(all)" if len(trace.kept) < len(trace.outputs) else "params"
    yield _claim(said, params)
    if len(trace.kept) == len(trace.outputs):
        yield _claim("macs", sum(_macs(trace)))


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


def _product(sizes: tuple[int, ...]) -> int:
    found = 1
    for size in sizes:
        found *= size
    return found
