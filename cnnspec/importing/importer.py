"""From traces to a text that is proved: the readable one, else the flat one, else a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from cnnspec.importing.blocks import Blocks, flat, folded
from cnnspec.importing.declare import file
from cnnspec.importing.errors import Refused, refuse
from cnnspec.importing.heads import absorb
from cnnspec.importing.labels import name_inputs, rename
from cnnspec.importing.naming import net_name
from cnnspec.importing.prove import Unequal, elaborate, prove
from cnnspec.importing.rates import count
from cnnspec.importing.rewrite import rewrite
from cnnspec.importing.scopes import shape_scopes
from cnnspec.importing.tapped import label_inner, tell
from cnnspec.importing.text import text
from cnnspec.importing.trace import Trace, missing
from cnnspec.syntax.parser import SyntaxFaults

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated

Verify = Callable[["Elaborated"], float]
"""Compares what a spec becomes with the model itself; gives the difference, raises Unequal."""
NO_FAMILY = "they are no family: each is a net of its own"


@dataclass(frozen=True)
class Model:
    """A model as it was seen; `verify` runs it beside what a spec becomes."""

    trace: Trace
    verify: Verify | None = None


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
    shape_scopes(trace)
    if rename(trace):
        shape_scopes(trace)
    name_inputs(trace)
    tell(trace)
    label_inner(trace)


def write(models: Sequence[Model], *, only_flat: bool = False, family: str = "") -> Imported:
    """The text of prepared models. Raises Refused where no text is all of them.

    Several are a family, a net with parameters and a variant for each, where that is shorter than a
    net for each; `family` is its name.
    """
    names = [model.trace.name for model in models]
    if len({*names}) < len(names):
        raise refuse(f"two models with the name {max(names, key=names.count)}")
    count([model.trace for model in models])
    tried: list[str] = []
    texts: set[str] = set()
    for made in [_flat] if only_flat else [*_readable(models, _family(family, names)), _flat]:
        for classes in (True, False):
            try:
                said = made(models, classes)
                if said in texts:  # nothing new to prove
                    continue
                texts.add(said)
                difference = _proved(said, models)
                notes = dict.fromkeys(note for model in models for note in model.trace.notes)
                if len(models) > 1 and not isinstance(made, _Family):
                    notes[NO_FAMILY] = None
                return Imported(said, made is _flat, difference, tuple(notes), tuple(tried))
            except (Unequal, Refused) as fault:
                last = fault.with_traceback(None)  # it would keep the weights that were drawn
            tried.append(str(last))
    if isinstance(last, Refused):
        raise last
    raise refuse(f"no text says this model: {last}")


Make = Callable[[Sequence[Model], bool], str]


def _proved(said: str, models: Sequence[Model]) -> float | None:
    """The largest difference of outputs, once every net of a text is its model."""
    worst: float | None = None
    for model in models:
        elaborated = elaborate(said, model.trace.name)
        prove(model.trace, elaborated)
        if model.verify:
            worst = max(worst or 0.0, model.verify(elaborated))
    return worst


def _readable(models: Sequence[Model], family: str) -> Iterator[Make]:
    """The ways to write with loops and parameters, the shortest first."""
    ways: list[Make] = [_nets]
    if len(models) > 1:
        ways.append(_Family(family))
    yield from sorted(ways, key=lambda way: _length(way, models)) if len(ways) > 1 else ways


def _length(way: Make, models: Sequence[Model]) -> float:
    try:
        return way(models, True).count("\n")
    except (Unequal, Refused):
        return float("inf")


@dataclass(frozen=True)
class _Family:
    """Writes models as variants of one net."""

    name: str

    def __call__(self, models: Sequence[Model], classes: bool) -> str:
        return _text(folded([one.trace for one in models], self.name), self.name, classes)


def _nets(models: Sequence[Model], classes: bool) -> str:
    return _text(folded([one.trace for one in models]), "", classes)


def _flat(models: Sequence[Model], classes: bool) -> str:
    return _text(flat([one.trace for one in models]), "", classes)


def _text(blocks: Blocks, family: str, classes: bool) -> str:
    try:
        return text(file(blocks, family, classes))
    except SyntaxFaults as faults:
        raise Unequal(f"the text cannot be read: {faults}") from faults


def _family(name: str, names: Sequence[str]) -> str:
    """A name for a family: what the names of its members begin with."""
    word = net_name(name or _begins(names).rstrip("_0123456789") or "family")
    return f"{word}_family" if word in names else word


def _begins(names: Sequence[str]) -> str:
    """What all names begin with."""
    first, last = min(names), max(names)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in same)
