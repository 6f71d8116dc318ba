"""The font of what a face lacks as objects of a PDF: glyphs by number, and what they say."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from cnnspec.draw.page.faces import Other, postscript

_CMAP = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
{pairs}endcmap CMapName currentdict /CMap defineresource pop end end
"""
_BLOCK = 100
"""A table of characters holds at most so many."""


def stream(data: bytes, extra: str = "") -> bytes:
    """A stream object of compressed data."""
    packed = zlib.compress(data, 9)
    head = f"<< /Length {len(packed)} /Filter /FlateDecode{extra} >>"
    return head.encode() + b"\nstream\n" + packed + b"\nendstream"


def composite(font: Other, first: int) -> Iterator[bytes]:
    """Five objects for each weight, numbered from `first`: font, glyphs, descriptor, file, text."""
    for bold in (False, True):
        number, name = first + 5 * bold, f"CNNSPC+{postscript(font.name, bold)}"
        order = sorted(font.numbers, key=lambda char: font.numbers[char])
        widths = " ".join(str(font.advances[bold][char]) for char in order)
        yield (
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
            f"/DescendantFonts [{number + 1} 0 R] /ToUnicode {number + 4} 0 R >>"
        ).encode()
        yield (
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity "
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/DW 1000 /W [1 [{widths}]] /FontDescriptor {number + 2} 0 R >>"
        ).encode()
        yield (
            f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [-200 -300 1200 1000] "
            f"/ItalicAngle 0 /Ascent 900 /Descent -250 /CapHeight 700 "
            f"/StemV {140 if bold else 88} /FontFile2 {number + 3} 0 R >>"
        ).encode()
        program = font.programs[bold]
        yield stream(program, f" /Length1 {len(program)}")
        yield stream(_CMAP.format(pairs=_pairs(font, order)).encode())


def _pairs(font: Other, order: list[str]) -> str:
    """Which characters the glyphs are."""
    blocks = (order[at : at + _BLOCK] for at in range(0, len(order), _BLOCK))
    return "".join(
        f"{len(block)} beginbfchar\n"
        + "".join(f"<{font.numbers[c]:04X}> <{c.encode('utf-16-be').hex()}>\n" for c in block)
        + "endbfchar\n"
        for block in blocks
    )
