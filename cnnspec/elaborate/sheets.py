"""Figures that a file declares: their nets, their keys and their paths are checked (L38)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cnnspec.diagnostics import SpecError, did_you_mean, fail
from cnnspec.elaborate import misuse
from cnnspec.elaborate.arithmetic import Poison
from cnnspec.elaborate.scope import Missing, NetValue, Scope, kind_of
from cnnspec.elaborate.sheet import KEYS, Sheet
from cnnspec.elaborate.sheetlines import RULES, marks_of, option
from cnnspec.records import record
from cnnspec.syntax import tree as t

if TYPE_CHECKING:
    from cnnspec.ir import Net
    from cnnspec.source import Span


@record(frozen=True)
class FigureValue:
    """A declared figure as a value of its file."""

    figure: t.Figure

    kind = "a figure"

    def __str__(self) -> str:
        return self.figure.name


def check(figure: t.Figure, scope: Scope, concrete: Callable[[t.Net | t.Variant], bool]) -> None:
    """What is wrong with a figure whatever its net is made of: its net, its keys, its values.

    `concrete` says whether a net has all its values.
    """
    value = scope.find(figure.net)
    if value is Missing:
        nets = [name for name in scope.names() if isinstance(scope.find(name), NetValue)]
        note = did_you_mean(figure.net, nets)
        raise fail("E0101", f"there is no net called `{figure.net}`", figure.net_span, note=note)
    if not isinstance(value, NetValue | Poison):
        message = f"`{figure.net}` is {kind_of(value)}, not a net"
        raise fail("E0104", message, figure.net_span)
    if isinstance(value, NetValue) and not concrete(value.net):
        message = f"`{figure.net}` is a family: a figure shows a net that has all its values"
        raise fail("E0104", message, figure.net_span)
    sheet(figure)


def sheet(figure: t.Figure) -> Sheet:
    """What a figure says as data. Raises SpecError."""
    found = Sheet()
    known: dict[str, Span] = {}
    for look in figure.looks:
        if look.key not in KEYS:
            note = did_you_mean(look.key, KEYS)
            keys = (f"it has {', '.join(KEYS)}",)
            message = f"a figure has no `{look.key}`"
            raise fail("E0103", message, look.key_span, note=note, notes=keys)
        for what in [mark.text for mark in look.marks] or [""]:
            said = f"{look.key} {what}".strip()
            if said in known:
                raise misuse.given_twice(said, known[said], look.span)
            known[said] = look.span
        found = RULES.get(look.key, option)(found, look)
    return found


def check_paths(figure: t.Figure, net: Net) -> Iterable[SpecError]:
    """E0101 for every path of a figure that its net does not have."""
    known = places(net)
    for look in figure.looks:
        if look.key == "order":
            yield from _no_ends(net, marks_of(look.values))
        marks = list(look.marks) if look.key in ("label", "colour", "highlight", "note") else []
        if look.key in ("only", "expand", "zoom", "group"):
            marks += marks_of(look.values)
        for mark in marks:
            for path in mark.text.split(".."):
                if path not in known:
                    yield unknown(path, net, mark.span)


def _no_ends(net: Net, marks: Iterable[t.Mark]) -> Iterable[SpecError]:
    known = ends(net)
    for mark in marks:
        if mark.text not in known:
            note = did_you_mean(mark.text, known)
            said = f"{net.name} has no input or output called `{mark.text}`"
            yield fail("E0101", said, mark.span, note=note)


def ends(net: Net) -> list[str]:
    """The names of a net's inputs and outputs: what `order` lists."""
    from cnnspec.ir import graph

    return [*(entry.name for entry in net.inputs), *graph(net).outputs]


def unknown(path: str, net: Net, span: Span) -> SpecError:
    """E0101: a net has nothing at a path."""
    note = near(path, places(net))
    return fail("E0101", f"{net.name} has nothing called `{path}`", span, note=note)


def near(path: str, known: Iterable[str]) -> str:
    """`did you mean ...?`: a path that is spelled almost so, or one that ends with the name."""
    inner = [place for place in known if place.endswith(f".{path}")]
    return did_you_mean(path, known) or (f"did you mean `{inner[0]}`?" if inner else "")


def places(net: Net) -> dict[str, None]:
    """All that a figure can name: layers, calls, inputs and outputs, in order."""
    from cnnspec.ir import graph

    found = graph(net)
    out: dict[str, None] = {}
    for node in found.nodes:
        parts = node.path.split(".")
        out.update((".".join(parts[:end]), None) for end in range(1, len(parts) + 1))
    return out | dict.fromkeys(found.outputs)
