"""A small font of what a figure's face lacks, from one that is given or found on the machine.

Needs fontTools, which is part of the extra `draw`.  A script whose letters change with those beside
them (Arabic, Devanagari) is drawn letter by letter.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnspec.draw.errors import MissingExtra, OptionError
from cnnspec.draw.page.faces import Other, postscript

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

_ENDINGS = (".ttf", ".otf", ".ttc")
_FIRST = (
    "notosanscjk", "notosanskr", "notosansjp", "notosanssc", "nanumgothic", "malgun",
    "applesdgothic", "applegothic", "hiragino", "pingfang", "yugothic", "msyh", "msgothic",
    "notosans-", "dejavusans", "arial", "liberationsans", "notosans",
)  # fmt: skip
"""How the names of fonts begin that are looked into before all others."""
_LAST = ("mono", "emoji", "serif", "italic", "oblique", "condensed", "math", "extralight", "thin")
_MOST = 400
"""So many files are looked into."""
_EPOCH = 0x7C25B080
"""The beginning of 1970, as a font counts seconds."""
_RESTRICTED = 0x0002
"""The bit of OS/2 fsType by which a maker forbids to embed a font."""
_PLAIN = "".join(map(chr, (*range(32, 127), *range(161, 256)))) + "–—‘’“”•…×"
"""What a figure may say in any font."""
_COLLECTIONS = (("KR", 0x1100, 0x11FF), ("KR", 0xAC00, 0xD7AF), ("JP", 0x3040, 0x30FF))
"""Whose shapes of ideographs go with the letters of a script, in a font of several countries."""


def given_font(path: Path, chars: str) -> Other:
    """The font of a file for all text of a figure. Raises OptionError where it is none."""
    fonts = _opened(path)
    if not fonts:
        raise OptionError(f"{path} is no TrueType or OpenType font")
    font = _chosen(fonts, chars)
    if _forbidden(font):
        raise OptionError(f"{path} may not be embedded: its maker says so in the font")
    wanted = "".join(dict.fromkeys(_PLAIN + chars))
    held = _cmap(font)
    kept = "".join(char for char in wanted if ord(char) in held)
    missing = "".join(char for char in chars if ord(char) not in held)
    return _built([font, _bold(path, font, kept)], kept, missing, first=True)


def found_font(chars: str) -> Other:
    """A font of the machine that has some characters, or most of them; a box for the rest."""
    best: tuple[int, Path, Any] | None = None
    for path in _files():
        for font in [_chosen(fonts, chars)] if (fonts := _opened(path)) else []:
            held = sum(ord(char) in _cmap(font) for char in chars)
            if held > (best[0] if best else 0) and not _forbidden(font):
                best = (held, path, font)
        if best and best[0] == len(chars):
            break
    if best is None:
        return _built([], "", chars, first=False)
    _, path, font = best
    kept = "".join(char for char in chars if ord(char) in _cmap(font))
    missing = "".join(char for char in chars if char not in kept)
    return _built([font, _bold(path, font, kept)], kept, missing, first=False)


def _files() -> Iterator[Path]:
    """Font files of the machine, those that are likely to be plain and large first."""
    home, windows = Path.home(), os.environ.get("WINDIR", "")
    folders = [
        Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts",
        home / ".fonts", Path("/System/Library/Fonts"), Path("/Library/Fonts"),
        home / "Library/Fonts", *([Path(windows) / "Fonts"] if windows else []),
    ]  # fmt: skip
    found = [
        Path(folder) / name
        for root in folders
        for folder, _, names in os.walk(root)
        for name in names
        if name.lower().endswith(_ENDINGS)
    ]
    return iter(sorted(found, key=_rank)[:_MOST])


def _rank(path: Path) -> tuple[int, int, int, str]:
    name = path.name.lower()
    begins = next((at for at, start in enumerate(_FIRST) if name.startswith(start)), len(_FIRST))
    return any(word in name for word in _LAST), begins, "bold" in name, str(path)


def _opened(path: Path) -> list[TTFont]:
    """The fonts of a file; none where it cannot be read."""
    try:
        from fontTools.ttLib import TTCollection, TTFont
    except ImportError:
        raise MissingExtra("draw") from None
    try:
        data = BytesIO(path.read_bytes())
        if path.suffix.lower() == ".ttc":
            return list(TTCollection(data, lazy=True).fonts)
        return [TTFont(data, lazy=True)]
    except Exception:  # fontTools raises what it meets: a file that is no font is none of ours
        return []


def _chosen(fonts: Sequence[TTFont], chars: str) -> TTFont:
    """The font of a collection that goes with the script of some characters."""
    places = [
        place for place, low, high in _COLLECTIONS if any(low <= ord(c) <= high for c in chars)
    ]
    for place in places:
        for font in fonts:
            if str(font["name"].getDebugName(4) or "").upper().find(f" {place}") >= 0:
                return font
    return fonts[0]


def _cmap(font: TTFont) -> Mapping[int, str]:
    try:
        return font.getBestCmap() or {}
    except Exception:  # a font that cannot be read has no characters
        return {}


def _forbidden(font: TTFont) -> bool:
    try:
        return bool(font["OS/2"].fsType & _RESTRICTED)
    except Exception:  # a font without such a table forbids nothing
        return False


def _bold(path: Path, font: TTFont, chars: str) -> TTFont:
    """The bold face beside a regular one, or the same where there is none."""
    if "fvar" in font:
        return font
    for other in (re.sub("Regular", "Bold", path.name), f"{path.stem}Bold{path.suffix}",
                  f"{path.stem}-Bold{path.suffix}", f"{path.stem}bd{path.suffix}"):  # fmt: skip
        beside = path.with_name(other)
        if other != path.name and beside.is_file() and (fonts := _opened(beside)):
            bold = _chosen(fonts, chars)
            if all(ord(char) in _cmap(bold) for char in chars) and not _forbidden(bold):
                return bold
    return font


def _built(fonts: Sequence[TTFont], chars: str, missing: str, *, first: bool) -> Other:
    """The glyphs of some characters as two fonts, a box for each that is missing."""
    name = _family(fonts[0]) if fonts else "cnnspec boxes"
    both = [_program(font, chars, missing, name, bold) for bold, font in enumerate(fonts)]
    both = both or [_program(None, chars, missing, name, bold) for bold in (False, True)]
    numbers = {char: at for at, char in enumerate(chars + missing, 1)}
    widths = (both[0][1], both[1][1])
    return Other(name, (both[0][0], both[1][0]), numbers, widths, missing, first)


def _family(font: TTFont) -> str:
    said = str(font["name"].getDebugName(16) or font["name"].getDebugName(1) or "")
    return re.sub("[^A-Za-z0-9 -]", "", said)[:60].strip() or "other"


def _program(
    font: TTFont | None, chars: str, missing: str, name: str, bold: int | bool
) -> tuple[bytes, dict[str, int]]:
    """A TrueType font of some glyphs, and how wide they are; the same bytes every time."""
    from fontTools.fontBuilder import FontBuilder

    unit = font["head"].unitsPerEm if font is not None else 1000
    glyphs: dict[str, Any] = {".notdef": _box(unit)}
    widths = {".notdef": unit}
    drawn = _outlines(font, chars, bool(bold)) if font is not None else ()
    for at, (glyph, width) in enumerate(drawn, 1):
        glyphs[f"g{at}"], widths[f"g{at}"] = glyph, width
    for at in range(len(chars) + 1, len(chars) + len(missing) + 1):
        glyphs[f"g{at}"], widths[f"g{at}"] = _box(unit), unit
    builder = FontBuilder(unit, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    everything = chars + missing
    builder.setupCharacterMap({ord(char): f"g{at}" for at, char in enumerate(everything, 1)})
    builder.setupGlyf(glyphs)
    bearing = {key: getattr(glyphs[key], "xMin", 0) for key in glyphs}
    builder.setupHorizontalMetrics({key: (width, bearing[key]) for key, width in widths.items()})
    builder.setupHorizontalHeader(ascent=round(0.9 * unit), descent=-round(0.25 * unit))
    style = "Bold" if bold else "Regular"
    builder.setupNameTable(
        {"familyName": name, "styleName": style, "psName": postscript(name, bool(bold))}
    )
    builder.setupOS2(usWeightClass=700 if bold else 400, fsSelection=0x20 if bold else 0x40,
                     sTypoAscender=round(0.9 * unit))  # fmt: skip
    builder.setupPost()
    builder.font["head"].macStyle = int(bool(bold))
    builder.font["head"].created = builder.font["head"].modified = _EPOCH
    builder.font.recalcTimestamp = False
    data = BytesIO()
    builder.save(data)
    measured = {
        char: round(widths[f"g{at}"] * 1000 / unit) for at, char in enumerate(everything, 1)
    }
    return data.getvalue(), measured


def _outlines(font: TTFont, chars: Iterable[str], bold: bool) -> Iterator[tuple[Any, int]]:
    """The glyph of each character in quadratic curves, and its width."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    axes = {axis.axisTag for axis in font["fvar"].axes} if "fvar" in font else set()
    glyphs = font.getGlyphSet(location={"wght": 700 if bold else 400} if "wght" in axes else None)
    names = _cmap(font)
    for char in chars:
        recorded = DecomposingRecordingPen(glyphs)
        glyph = glyphs[names[ord(char)]]
        glyph.draw(recorded)
        pen = TTGlyphPen(None)
        cubic = "glyf" not in font
        recorded.replay(Cu2QuPen(pen, font["head"].unitsPerEm / 1000, reverse_direction=cubic))
        yield pen.glyph(), round(glyph.width)


def _box(unit: int) -> Any:
    """The outline of a box: what is missing."""
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen, line = TTGlyphPen(None), unit // 20
    left, right, low, top = unit // 8, unit - unit // 8, 0, 7 * unit // 10
    outer = ((left, low), (left, top), (right, top), (right, low))
    inner = ((left + line, low + line), (right - line, low + line),
             (right - line, top - line), (left + line, top - line))  # fmt: skip
    for corners in (outer, inner):
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()
