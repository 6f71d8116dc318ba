"""Signs where the terminal has them, ASCII elsewhere."""

import io

import pytest

from cnnspec.report.signs import ascii_signs, has_signs


def stream(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize(
    ("encoding", "environment", "signs"),
    [
        ("utf-8", {}, True),
        ("utf-8", {"LANG": "de_DE.UTF-8"}, True),
        ("utf-8", {"LANG": "C.UTF-8"}, True),
        ("gb18030", {"LANG": "zh_CN.GB18030"}, True),
        ("ascii", {}, False),
        ("latin-1", {"LANG": "de_DE.ISO-8859-1"}, False),
        ("cp1252", {}, False),
        ("utf-8", {"LANG": "C"}, False),
        ("utf-8", {"LANG": "POSIX"}, False),
        ("utf-8", {"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, False),
        ("utf-8", {"LC_ALL": "de_DE.UTF-8", "LANG": "C"}, True),
        ("utf-8", {"LC_CTYPE": "C.UTF-8", "LANG": "C"}, False),
        ("utf-8", {"LC_CTYPE": "C.UTF-8"}, True),
        ("utf-8", {"LC_CTYPE": "de_DE.UTF-8", "LANG": "C"}, True),
        ("utf-8", {"LC_ALL": "C", "PYTHONIOENCODING": "utf-8"}, True),
        ("utf-8", {"LC_ALL": "C", "PYTHONUTF8": "1"}, True),
        ("ascii", {"PYTHONIOENCODING": "ascii"}, False),
    ],
)
def test_13_6_who_gets_signs(encoding, environment, signs):
    assert has_signs(stream(encoding), environment) is signs


def test_13_6_letters_are_left_alone():
    assert ascii_signs("표 6-1 · 3x8 → 2 ──") == "표 6-1 - 3x8 -> 2 --"
