"""docs/language.md: every example does what the page says, every table is true."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cnnspec.analyses.metrics import METRICS
from cnnspec.elaborate.records import (
    DATA,
    LIST_KEYS,
    OPTIMIZERS,
    PLAIN_KEYS,
    RECIPE_KEYS,
    SCHEDULES,
    SOURCES,
)
from cnnspec.ops import ops
from cnnspec.report.text import render
from cnnspec.syntax.words import RESERVED, STATEMENTS
from tests.language.harness import body, check, paths, said

PAGE = Path(__file__).resolve().parents[2].joinpath("docs/language.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(cnn|text)([^\n]*)\n(.*?)^```$", re.M | re.S)


class Example(NamedTuple):
    """A fenced block with the message that is shown below it."""

    line: int
    words: list[str]
    text: str
    shown: str


def examples() -> Iterator[Example]:
    blocks = list(FENCE.finditer(PAGE))
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        if block[1] == "text":
            continue
        shown = ""
        if after is not None and after[1] == "text" and after.start() == block.end() + 1:
            shown = after[3]
        yield Example(PAGE.count("\n", 0, block.start()) + 1, block[2].split(), block[3], shown)


EXAMPLES = list(examples())


def test_every_block_is_an_example():
    assert len(EXAMPLES) >= 30
    assert PAGE.count("```text\n") == sum(bool(e.shown) for e in EXAMPLES)
    assert PAGE.count("\n```\n") == len(FENCE.findall(PAGE))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"line {e.line}")
def test_an_example_does_what_the_page_says(example: Example):
    words = list(example.words)
    expected = words[1:2] if words[:1] in (["error"], ["warning"]) else []
    words = words[2:] if expected else words
    text = body(example.text, *words[1:]) if words[:1] == ["body"] else example.text
    result = check(text)
    assert result.codes == expected, said(result.found)
    rendered = render(result.found).splitlines()
    for line in example.shown.splitlines():
        assert line in rendered
    assert bool(example.shown) <= bool(expected)


def rows(heading: str) -> list[list[str]]:
    """The rows of the table that begins with a head row."""
    start = PAGE.index(heading)
    lines = PAGE[start:].split("\n\n", 1)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


PRELUDE = next(e.text for e in EXAMPLES if e.words == ["prelude"])
NAMES = rows("| written | paths | because |")


@pytest.mark.parametrize("row", NAMES, ids=lambda row: row[0])
def test_l18_the_table_of_names_is_true(row: list[str]):
    written, wanted, because = row
    found = paths(PRELUDE + body(written.strip("`")))
    assert found == re.findall(r"`([^`]+)`", wanted)
    assert because


def test_the_table_of_names_is_complete():
    assert len(NAMES) >= 10


def test_every_rule_has_one_anchor_in_order():
    anchors = re.findall(r'<a id="(l\d+)"></a>\*\*(L\d+)\*\*', PAGE)
    assert anchors == [(f"l{n}", f"L{n}") for n in range(1, 41)]


def test_every_link_on_the_page_leads_somewhere():
    headings = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-")
                for h in re.findall(r"^## (.*)$", PAGE, re.M)}  # fmt: skip
    anchors = set(re.findall(r'<a id="(\w+)">', PAGE))
    for target in re.findall(r"\]\(#([^)]+)\)", PAGE):
        assert target in headings | anchors


def words_after(phrase: str) -> set[str]:
    text = PAGE[PAGE.index(phrase) + len(phrase) :].split("\n\n", 1)[0]
    return set(re.findall(r"`(\w+)`", text))


def test_l05_the_words_are_those_of_the_language():
    assert words_after("are no labels:") == STATEMENTS
    assert words_after("parameters or `let`s:") == RESERVED - STATEMENTS


def test_the_ops_are_all():
    assert words_after("(`cnnspec explain NAME`):") == set(ops())


def test_l27_the_metrics_are_all():
    text = " ".join(" ".join(row) for row in rows("| metric | is |"))
    found = set(re.findall(r"`(\w+)", text))
    assert set(METRICS) - {"params_all"} <= found
    assert found - {"op", "path", "all"} <= set(METRICS)


def test_l30_the_keys_are_all():
    table = {
        name: row[1] for row in rows("| key | value |") for name in re.findall(r"`(\w+)`", row[0])
    }
    assert set(table) == {*RECIPE_KEYS, *PLAIN_KEYS, *LIST_KEYS, "loss"}
    assert set(DATA) < set(re.findall(r"`(\w+)`", table["data"]))
    for key, known in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
        found = re.findall(r"`(\w+)\(([^)]*)\)`", table[key])
        assert {n: tuple(a.split(", ")) if a else () for n, a in found} == known


def test_l01_the_sources_are_all():
    (row,) = [r for r in rows("| declaration | is |") if r[0].startswith("`source")]
    assert tuple(re.findall(r"`(\w+)`", row[1])) == SOURCES
