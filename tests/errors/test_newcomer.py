"""Files of typical mistakes, as people type them who know another tool and have seen three specs.

`newcomer/*.cnn` were written before the messages were; `newcomer/repaired/` is what each became by
doing what the messages say, nothing else.  `newcomer/first_messages.txt` holds the first error of
each (`pytest FILE --update-golden` writes it): read it as somebody who has to know what to type.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnspec.report.text import render
from tests.errors import first_messages
from tests.language.harness import check

FOLDER = Path(__file__).with_name("newcomer")
GOLDEN = FOLDER / "first_messages.txt"
FILES = sorted(FOLDER.glob("*.cnn"))

NOT_THERE = {
    "34_vit": "is outside the language",
}
"""What cannot be written: the message says so, and there is nothing to type in its place."""


def first(path: Path) -> str:
    """The first error of a file, as it is printed."""
    found = check(path.read_text(encoding="utf-8"), name=path.name).errors
    return render(found[:1])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_g4_the_first_message_of_a_newcomers_file(path: Path, request: pytest.FixtureRequest):
    first_messages.compare(path, GOLDEN, first, request)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_g4_the_first_message_says_what_to_type(path: Path):
    """Something to type stands in backquotes beside the carets or in a help, or nothing can be."""
    found = check(path.read_text(encoding="utf-8")).errors[0]
    if path.stem in NOT_THERE:
        assert NOT_THERE[path.stem] in found.message
    else:
        assert "`" in found.note + "".join(found.help), found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_g4_what_the_messages_say_repairs_the_file(path: Path):
    repaired = path.parent / "repaired" / path.name
    if path.stem in NOT_THERE:
        assert not repaired.exists()
        return
    found = check(repaired.read_text(encoding="utf-8")).found
    assert not found, render(found)


def test_g4_forty_files_of_which_at_most_one_cannot_be_written():
    assert (len(FILES), len(NOT_THERE)) == (40, 1)
