"""G4: syntax dead ends get help, and what is plainly meant is read on: `deadends.md` shows each.

`pytest FILE --update-golden` writes what is said now; read it as somebody who has never seen the
language.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnnspec.report.text import render
from cnnspec.source import Source
from cnnspec.syntax.lines import FAULTS_MAX
from cnnspec.syntax.parser import SyntaxFaults, parse
from tests.language.harness import check

PAGE = Path(__file__).with_name("deadends.md")
SECTION = re.compile(r"^## ([^\n]+)\n```cnn\n(.*?)^```\n```text\n(.*?)^```$", re.M | re.S)
CASES = SECTION.findall(PAGE.read_text(encoding="utf-8"))


def said(text: str) -> str:
    return render(check(text).found)


@pytest.mark.parametrize(("title", "text", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_g4_what_a_dead_end_says(
    title: str, text: str, wanted: str, request: pytest.FixtureRequest
):
    if request.config.getoption("--update-golden"):
        page = PAGE.read_text(encoding="utf-8")
        head, body, tail = page.partition(f"## {title}\n")
        new = SECTION.sub(lambda m: f"## {m[1]}\n```cnn\n{m[2]}```\n```text\n{said(m[2])}```",
                          body + tail, count=1)  # fmt: skip
        PAGE.write_text(head + new, encoding="utf-8")
        return
    assert said(text) == wanted


@pytest.mark.parametrize(("title", "text", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_g4_every_error_of_it_says_what_to_type(title: str, text: str, wanted: str):
    for found in check(text).errors:
        help = found.note + "".join(found.help)
        assert "`" in help or help.startswith("leave"), render([found])


REPAIRED = {
    "net a {\n  input 3x8x8\n  repet 3 {\n conv 4, 1x1\n }\n rleu\n}": ["E0001 3:3", "E0102 6:2"],
    "block t seq { rleu }": ["E0001 1:7", "E0102 1:15"],
    "net a {\n input: 3x8x8\n rleu\n}": ["E0001 2:7", "E0102 3:2"],
    "net a {\n input 3x8x8\n tanh,\n rleu\n}": ["E0001 3:6", "E0102 4:2"],
    "net a {\n input 3x8x8 // image\n rleu\n}": ["E0001 2:14", "E0102 3:2"],
    "net a:\n input 3x8x8\n rleu\n": ["E0001 1:6", "E0102 3:2"],
    "network a {\n input 3x8x8\n rleu\n}": ["E0001 1:1", "E0102 3:2"],
    "net a {\n input 3x8x8\n conv 4 1x1\n rleu\n}": ["E0001 3:9", "E0102 4:2"],
    "net a {\n input 3x8x8\n repeat 2 { tanh } => 3x8x8\n rleu\n}": ["E0001 3:20", "E0102 4:2"],
    "net a {\n input 3x8x8\n if true { tanh } elif false { rleu }\n}": ["E0001 3:19", "E0102 3:32"],
    "net a {\n input 3x8x8\n output x = rleu\n}": ["E0001 3:11", "E0102 3:13"],
    "net a(n = 1) { input 3x8x8; rleu }\nnet b = a": ["E0001 2:9", "E0102 1:29"],
}  # fmt: skip
"""What is plainly meant is read on: the rest of the file is checked too."""


@pytest.mark.parametrize("text", list(REPAIRED))
def test_g4_the_rest_of_the_file_is_still_checked(text: str):
    found = [f"{d.code} {d.span.line}:{d.span.column}" for d in check(text).found]
    assert sorted(found) == sorted(REPAIRED[text])


def test_g4_what_is_read_on_is_still_refused_by_every_command():
    with pytest.raises(SyntaxFaults) as caught:
        parse(Source("net.cnn", "network a { input 3x8x8; relu }"))
    assert caught.value.file is not None
    with pytest.raises(SyntaxFaults) as caught:
        parse(Source("net.cnn", "network a { input 3x8x8; relu ) }"))
    assert caught.value.file is None


def test_g4_a_run_of_lines_that_are_no_declarations_is_one_error():
    assert len(check("[net]\nwidth=416\nheight=416\n\n[convolutional]\nfilters=16\n").found) == 1


def test_g4_a_thousand_keywords_mistyped_end_soon():
    text = "net a { input 3x8x8\n" + "repet 2 { relu }\n" * 1000 + "}"
    assert len(check(text).found) == FAULTS_MAX
    nested = "net a {" + "repet 2 {" * 60 + "relu" + "}" * 61
    assert check(nested).found
