"""Advance widths of a face with Helvetica's metrics, so that no font is needed to measure text.

Arial, Helvetica, Liberation Sans and Arimo agree on these widths to 1/1000 em.  What the table does
not hold is taken as wide as an ideograph: too much room is a smaller fault than too little.
"""

from __future__ import annotations

from unicodedata import combining, east_asian_width

FAMILY = "'Liberation Sans', Arimo, Arial, Helvetica, sans-serif"
"""Faces of equal metrics, the free ones first."""

MIDDLE = 0.358
"""A baseline lies this many times the size under the middle of the line."""

_REGULAR = {
    191: "'",
    222: "ijl‘’",
    260: "|¦",
    278: " !,./:;I[\\]ftÌÍÎÏìíîï",
    333: "()-`r¡¨²³´·¸¹“”",
    334: "{}",
    350: "•",
    355: '"',
    365: "º",
    370: "ª",
    389: "*",
    400: "°",
    469: "^",
    500: "Jcksvxyzçýÿ",
    537: "¶",
    549: "±÷",
    552: "¯",
    556: "#$0123456789?L_abdeghnopqu¢£¤¥§«»àáâãäåèéêëðñòóôõöùúûüþ–",
    576: "µ",
    584: "+<=>~¬×",
    611: "FTZ¿ßø",
    667: "&ABEKPSVXYÀÁÂÃÄÅÈÉÊËÝÞ",
    722: "CDHNRUwÇÐÑÙÚÛÜ",
    737: "©®",
    778: "GOQÒÓÔÕÖØ",
    833: "Mm",
    834: "¼½¾",
    889: "%æ",
    944: "W",
    1000: "Æ—…",
    1015: "@",
}

_BOLD = {
    238: "'",
    278: " ,./I\\ijlÌÍÎÏìíîï‘’",
    280: "|¦",
    333: "!()-:;[]`ft¡¨²³´·¸¹",
    350: "•",
    365: "º",
    370: "ª",
    389: "*r{}",
    400: "°",
    474: '"',
    500: "z“”",
    549: "±÷",
    552: "¯",
    556: "#$0123456789J_aceksvxy¢£¤¥§«¶»àáâãäåçèéêëýÿ–",
    584: "+<=>^~¬×",
    600: "µ",
    611: "?FLTZbdghnopqu¿ßðñòóôõöøùúûüþ",
    667: "EPSVXYÈÉÊËÝÞ",
    722: "&ABCDHKNRUÀÁÂÃÄÅÇÐÑÙÚÛÜ",
    737: "©®",
    778: "GOQwÒÓÔÕÖØ",
    833: "M",
    834: "¼½¾",
    889: "%mæ",
    944: "W",
    975: "@",
    1000: "Æ—…",
}


def _table(groups: dict[int, str]) -> dict[str, int]:
    return {char: width for width, chars in groups.items() for char in chars}


_ADVANCES = (_table(_REGULAR), _table(_BOLD))


def advance(char: str, bold: bool = False) -> int:
    """The width of one character in 1/1000 of the size."""
    known = _ADVANCES[bold].get(char)
    if known is not None:
        return known
    if combining(char):
        return 0
    return 1000 if east_asian_width(char) in "WFA" else 834


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text in points."""
    return sum(advance(char, bold) for char in text) * size / 1000


def shorten(text: str, size: float, width: float, bold: bool = False) -> str:
    """Cut a name that is wider than `width` in the middle with …; what fits is left as it is."""
    if text_width(text, size, bold) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        head = (kept + 1) // 2
        cut = text[:head] + "…" + text[len(text) - (kept - head) :]
        if text_width(cut, size, bold) <= width:
            return cut
    return "…"
