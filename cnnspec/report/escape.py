"""What text from a spec becomes in each format: one function each (S3)."""

from __future__ import annotations

import re

_UNSAFE = (
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def terminal(text: str) -> str:
    r"""Text that cannot move the cursor, colour, hide or reorder anything.

    C0, C1 and lone surrogates become `\x1b`; bidi controls and zero-width characters are named as
    the messages about them do: `<U+202E>`.
    """
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_UNSAFE, _visible, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0xA0:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if 0xD800 <= code <= 0xDFFF else f"<U+{code:04X}>"


def markdown(text: str) -> str:
    """Text as literal Markdown, also inside a table cell."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", terminal(text))


_LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "→": r"$\rightarrow$", "×": r"$\times$", "–": "--", "·": r"$\cdot$",
}  # fmt: skip
_LATEX_SPECIAL = "[" + re.escape("".join(_LATEX)) + "]"


def latex(text: str) -> str:
    """Text as literal LaTeX."""
    return re.sub(_LATEX_SPECIAL, lambda match: _LATEX[match[0]], terminal(text))


def csv(text: str) -> str:
    """A CSV field that no spreadsheet takes for a formula; the writer adds the quotes."""
    shown = terminal(text)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") else shown


def github(text: str) -> str:
    """The message of a GitHub workflow command."""
    return terminal(text).replace("%", "%25")


def github_property(text: str) -> str:
    """A property of a GitHub workflow command, such as a file name."""
    return github(text).replace(":", "%3A").replace(",", "%2C")
