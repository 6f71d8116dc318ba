"""What an editor can read of a text that is half typed (design: live, V0)."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnspec.source import Source
from cnnspec.syntax import tree as t
from cnnspec.syntax.parser import SyntaxFaults, parse, recover

ROOT = Path(__file__).parents[2]
LENET = (ROOT / "specs" / "lenet5.cnn").read_text(encoding="utf-8")
SPECS = sorted((ROOT / "specs").rglob("*.cnn"))
HALF = {
    "half an argument": ("linear 84 ", "linear 84, "),
    "an op missing": ("flatten\n", "-> \n"),
    "a parenthesis open": ("shape(conv1)", "shape(conv1"),
    "a string open": ('"이미지"', '"이미지'),
    "an unclosed net": ("\n}\n", "\n"),
    "a closer too many": ("\n}\n", "\n}\n}\n"),
}


def read(text: str) -> dict[str, int]:
    """Each block and net that can be read, with how many statements it has."""
    file = recover(Source("half.cnn", text)).file
    found = [] if file is None else file.declarations
    return {d.name: len(d.body.statements) for d in found if isinstance(d, t.Block | t.Net)}


def said(text: str) -> list[str]:
    try:
        parse(Source("half.cnn", text))
    except SyntaxFaults as faults:
        return [str(d.message) for d in faults.diagnostics]
    return []


@pytest.mark.parametrize("old, new", HALF.values(), ids=list(HALF))
def test_a_half_typed_statement_is_the_only_one_lost(old: str, new: str):
    assert old in LENET
    whole, half = read(LENET), read(LENET.replace(old, new, 1))
    assert half.keys() == whole.keys()
    assert half["lenet5"] >= whole["lenet5"] - 3  # an arrow takes the lines around it along


@pytest.mark.parametrize("old, new", HALF.values(), ids=list(HALF))
def test_what_is_said_is_what_the_compiler_says(old: str, new: str):
    text = LENET.replace(old, new, 1)
    assert [d.message for d in recover(Source("half.cnn", text)).faults] == said(text) != []


def test_an_unclosed_brace_is_closed_by_the_indentation_or_the_next_declaration():
    text = (
        "net a {\n  input 3x8x8\n  add {\n    relu\n    skip\n  bn\n}\nnet b { input 1x8x8; bn }\n"
    )
    assert read(text) == {"a": 3, "b": 2}
    assert read("block u(c) {\n  conv c, 3x3\n\nnet b { input 3x8x8; u 4 }\n") == {"u": 1, "b": 2}


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_every_beginning_of_a_spec_has_the_declarations_above(path: Path):
    text = path.read_text(encoding="utf-8")
    whole = recover(Source(path.name, text))
    assert whole.faults == () and whole.file is not None
    for cut in range(0, len(text), max(1, len(text) // 12)):
        ended = [d for d in whole.file.declarations if d.span.end < cut]
        half = recover(Source(path.name, text[:cut]))
        assert len(half.file.declarations if half.file else ()) >= len(ended)


@pytest.mark.parametrize("text", ["{" * 100, "(" * 5000, '"' * 999, "}" * 3000, "net a {" * 40, ""])
def test_hostile_brackets_are_no_exception(text: str):
    assert recover(Source("x.cnn", text)).faults
