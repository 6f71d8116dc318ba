"""What messages say to write, as edits (design: live, V0; ADR in docs/adr)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnspec.analyses.checking import check_unit
from cnnspec.cli.app import run
from cnnspec.codes import Page, pages
from cnnspec.diagnostics import Diagnostic, Fix
from cnnspec.editor.checking import checking
from cnnspec.editor.fixes import applied, mended, offered
from cnnspec.elaborate.workspace import Workspace
from cnnspec.source import Source

ROOT = Path(__file__).parents[2]
ERRORS = ROOT / "tests" / "errors"
HERE = str(ROOT / "specs" / "net.cnn")
"""Where the texts stand as if they were files there: imports of families are found."""

PAGES = [p for p in pages().values() if not (p.grow or p.command or p.options)]
PAGES = [p for p in PAGES if p.encoding == "utf-8"]
WITHOUT = set(
    """
    E0002 E0015 E0019 E0109 E0110 E0114 E0115 E0117 E0122 E0201 E0202 E0203 E0205 E0208 E0210 E0211
    E0303 E0307 E0312 E0314 E0404 E0502 W0205 W0207 W0209
    """.split()
)
"""Codes whose example has no fix: their message gives nothing to type, or a choice to make."""


def found(text: str) -> list[Diagnostic]:
    """What the compiler says of a text, without any help of the editor's."""
    workspace = Workspace()
    unit = workspace.read_text(text, "net.cnn", HERE)
    if unit is not None:
        check_unit(workspace, unit)
    workspace.finish()
    return list(workspace.diagnostics)


def fixes(page: Page) -> tuple[Fix, ...]:
    check = checking(Source("net.cnn", page.file, HERE))
    said = check(page.file)
    return offered(next(d for d in said if d.code == page.code), said, check)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_each_fix_of_an_example_removes_its_own_diagnostic(page: Page):
    offers = fixes(page)
    assert bool(offers) == (page.code not in WITHOUT)
    before = found(page.file)
    for fix in offers:
        after = found(applied(page.file, fix))
        assert page.code not in {d.code for d in after}, fix
        assert len(after) <= len(before) or page.code < "E03", fix


def test_most_examples_have_a_fix():
    assert len([page for page in PAGES if page.code not in WITHOUT]) >= 45


def test_what_is_sure_says_one_thing_to_write():
    """A fix that `check --fix` applies is the only one offered, or the first of one meaning."""
    sure = {page.code for page in PAGES if any(fix.sure for fix in fixes(page))}
    assert sure >= set("E0001 E0010 E0011 E0012 E0014 E0018 E0021 E0101 E0102 E0103".split())
    assert not sure & set("E0107 E0120 E0301 E0304 E0401 E0402 E0403 W0208".split())


def mended_file(path: Path) -> tuple[str, list[Diagnostic]]:
    source = Source(path.name, path.read_text(encoding="utf-8"), HERE)
    text, _ = mended(source.text, checking(source))
    return text, [d for d in found(text) if d.code[0] == "E"]


def test_newcomers_files_come_out_right():
    """27 of 40, and 20 of them count as the file does that a person repaired by the messages.

    More come right as the language grows: fewer is a loss.
    """
    right = same = 0
    for path in sorted((ERRORS / "newcomer").glob("*.cnn")):
        text, errors = mended_file(path)
        right += not errors
        repaired = path.parent / "repaired" / path.name
        if not errors and repaired.exists():
            same += figures(text) == figures(repaired.read_text(encoding="utf-8"))
    assert right >= 27 and same >= 20


def test_files_with_one_mistake_come_out_right():
    """26 of 40: what is left asks for a decision, or for a figure that only a person knows."""
    files = sorted((ERRORS / "newcomer2").glob("*.cnn"))
    assert sum(not mended_file(path)[1] for path in files) >= 26


def figures(text: str) -> list[object]:
    workspace = Workspace()
    unit = workspace.read_text(text, "net.cnn", HERE)
    assert unit is not None
    return [(n.name, n.params, n.macs, n.outputs) for n in check_unit(workspace, unit)]


BROKEN = "net it {\r\n  input 3x8x8\r\n  conv 4 3x3\r\n  flaten\r\n  liner 10\r\n}\r\n"


def test_check_fix_writes_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "it.cnn"
    path.write_bytes(b"\xef\xbb\xbf" + BROKEN.encode())
    status = run(["check", "--fix", str(path)])
    done = capsys.readouterr()
    fixed = BROKEN.replace("4 3x3", "4, 3x3").replace("flaten", "flatten")
    assert path.read_bytes() == b"\xef\xbb\xbf" + fixed.replace("liner", "linear").encode()
    assert done.err.count("fixed: ") == 3
    assert status == 0


def test_json_holds_fixes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "it.cnn"
    path.write_bytes(BROKEN.encode())
    assert run(["check", "--format", "json", str(path)]) == 1
    out = capsys.readouterr().out
    assert path.read_bytes() == BROKEN.encode()
    (fix,) = json.loads(out)["diagnostics"][0]["fixes"]
    assert fix["sure"] and fix["edits"][0]["text"] == "conv 4, 3x3"
    start = fix["edits"][0]["span"]["start"]
    assert (start["line"], start["column"]) == (3, 3)


def test_a_wrong_place_is_not_offered():
    """The proof is what keeps a rule's wrong guess out: `write `relu`` is tried elsewhere first."""
    text = "net it {\n  input 3x8x8\n  x = relu x\n}\n"
    check = checking(Source("net.cnn", text, HERE))
    said = check(text)
    (first, *_) = offered(said[0], said, check)
    assert applied(text, first) == "net it {\n  input 3x8x8\n  relu\n}\n"
