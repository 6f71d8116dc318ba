"""Every code's full text output, as a person sees it: place, wanted, got, help.

`snapshots/CODE.md` holds sections: a title, a spec in a ```cnn fence (the page's example where
there is none) and in a ```text fence what `check` says. `pytest tests/errors --update-golden`
writes what is said now; read the difference as somebody who has never seen the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cnnspec.codes import pages
from cnnspec.report import manual
from cnnspec.report.style import Style
from cnnspec.report.text import render

FOLDER = Path(__file__).with_name("snapshots")
SECTION = re.compile(r"^## ([^\n]+)\n(?:```cnn\n(.*?)^```\n)?```text\n(.*?)^```$", re.M | re.S)


class Snapshot(NamedTuple):
    """One section of a file."""

    code: str
    title: str
    text: str | None
    wanted: str


def snapshots() -> Iterator[Snapshot]:
    for path in sorted(FOLDER.glob("*.md")):
        for title, text, wanted in SECTION.findall(path.read_text(encoding="utf-8")):
            yield Snapshot(path.stem, title, text or None, wanted)


ALL = list(snapshots())


def said(snapshot: Snapshot, style: Style | None = None) -> str:
    found = manual.diagnose(pages()[snapshot.code], snapshot.text)
    assert [d.code for d in found] == [snapshot.code], render(found)
    return render(found, style or Style())


def update(snapshot: Snapshot) -> None:
    path = FOLDER / f"{snapshot.code}.md"

    def renewed(match: re.Match[str]) -> str:
        if match[1] != snapshot.title:
            return match[0]
        return f"{match[0][: match.start(3) - match.start()]}{said(snapshot)}```"

    path.write_text(SECTION.sub(renewed, path.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.mark.parametrize("snapshot", ALL, ids=lambda s: f"{s.code} {s.title}")
def test_what_it_says(snapshot: Snapshot, request: pytest.FixtureRequest):
    if request.config.getoption("--update-golden"):
        update(snapshot)
        return
    assert said(snapshot) == snapshot.wanted


def test_every_code_has_a_snapshot_of_its_page():
    checked = [code for code, page in pages().items() if not page.command]
    assert [s.code for s in ALL if s.text is None] == checked


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda p: p.stem)
def test_every_section_of_a_file_is_read(path: Path):
    titles = re.findall(r"^## ([^\n]+)$", path.read_text(encoding="utf-8"), re.M)
    assert [s.title for s in ALL if s.code == path.stem] == titles
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("snapshot", ALL, ids=lambda s: f"{s.code} {s.title}")
def test_the_first_line_is_worth_reading_alone_and_the_rest_shows_where(snapshot: Snapshot):
    head, arrow, _, line, *_ = snapshot.wanted.splitlines()
    kind = "warning" if snapshot.code.startswith("W") else "error"
    message = head.removeprefix(f"{kind}[{snapshot.code}]: ")
    assert message != head
    assert len(message) <= 160
    assert re.fullmatch(r" +--> net\.cnn:\d+:\d+", arrow)
    assert re.match(r" *\d+ \|", line)
    assert "^" in snapshot.wanted


@pytest.mark.parametrize("snapshot", ALL, ids=lambda s: f"{s.code} {s.title}")
def test_colour_and_a_narrow_terminal_change_no_word(snapshot: Snapshot):
    painted = said(snapshot, Style(colour=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == snapshot.wanted
    narrow = said(snapshot, Style(width=60))
    assert all(len(line) <= 61 for line in narrow.splitlines() if re.match(r" +[|\d]", line)
               and "^" not in line and "-" not in line)  # fmt: skip
