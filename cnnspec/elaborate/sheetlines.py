"""The lines of a `figure`, each read into its author's sheet (L38)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cnnspec.diagnostics import SpecError, did_you_mean, fail
from cnnspec.elaborate.sheet import COLOURS, FACES, SIZES, WORDS, Sheet, hideable, length, shape
from cnnspec.records import replace
from cnnspec.syntax import tree as t


def marks_of(values: Iterable[t.Mark | t.Listed]) -> list[t.Mark]:
    """The marks of a line, those of its lists among them."""
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


def option(found: Sheet, look: t.Look) -> Sheet:
    """`level = block`, `width = 6.9in`, `only = layer3`: what is an option of the command too."""
    if look.marks:
        raise _wrong(look, f"{look.key} = ...")
    if look.key == "only" and len(marks_of(look.values)) > 1:
        return replace(found, options={**found.options, "apart": _paths(look)})
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
    return _paths(look) if look.key in ("expand", "zoom") else _paths(look)[0]


def _paths(look: t.Look) -> tuple[str, ...]:
    """The paths of a line, at least one."""
    paths = tuple(mark.text for mark in marks_of(look.values))
    if not paths or any(mark.kind == "measure" for mark in marks_of(look.values)):
        raise _wrong(look, f"{look.key} = layer3")
    return paths


def _raise(error: SpecError) -> Any:
    raise error


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
    marks = marks_of(look.values)
    if len(look.marks) != 1 or look.marks[0].kind != "text" or not marks:
        raise _wrong(look, wanted)
    if any(mark.kind == "measure" for mark in marks):
        raise _wrong(look, wanted)
    group = (look.marks[0].text, tuple(mark.text for mark in marks))
    return replace(found, groups=(*found.groups, group))


def _font(found: Sheet, look: t.Look) -> Sheet:
    for mark in marks_of(look.values):
        size = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9])?)pt", mark.text)
        if size and SIZES[0] <= float(size[1]) <= SIZES[1]:
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
    marks = marks_of(look.values)
    names = tuple(mark.text for mark in marks)
    if look.marks or len(set(names)) < 2 or any(mark.kind == "measure" for mark in marks):
        raise _wrong(look, "order = [left, right]")
    return replace(found, order=names)


RULES: Mapping[str, Callable[[Sheet, t.Look], Sheet]] = {
    "label": _label,
    "note": _note,
    "colour": _colour,
    "highlight": _highlight,
    "hide": _hide,
    "group": _group,
    "font": _font,
    "order": _order,
}
