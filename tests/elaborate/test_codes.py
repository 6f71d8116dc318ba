"""The table of codes: every code in use is in it, every code in it is in use."""

import re
from pathlib import Path

from cnnspec.codes import CODES, PAGES, title

PACKAGE = Path(__file__).resolve().parents[2] / "cnnspec"
CODE = re.compile(r'"([EW]0\d{3})"')


def used() -> set[str]:
    return {
        code
        for path in PACKAGE.rglob("*.py")
        if path.name != "codes.py"
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }


def test_the_table_has_the_codes_in_use_and_no_others():
    assert used() == set(CODES)


def test_titles_are_one_line_and_tell_codes_apart():
    assert len(set(CODES.values())) == len(CODES)
    assert all(0 < len(text) <= 75 and "\n" not in text for text in CODES.values())
    assert list(CODES) == sorted(CODES)
    assert title("E0101") == "an unknown name"
    assert title("E9999") == "a defect of the spec"


def test_pages_are_of_codes_and_fit_a_terminal():
    assert set(PAGES) <= set(CODES)
    assert all(len(line) <= 96 for page in PAGES.values() for line in page.splitlines())
