"""A Pygments lexer for `.cnn` files, by entry point: `pygmentize net.cnn`, Sphinx, notebooks.

Pygments comes with what asks for the lexer; nothing else of the package imports this file.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
)

from cnnspec.editor.words import RULES

TOKENS = {
    "documentation": String.Doc,
    "comment": Comment.Single,
    "string": String,
    "label": Name.Label,
    "declaration": Keyword.Declaration,
    "keyword": Keyword,
    "constant": Keyword.Constant,
    "number": Number,
    "name": Name,
    "operator": Operator,
    "punctuation": Punctuation,
}


class CnnLexer(RegexLexer):  # type: ignore[misc]  # Pygments has no types here
    """Colours cnnspec's specs by the table of `words`."""

    name = "cnnspec"
    aliases: ClassVar[list[str]] = ["cnn", "cnnspec"]
    filenames: ClassVar[list[str]] = ["*.cnn"]
    tokens: ClassVar[dict[str, list[object]]] = {
        "root": [
            (r"\s+", Whitespace),
            *((pattern, TOKENS[kind]) for kind, pattern in RULES),
            (r".", Text),
        ]
    }
