"""docs/claims.md: every number of the four documents has a row, and the page is not stale."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import defaultdict
from pathlib import Path

import pytest

from cnnspec.analyses.review import Reviewed, ReviewError, parse

ROOT = Path(__file__).parents[2]
DIGITS = json.loads((Path(__file__).parent / "seeds.json").read_text(encoding="utf-8"))
"""Of each document its hash and the digits of each line that has some: not its text."""


@pytest.fixture(scope="module")
def reviewed() -> Reviewed:
    return parse((ROOT / "specs" / "seeds.review").read_text(encoding="utf-8"))


def seeds() -> Path:
    """The folder with the documents, beside the data."""
    folder = Path(os.environ.get("CNNSPEC_DATA", "/nowhere")).parent / "seeds"
    if not folder.is_dir():
        pytest.skip("the documents are not here: CNNSPEC_DATA names no folder beside them")
    return folder


def runs(text: str) -> list[str]:
    return re.findall("[0-9]+", text)


def test_every_document_is_reviewed_in_order(reviewed):
    assert [document.name for document in reviewed.documents] == list(DIGITS)


@pytest.mark.parametrize("name", DIGITS)
def test_every_digit_belongs_to_a_number_of_the_review(reviewed, name):
    document = next(d for d in reviewed.documents if d.name == name)
    found: dict[int, list[str]] = defaultdict(list)
    for number in document.numbers:
        found[number.line] += runs(number.text)
    expected = {int(line): digits.split() for line, digits in DIGITS[name]["digits"].items()}
    assert {line: digits for line, digits in found.items() if digits} == expected


@pytest.mark.parametrize("name", DIGITS)
def test_the_committed_digits_are_those_of_the_document(name):
    raw = (seeds() / f"{name}.txt").read_bytes()
    lines = enumerate(raw.decode().split("\n"), 1)
    digits = {str(i): " ".join(runs(line)) for i, line in lines if runs(line)}
    assert digits == DIGITS[name]["digits"]
    assert hashlib.sha256(raw).hexdigest() == DIGITS[name]["sha256"]


@pytest.mark.parametrize("name", DIGITS)
def test_numbers_stand_in_the_document_as_they_are_reviewed(reviewed, name):
    """`46,038,242` is one number there, and `224,256,288` are three."""
    lines = (seeds() / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    document = next(d for d in reviewed.documents if d.name == name)
    at: dict[int, int] = defaultdict(int)
    for number in document.numbers:
        if number.text == "–":
            continue
        line = lines[number.line - 1]
        start = line.find(number.text, at[number.line])
        assert start >= 0, number
        assert not runs(line[at[number.line] : start]), number
        at[number.line] = start + len(number.text)


def test_the_page_is_what_the_command_writes(capsys, monkeypatch):
    from cnnspec.cli.claims import command
    from cnnspec.cli.options import TableFormat

    monkeypatch.chdir(ROOT)
    assert command(["specs"], TableFormat.MARKDOWN) == 0
    written = capsys.readouterr().out
    stale = "docs/claims.md is stale: cnnspec claims --format markdown > docs/claims.md"
    assert (ROOT / "docs" / "claims.md").read_text(encoding="utf-8") == written, stale


def test_every_verdict_has_its_grounds():
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    for row in rows:
        if len(row) == 7 and row[3] in ("holds", "differs", "given", "wrong", "not static"):
            assert row[5] != "–" or not row[6].startswith("–"), row


# --- reading and judging ------------------------------------------------------------------------

HEAD = "kind name: no figure | part of a name\ndocument a Title of a\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind name: perhaps | x", "line 1: a verdict is one of"),
        (HEAD + "3 | 5 | a | @nome", "line 3: there is no kind nome"),
        (HEAD + "3 | 5 | a | @name\n2 | 5 | a | @name", "line 2 of the document stands after"),
        (HEAD + "3 | 5 | a", "line 3: not enough values"),
    ],
)
def test_a_review_that_cannot_be_read_says_where(text, message):
    with pytest.raises(ReviewError, match=re.escape(message)):
        parse(text)


@pytest.mark.parametrize(
    ("judge", "message"),
    [
        ("small: conv1.kernel", "the net has 5x5"),
        ("small: conv1.stribe", "no attribute 'stribe'"),
        ("small: params as 7K", "no claim about it prints 7K"),
        ("small: conv9.kernel", "there is no layer conv9"),
        ("large: layers", "large"),
        ("small: recipe.batch", "the recipe has no batch"),
    ],
)
def test_a_judge_that_says_something_else_is_a_fault(tmp_path, monkeypatch, judge, message):
    from cnnspec.cli.claims import command
    from cnnspec.cli.faults import UsageFault
    from cnnspec.cli.options import TableFormat

    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.cnn").write_text(
        "net small() { input 1x8x8; conv 2, 5x5; claim params = 52 }\n"
    )
    (tmp_path / "a.review").write_text(HEAD + f"3 | 7 | a number | {judge}\n", encoding="utf-8")
    with pytest.raises(UsageFault, match=re.escape(message)):
        command(["."], TableFormat.MARKDOWN)
