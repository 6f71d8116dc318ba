"""The table of codes: complete, in use, and every page's example makes exactly its code (L31)."""

import re
from pathlib import Path

import pytest

import cnnspec
from cnnspec.cli.app import run
from cnnspec.codes import pages, points, title
from cnnspec.report import manual

PACKAGE = Path(cnnspec.__file__).parent
FOLDER = PACKAGE.parent / "docs" / "errors"
CODE = re.compile(r'"([EW]\d{4})"')
PAGES = list(pages().values())
CHECKED = [page for page in PAGES if not page.command]
REFUSED = [page for page in PAGES if page.command]


def used() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    return {code for text in texts for code in CODE.findall(text)}


def test_the_table_has_the_codes_in_use_and_no_others():
    assert used() == set(pages())


def test_titles_are_one_short_line_and_tell_codes_apart():
    titles = [page.title for page in PAGES]
    assert len(set(titles)) == len(titles)
    assert all(0 < len(text) <= 75 and "\n" not in text for text in titles)
    assert list(pages()) == sorted(pages())
    assert title("E0101") == "an unknown name"
    assert title("E9999") == "a defect of the spec"
    assert (points("E0301"), points("E0101"), points("E9999")) == (True, False, False)


@pytest.mark.parametrize("page", CHECKED, ids=lambda page: page.code)
def test_the_example_has_this_and_nothing_else_wrong(page):
    assert [d.code for d in manual.diagnose(page)] == [page.code]


@pytest.mark.parametrize("page", REFUSED, ids=lambda page: page.code)
def test_13_6_an_example_that_another_command_refuses(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    name, *options = page.command
    said = {}
    for status, text in ((1, page.example), (0, page.instead)):
        Path("net.cnn").write_text(text)
        assert run(["check", "net.cnn", "--strict"]) == 0
        capsys.readouterr()
        assert run([name, "net.cnn", *options]) == status
        said[status] = capsys.readouterr()
    assert (said[1].out, said[1].err) == ("", page.says)
    assert (bool(said[0].out), said[0].err) == (True, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_the_repaired_file_has_nothing_wrong(page):
    assert manual.diagnose(page, page.instead) == []
    assert page.instead != page.example


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_a_page_says_what_and_why_in_a_terminal(page):
    text = manual.text_page(page)
    assert text.startswith(f"{page.code}: {page.title}\n\n")
    words = " ".join(text.split())
    assert " ".join(page.what.split()) in words
    assert " ".join(page.why.split()) in words
    assert all(c == "\n" or c.isprintable() for c in text)
    prose = text.partition("Example")[0]
    assert all(len(line) <= 96 for line in prose.splitlines())


@pytest.mark.parametrize("name", ["README.md", *(f"{code}.md" for code in pages())])
def test_docs_errors_is_what_make_errors_writes(name, request):
    made = manual.index() if name == "README.md" else manual.markdown_page(pages()[name[:5]])
    if request.config.getoption("--update-golden"):
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / name).write_text(made, encoding="utf-8")
    assert (FOLDER / name).read_text(encoding="utf-8") == made


def test_docs_errors_has_no_page_of_a_code_that_is_gone(tmp_path):
    assert {path.name for path in FOLDER.iterdir()} == set(manual.files())
    (tmp_path / "E9999.md").write_text("gone")
    manual.write(str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == set(manual.files())
