"""Text from a spec as literal text of LaTeX, Markdown and HTML (S3); SVG's is in `svg.py`."""

from __future__ import annotations

import re

from cnnspec.draw.writers.svg import escape as html

__all__ = ["html", "latex", "markdown"]

_LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "→": r"$\rightarrow$", "×": r"$\times$", "–": "--", "·": r"$\cdot$", "…": r"\ldots{}",
    "²": "$^2$", "<": "$<$", ">": "$>$", '"': "{''}", "|": "$|$", "⋮": r"$\vdots$", "-": "{-}",
}  # fmt: skip
_SPECIAL = re.compile("[" + re.escape("".join(_LATEX)) + "]")
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def latex(text: str, *, letters: bool = False) -> str:
    """Literal LaTeX; what pdflatex has no glyph for becomes a question mark.

    `letters` leaves those of every script as they are, for an engine that has fonts for them.
    """
    safe = "".join(
        char if ord(char) < 0x7F or char in _LATEX or (letters and char.isalnum()) else "?"
        for char in _UNSAFE.sub("?", text)
    )
    return _SPECIAL.sub(lambda match: _LATEX[match[0]], safe)


def markdown(text: str) -> str:
    """Literal Markdown, also inside a table cell."""
    return re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", _UNSAFE.sub("\ufffd", text))
