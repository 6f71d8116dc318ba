"""Forty more files of a newcomer's mistakes, as they were typed, and what is said of each first.

`newcomer2/first_messages.txt` holds the first error of each, or the first warning where there is
none (`pytest FILE --update-golden` writes it).  `TYPED` says what somebody must be able to copy
from it; what stands in `NEVER` was said once, and was false or led nowhere.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnnspec.report.text import render
from tests.language.harness import check

FOLDER = Path(__file__).with_name("newcomer2")
GOLDEN = FOLDER / "first_messages.txt"
FILES = sorted(FOLDER.glob("*.cnn"))
SPECS = Path(__file__).parents[2] / "specs"

TYPED = {
    "06": "write `input 3x224x224`",
    "08": "`conv c, 1x1/2` in place of `skip`",
    "09": "`maxpool 3x3/1, pad=1`",
    "10": "`=> 16x10x10`",
    "16": "`stage2: {`",
    "20": "did you mean `block`?",
    "22": "such as `conv 64, 3x3`",
    "23": "did you mean `enc2`?",
    "24": "`share left`",
    "29": "`linear classes -> softmax`",
    "30": "`block residual(c, groups = 4)`",
    "31": "above line 8",
    "33": "did you mean `families/vgg.cnn`?",
    "34": "and here",
    "36": "write `143_667_240`",
    "38": "did you mean `size`?",
}
NEVER = {
    "08": "conv 64, 1x1",
    "09": "a convolution or pool of stride 2",
    "10": "8x18x18",
    "16": "write `{",
    "22": "7x7/2",
    "30": "unit(",
    "31": "nothing called",
    "36": "->`",
}


def first(path: Path) -> str:
    """The first error of a file, else its first warning, as it is printed; imports are specs'."""
    found = check(path.read_text(encoding="utf-8"), name=path.name, path=str(SPECS / path.name))
    return render((found.errors or found.found)[:1])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_g4_the_first_message_of_a_newcomers_file(path: Path, request: pytest.FixtureRequest):
    if request.config.getoption("--update-golden"):
        text = "\n".join(f"=== {p.name}\n{first(p)}" for p in FILES)
        GOLDEN.write_text(text, encoding="utf-8")
    golden = GOLDEN.read_text(encoding="utf-8")
    said = dict(re.findall(r"^=== (\S+)\n(.*?)(?=\n=== |\Z)", golden, re.M | re.S))
    assert first(path).rstrip() == said[path.name].rstrip()


@pytest.mark.parametrize("name", TYPED)
def test_g4_the_first_message_says_what_to_type(name: str):
    assert TYPED[name] in first(FOLDER / f"{name}.cnn")


@pytest.mark.parametrize("name", NEVER)
def test_g4_the_first_message_says_nothing_false(name: str):
    assert NEVER[name] not in first(FOLDER / f"{name}.cnn")


def test_g4_forty_files():
    assert len(FILES) == 40
