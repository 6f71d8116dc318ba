"""Figures that a file declares: what an author says of the look of a net's figure (L38).

Nothing here changes a net: labels are for print, the keys of a state_dict stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import SpecError, did_you_mean, fail
from cnnspec.elaborate import misuse
from cnnspec.elaborate.arithmetic import Poison
from cnnspec.elaborate.scope import Missing, NetValue, Scope, kind_of
from cnnspec.ops import ops
from cnnspec.records import field, record, replace
from cnnspec.syntax import tree as t

if TYPE_CHECKING:
    from cnnspec.ir import Net
    from cnnspec.source import Span

WORDS: Mapping[str, tuple[str, ...]] = {
    "level": ("net", "stage", "block", "layer"),
    "style": ("block", "columns", "module", "trunk", "volumes"),
    "theme": ("light", "dark", "grey"),
    "direction": ("down", "right"),
    "counts": ("true", "false"),
    "crop": ("true", "false"),
}
"""Keys that take one word, and the words."""
COLOURS = ("accent", "blue", "green", "orange", "purple", "red", "yellow", "grey")
"""The names of the palette."""
THINGS = ("shapes", "key", "totals")
"""What can be hidden besides norms and activations."""
KEYS = (
    *WORDS, "width", "height", "aspect", "depth", "only", "expand", "zoom", "order", "font",
    "label", "hide", "colour", "highlight", "group", "note",
)  # fmt: skip
FACES = ("Arimo", "Arial", "Helvetica", "Times", "Times New Roman", "Tinos")
"""Names of the two faces: one as Helvetica, one as Times."""
_UNITS = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0}
_SIZES = (6.0, 14.0)
"""Sizes of type in points that a figure can be set in."""


@record(frozen=True)
class Sheet:
    """What an author says of a figure; paths are those of the net, widths and sizes in points.

    `options` are keywords of `draw`; `groups` are a name and the paths it holds, each a range
    with `..` between or a path.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    colours: Mapping[str, str] = field(default_factory=dict)
    highlights: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    size: float | None = None
    face: str = "Arimo"

    def texts(self) -> Iterable[str]:
        """Every word of print that it brings."""
        yield from self.labels.values()
        yield from self.notes.values()
        yield from (name for name, _ in self.groups)

    def paths(self) -> Iterable[str]:
        """Every path that it names, ranges as they are written."""
        yield from self.labels
        yield from self.colours
        yield from self.highlights
        yield from self.notes
        yield from self.order
        for _, paths in self.groups:
            yield from paths
        for key in ("only", "expand", "zoom"):
            found = self.options.get(key, ())
            yield from ([found] if isinstance(found, str) else found)


@record(frozen=True)
class FigureValue:
    """A declared figure as a value of its file."""

    figure: t.Figure

    kind = "a figure"

    def __str__(self) -> str:
        return self.figure.name


@cache
def hideable() -> tuple[str, ...]:
    """The words that `hide` takes."""
    small = (name for name, op in ops().items() if op.kind in ("norm", "activation"))
    return (*THINGS, *sorted(small))


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
        found = _RULES.get(look.key, _option)(found, look)
    return found


def check_paths(figure: t.Figure, net: Net) -> Iterable[SpecError]:
    """E0101 for every path of a figure that its net does not have."""
    known = places(net)
    for look in figure.looks:
        if look.key == "order":
            yield from _no_inputs(net, _flat(look.values))
        marks = list(look.marks) if look.key in ("label", "colour", "highlight", "note") else []
        if look.key in ("only", "expand", "zoom", "group"):
            marks += _flat(look.values)
        for mark in marks:
            for path in mark.text.split(".."):
                if path not in known:
                    yield unknown(path, net, mark.span)


def _no_inputs(net: Net, marks: Iterable[t.Mark]) -> Iterable[SpecError]:
    inputs = [entry.name for entry in net.inputs]
    for mark in marks:
        if mark.text not in inputs:
            note = did_you_mean(mark.text, inputs)
            yield fail(
                "E0101", f"{net.name} has no input called `{mark.text}`", mark.span, note=note
            )


def unknown(path: str, net: Net, span: Span) -> SpecError:
    """E0101: a net has nothing at a path."""
    note = did_you_mean(path, places(net))
    return fail("E0101", f"{net.name} has nothing called `{path}`", span, note=note)


def places(net: Net) -> dict[str, None]:
    """All that a figure can name: layers, calls, inputs and outputs, in order."""
    from cnnspec.ir import graph

    found = graph(net)
    out: dict[str, None] = {}
    for node in found.nodes:
        parts = node.path.split(".")
        out.update((".".join(parts[:end]), None) for end in range(1, len(parts) + 1))
    return out | dict.fromkeys(found.outputs)


def _flat(values: Iterable[t.Mark | t.Listed]) -> list[t.Mark]:
    return [
        m for value in values for m in (value.marks if isinstance(value, t.Listed) else [value])
    ]


def _wrong(look: t.Look, wanted: str) -> SpecError:
    return fail("E0108", f"`{look.key}` is written `{wanted}`", look.span)


def _one(look: t.Look, kinds: tuple[str, ...], wanted: str) -> str:
    """The only value of a line."""
    if len(look.values) != 1 or not isinstance(look.values[0], t.Mark):
        raise _wrong(look, wanted)
    (mark,) = look.values
    assert isinstance(mark, t.Mark)
    if mark.kind not in kinds:
        raise _wrong(look, wanted)
    return mark.text


def _about(look: t.Look, wanted: str) -> str:
    """The only path that a line is about."""
    if len(look.marks) != 1 or look.marks[0].kind == "measure" or ".." in look.marks[0].text:
        raise _wrong(look, wanted)
    return look.marks[0].text


def _option(found: Sheet, look: t.Look) -> Sheet:
    """`level = block`, `width = 6.9in`, `only = layer3`: what is an option of the command too."""
    if look.marks:
        raise _wrong(look, f"{look.key} = ...")
    return replace(found, options={**found.options, look.key: _value(look)})


def _value(look: t.Look) -> object:
    if look.key in WORDS:
        words = WORDS[look.key]
        word = _one(look, ("path",), f"{look.key} = {words[0]}")
        if word not in words:
            note = did_you_mean(word, words)
            message = f"`{look.key}` is one of {', '.join(words)}, and `{word}` came"
            raise fail("E0108", message, look.values[0].span, note=note)
        return word == "true" if words == ("true", "false") else word
    if look.key in ("width", "height"):
        text = _one(look, ("measure", "path"), f"{look.key} = 6.9in")
        if look.key == "height" and text == "none":
            return float("inf")
        return length(text) or _raise(_wrong(look, f"{look.key} = 6.9in"))
    if look.key == "depth":
        text = _one(look, ("measure",), "depth = 2")
        return int(text) if text.isdigit() else _raise(_wrong(look, "depth = 2"))
    if look.key == "aspect":
        wanted = 'aspect = "16:9"'
        return shape(_one(look, ("text",), wanted)) or _raise(_wrong(look, wanted))
    paths = tuple(mark.text for mark in _flat(look.values))
    if not paths or any(mark.kind == "measure" for mark in _flat(look.values)):
        raise _wrong(look, f"{look.key} = layer3")
    if look.key in ("expand", "zoom"):
        return paths
    return paths[0] if len(paths) == 1 else _raise(_wrong(look, "only = layer3"))


def _raise(error: SpecError) -> Any:
    raise error


def length(text: str) -> float | None:
    """`6.9in` in points, from an inch to a hundred; None where it is no length."""
    found = re.fullmatch(r"([0-9]{1,5}(?:\.[0-9]{1,4})?)(in|cm|mm|pt)", text)
    points = float(found[1]) * _UNITS[found[2]] if found else 0.0
    return points if 72 <= points <= 7200 else None


def shape(text: str) -> float | None:
    """`16:9` as width over height, from 1:4 to 4:1; None where it is no such shape."""
    found = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,3})?):([0-9]{1,4}(?:\.[0-9]{1,3})?)", text)
    wide, high = (float(found[1]), float(found[2])) if found else (0.0, 1.0)
    return wide / high if high and 0.25 <= wide / high <= 4 else None


def _label(found: Sheet, look: t.Look) -> Sheet:
    wanted = 'label layer1 = "conv2_x"'
    path, text = _about(look, wanted), _one(look, ("text",), wanted)
    return replace(found, labels={**found.labels, path: text})


def _note(found: Sheet, look: t.Look) -> Sheet:
    wanted = 'note layer2 = "stride 2"'
    path, text = _about(look, wanted), _one(look, ("text",), wanted)
    return replace(found, notes={**found.notes, path: text})


def _colour(found: Sheet, look: t.Look) -> Sheet:
    wanted = "colour layer3 = accent"
    if not look.marks:
        raise _wrong(look, wanted)
    name = _one(look, ("path",), wanted)
    if name not in COLOURS:
        note = did_you_mean(name, COLOURS)
        message = f"a colour is one of {', '.join(COLOURS)}, and `{name}` came"
        raise fail("E0108", message, look.values[0].span, note=note)
    return replace(found, colours={**found.colours, **{mark.text: name for mark in look.marks}})


def _highlight(found: Sheet, look: t.Look) -> Sheet:
    if look.values or not look.marks:
        raise _wrong(look, "highlight layer4.0.downsample")
    return replace(found, highlights=(*found.highlights, *(mark.text for mark in look.marks)))


def _hide(found: Sheet, look: t.Look) -> Sheet:
    if look.values or not look.marks:
        raise _wrong(look, "hide bn, relu, shapes")
    for mark in look.marks:
        if mark.text not in hideable():
            note = did_you_mean(mark.text, hideable())
            takes = (f"it hides {', '.join(hideable())}",)
            message = f"`hide` knows no `{mark.text}`"
            raise fail("E0103", message, mark.span, note=note, notes=takes)
    return replace(found, hidden=(*found.hidden, *(mark.text for mark in look.marks)))


def _group(found: Sheet, look: t.Look) -> Sheet:
    wanted = 'group "encoder" = enc1..enc4'
    marks = _flat(look.values)
    if len(look.marks) != 1 or look.marks[0].kind != "text" or not marks:
        raise _wrong(look, wanted)
    if any(mark.kind == "measure" for mark in marks):
        raise _wrong(look, wanted)
    group = (look.marks[0].text, tuple(mark.text for mark in marks))
    return replace(found, groups=(*found.groups, group))


def _font(found: Sheet, look: t.Look) -> Sheet:
    for mark in _flat(look.values):
        size = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9])?)pt", mark.text)
        if size and _SIZES[0] <= float(size[1]) <= _SIZES[1]:
            found = replace(found, size=float(size[1]))
        elif mark.kind in ("text", "path") and mark.text in FACES:
            found = replace(found, face=mark.text)
        else:
            message = f"`font` is a face ({', '.join(FACES)}) or a size from 6pt to 14pt"
            raise fail("E0108", message, mark.span, note=did_you_mean(mark.text, FACES))
    if look.marks or not look.values:
        raise _wrong(look, "font = 8pt")
    return found


def _order(found: Sheet, look: t.Look) -> Sheet:
    marks = _flat(look.values)
    names = tuple(mark.text for mark in marks)
    if look.marks or len(set(names)) < 2 or any(mark.kind == "measure" for mark in marks):
        raise _wrong(look, "order = [left, right]")
    return replace(found, order=names)


_RULES: Mapping[str, Callable[[Sheet, t.Look], Sheet]] = {
    "label": _label,
    "note": _note,
    "colour": _colour,
    "highlight": _highlight,
    "hide": _hide,
    "group": _group,
    "font": _font,
    "order": _order,
}
