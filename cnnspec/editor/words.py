"""The words and signs of the language as editors colour them: one table for every highlighter.

The Pygments lexer reads it; `python -m cnnspec.editor.words` writes the TextMate grammar of
`editors/vscode` and the rules of the page's editor from it.  The rules are tried in order at each
place of a line; what none takes is plain.
"""

from __future__ import annotations

import json
from pathlib import Path

DECLARATIONS = ("block", "figure", "import", "net", "recipe", "source")
KEYWORDS = (
    "and", "aux", "bare", "because", "but", "claim", "default", "else", "for", "from", "if", "in",
    "input", "let", "not", "or", "output", "percent", "repeat", "require", "seq", "share", "within",
)  # fmt: skip
CONSTANTS = ("false", "none", "same", "tf_same", "true")

_WORD = r"\b(?:{})\b(?!\$\{{)"

RULES: tuple[tuple[str, str], ...] = (
    ("documentation", r"##.*$"),
    ("comment", r"#.*$"),
    ("string", r'"[^"\n]*"?'),
    ("label", r"[A-Za-z_](?:[\w.]|\$\{[^}\n]*\})*(?=\s*:(?!=))"),
    ("declaration", _WORD.format("|".join(DECLARATIONS))),
    ("keyword", _WORD.format("|".join(KEYWORDS))),
    ("constant", _WORD.format("|".join(CONSTANTS))),
    ("number", r"(?<![\w.])\d[\d_]*(?:x\d+)+|(?<![\w.])\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?[KMGB]?"),
    ("name", r"[A-Za-z_](?:\w|\$\{[^}\n]*\})*"),
    ("operator", r"->|=>|==|!=|<=|>=|//|[-+*/%^<>=~.]"),
    ("punctuation", r"[{}()\[\],;:$]"),
)
"""What a rule's text is, and the pattern that finds it; ECMAScript, Oniguruma and Python agree."""

SCOPES = {
    "documentation": "comment.line.documentation.cnn",
    "comment": "comment.line.number-sign.cnn",
    "string": "string.quoted.double.cnn",
    "label": "entity.name.tag.cnn",
    "declaration": "keyword.declaration.cnn",
    "keyword": "keyword.control.cnn",
    "constant": "constant.language.cnn",
    "number": "constant.numeric.cnn",
    "name": "variable.other.cnn",
    "operator": "keyword.operator.cnn",
    "punctuation": "punctuation.cnn",
}
"""The scope of each kind in a TextMate grammar."""


def grammar() -> str:
    """The TextMate grammar as JSON."""
    patterns = [{"name": SCOPES[kind], "match": pattern} for kind, pattern in RULES]
    data = {"name": "cnnspec", "scopeName": "source.cnn", "fileTypes": ["cnn"],
            "patterns": patterns}  # fmt: skip
    return json.dumps(data, indent=2) + "\n"


def script() -> str:
    """The table as a JavaScript module, for the page's editor."""
    rows = "".join(f"  {json.dumps([kind, pattern])},\n" for kind, pattern in RULES)
    head = "// Written by `python -m cnnspec.editor.words` from its table."
    return f"{head}\nexport const RULES = [\n{rows}];\n"


WRITTEN = {
    "editors/vscode/syntaxes/cnn.tmLanguage.json": grammar,
    "cnnspec/play/page/words.js": script,
}
"""What is written from the table, by its path in a checkout."""

if __name__ == "__main__":
    for file, write in WRITTEN.items():
        Path(file).write_text(write(), encoding="utf-8")
