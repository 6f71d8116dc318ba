"""The table of codes is complete and well formed."""

import re
from pathlib import Path

import cnnspec
from cnnspec.codes import CODES, PAGES

PACKAGE = Path(cnnspec.__file__).parent


def used() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    return {code for text in texts for code in re.findall(r'"([EW]\d{4})"', text)}


def test_every_code_that_the_package_uses_has_a_title():
    assert used() <= set(CODES)


def test_titles_are_one_short_line():
    for code, title in CODES.items():
        assert re.fullmatch(r"[EW]\d{4}", code)
        assert "\n" not in title
        assert len(title) < 72


def test_pages_are_of_known_codes():
    assert set(PAGES) <= set(CODES)
