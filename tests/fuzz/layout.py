"""`cnnspec fmt` of any text that can be read: the same tree and comments, and settled at once."""

from __future__ import annotations

import re

from cnnspec.source import Source
from cnnspec.syntax.format import formatted
from cnnspec.syntax.parser import SyntaxFaults, parse
from tests.fuzz.nets import same
from tests.syntax.test_tree import dump


def check(text: str) -> bool:
    """Raise Mismatch where the layout changes a meaning; false for what cannot be read."""
    text = text.removeprefix("\ufeff")  # of a file, not of its text
    try:
        tree = dump(parse(Source("net.cnn", text)))
    except SyntaxFaults:
        return False
    tidy = formatted(Source("net.cnn", text))
    same("tree of the layout", dump(parse(Source("net.cnn", tidy))), tree)
    same("comments of the layout", comments(tidy), comments(text))
    same("layout again", formatted(Source("net.cnn", tidy)), tidy)
    return True


def comments(text: str) -> list[str]:
    """What follows `#` on each line, outside strings."""
    without = re.sub(r'"[^"\n]*"', lambda match: "-" * len(match.group()), text)
    return [text[m.start() : m.end()].rstrip() for m in re.finditer(r"#[^\n]*", without)]
