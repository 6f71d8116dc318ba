"""`cnnspec fmt`: the one layout of a spec.  It moves blanks and line ends, never a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.syntax.format.columns import align
from cnnspec.syntax.format.lines import lines_of
from cnnspec.syntax.format.spacing import blanks
from cnnspec.syntax.parser import tokens_of

if TYPE_CHECKING:
    from cnnspec.source import Source


def formatted(source: Source) -> str:
    """The text of a source in the one layout; raises SyntaxFaults."""
    tokens = tokens_of(source)
    lines = align(lines_of(source.text, tokens), blanks(tokens))
    return "".join(f"{line}\n" for line in lines)
