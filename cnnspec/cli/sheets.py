"""The author's flags of `draw`: what a `figure` of a file says, said on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.cli.faults import UsageFault
from cnnspec.records import replace

if TYPE_CHECKING:
    from cnnspec.elaborate.sheet import Sheet
    from cnnspec.ir import Net


class Flags(NamedTuple):
    """What was given, as it was typed."""

    label: Sequence[str] = ()
    hide: Sequence[str] = ()
    colour: Sequence[str] = ()
    highlight: Sequence[str] = ()
    group: Sequence[str] = ()
    note: Sequence[str] = ()
    order: Sequence[str] = ()
    size: str = ""
    face: str = ""


def with_flags(sheet: Sheet | None, flags: Flags, net: Net) -> Sheet | None:
    """A sheet with what the flags add to it; None where there is neither. Raises UsageFault."""
    if not any(flags):
        return sheet
    from cnnspec.elaborate.sheet import COLOURS, Sheet, hideable

    sheet = sheet or Sheet()
    colours = _pairs("--colour", flags.colour, "layer3=accent")
    for name in colours.values():
        _known("--colour", name, COLOURS)
    hidden = _split(flags.hide)
    for word in hidden:
        _known("--hide", word, hideable())
    pairs = _pairs("--group", flags.group, "encoder=enc1..enc4")
    groups = [(name, tuple(paths.split(","))) for name, paths in pairs.items()]
    found = replace(
        sheet,
        labels={**sheet.labels, **_pairs("--label", flags.label, "layer1=conv2_x")},
        hidden=(*sheet.hidden, *hidden),
        colours={**sheet.colours, **colours},
        highlights=(*sheet.highlights, *_split(flags.highlight)),
        groups=(*sheet.groups, *groups),
        notes={**sheet.notes, **_pairs("--note", flags.note, "layer2=stride 2")},
        order=_split(flags.order) or sheet.order,
        size=_size(flags.size) or sheet.size,
        face=flags.face or sheet.face,
    )
    _check_order(found, net)
    check_places(found.paths(), net)
    return found


def font(text: str) -> tuple[str, Path | None]:
    """A face by its name, or the file of a font. Raises UsageFault."""
    from cnnspec.elaborate.sheet import FACES

    if text in FACES or not text:
        return text, None
    path = Path(text)
    if path.suffix.lower() not in (".ttf", ".otf", ".ttc"):
        _known("--font", text, (*FACES, "or a .ttf, .otf or .ttc"))
    if not path.is_file():
        raise UsageFault(f"--font {text}: there is no such file")
    return "", path


def _pairs(flag: str, given: Sequence[str], like: str) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    wrong = [first + sign for first, sign, last in pairs if not (first and sign and last)]
    if wrong:
        raise UsageFault(f'{flag} {wrong[0]}: write {flag} "{like}"')
    return {first.strip(): last.strip() for first, _, last in pairs}


def _split(given: Sequence[str]) -> tuple[str, ...]:
    """Words that commas part, or flags that come again."""
    return tuple(word.strip() for text in given for word in text.split(",") if word.strip())


def _known(flag: str, word: str, known: Sequence[str]) -> None:
    from cnnspec.diagnostics import did_you_mean

    if word not in known:
        note = did_you_mean(word, known) or f"it takes {', '.join(known)}"
        raise UsageFault(f"{flag} knows no {word}: {note}")


def _size(text: str) -> float | None:
    if not text:
        return None
    found = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9])?)(?:pt)?", text)
    if found is None or not 6 <= float(found[1]) <= 14:
        raise UsageFault(f"--size {text}: a size of type from 6pt to 14pt")
    return float(found[1])


def check_places(paths: Iterable[str], net: Net) -> None:
    """Raise UsageFault for a path, or a range of two, that a net does not have."""
    from cnnspec.elaborate.sheets import near, places

    known = places(net)
    for written in paths:
        for path in filter(None, written.split("..")):
            if path not in known:
                note = near(path, known)
                raise UsageFault(f"{net.name} has nothing called {path}{note and ': ' + note}")


def _check_order(sheet: Sheet, net: Net) -> None:
    from cnnspec.elaborate.sheets import ends

    for name in sheet.order:
        _known("--order", name, ends(net))
