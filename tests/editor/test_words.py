"""One table of words colours specs alike in Pygments and in TextMate grammars."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name
from pygments.token import Text, Whitespace
from pygments.util import ClassNotFound

from cnnspec.editor import words
from cnnspec.editor.pygments import TOKENS, CnnLexer
from cnnspec.syntax.words import RESERVED

ROOT = Path(__file__).parents[2]
GRAMMAR = ROOT / "editors" / "vscode" / "syntaxes" / "cnn.tmLanguage.json"
SPECS = sorted((ROOT / "specs").rglob("*.cnn"))


def textmate(text: str) -> list[tuple[str, str]]:
    """What a TextMate engine makes of a text: on each line the leftmost match, the first rule."""
    patterns = json.loads(GRAMMAR.read_text(encoding="utf-8"))["patterns"]
    rules = [(p["name"], re.compile(p["match"])) for p in patterns]
    out = []
    for line in text.splitlines():
        at = 0
        while at < len(line):
            found = [
                (m.start(), i, n, m) for i, (n, r) in enumerate(rules) if (m := r.search(line, at))
            ]
            if not found:
                break
            _, _, name, match = min(found, key=lambda f: f[:2])
            out.append((name, match.group()))
            at = max(match.end(), at + 1)
    return out


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_both_colour_a_spec_alike(path: Path):
    text = path.read_text(encoding="utf-8")
    scopes = {TOKENS[kind]: scope for kind, scope in words.SCOPES.items()}
    found = [(kind, word) for kind, word in CnnLexer().get_tokens(text) if kind is not Whitespace]
    assert not [word for kind, word in found if kind is Text]
    assert [(scopes[kind], word) for kind, word in found] == textmate(text)


def test_the_grammar_is_written_from_the_table():
    assert GRAMMAR.read_text(encoding="utf-8") == words.grammar()


def test_every_word_of_the_language_is_in_the_table():
    functions = set("kernel min max range len enumerate sum ceil round zip".split())
    assert {*words.DECLARATIONS, *words.KEYWORDS, *words.CONSTANTS} == RESERVED - functions


def test_numbers_and_labels():
    found = [(k, w) for k, w in CnnLexer().get_tokens("a${i}: conv 64, 3x3/2 # 5e-4\nlr=5e-4")]
    shown = [(str(k).removeprefix("Token."), w) for k, w in found if w.strip()]
    assert shown[0] == ("Name.Label", "a${i}")
    assert ("Literal.Number", "3x3") in shown and ("Literal.Number", "5e-4") in shown


def test_the_lexer_is_found_by_its_name():
    try:
        assert get_lexer_by_name("cnn").name == "cnnspec"
    except ClassNotFound as error:  # an installation from before the entry point
        pytest.skip(f"the package was installed without its entry points: {error}")
