"""G3 18: every command refuses what `check` refuses, with the same diagnostics."""

import re

import pytest

from cnnspec.codes import Page, pages

ERRORS = [page for code, page in pages().items() if code.startswith("E") and not page.command]
HEADLINE = re.compile(r"^error\[.*$", re.MULTILINE)

WRITERS = {
    "gen": ("gen", "net.cnn"),
    "gen onnx": ("gen", "net.cnn", "--target", "torch,onnx"),
    "gen --check": ("gen", "net.cnn", "--check"),
    "draw": ("draw", "net.cnn", "-o", "it.svg"),
    "draw table": ("draw", "net.cnn", "-o", "it.md", "--style", "table"),
    "train": ("train", "net.cnn"),
    "diff -o": ("diff", "lenet5", "net.cnn", "-o", "it.svg"),
    "field -o": ("field", "net.cnn", "-o", "it.svg"),
    "sweep -o": ("sweep", "net.cnn", "--input", "3x32x32", "-o", "it.svg"),
}
MEASURERS = {
    "summary": ("summary", "net.cnn"),
    "summary json": ("summary", "net.cnn", "--format", "json"),
    "summary --memory": ("summary", "net.cnn", "--memory"),
    "summary --device": ("summary", "net.cnn", "--device", "h100"),
    "field": ("field", "net.cnn"),
    "sizes": ("sizes", "net.cnn"),
    "sizes --at": ("sizes", "net.cnn", "--at", "64"),
    "diff": ("diff", "net.cnn", "net.cnn"),
    "diff json": ("diff", "lenet5", "net.cnn", "--format", "json"),
    "sweep": ("sweep", "net.cnn", "--input", "3x32x32,3x64x64"),
    "claims": ("claims", "net.cnn"),
}
COMMANDS = WRITERS | MEASURERS


def is_claim(page: Page) -> bool:
    return page.code.startswith("E04")


WITHOUT_INPUT = ("diff", "sweep", "claims", "train")
"""Commands whose nets are as written; the trainer judges `--input` itself."""


@pytest.mark.parametrize("page", ERRORS, ids=lambda page: page.code)
def test_g3_18_every_command_refuses_what_check_refuses(cnnspec, folder, page):
    (folder / "net.cnn").write_bytes(page.file.encode(page.encoding))
    checked = HEADLINE.findall(cnnspec("check", "net.cnn", *page.options).out)
    assert len(checked) == 1
    for name, command in COMMANDS.items():
        if page.options and command[0] in WITHOUT_INPUT:
            continue
        before = {path.name for path in folder.iterdir()}
        if command[0] == "sweep" and "input 100\n" in page.example:
            command = tuple("100" if "x32" in word else word for word in command)
        done = cnnspec(*command, *page.options)
        assert (done.status, HEADLINE.findall(done.err)) == (1, checked), (name, done)
        assert {path.name for path in folder.iterdir()} == before, name
        if not is_claim(page) and name != "claims":
            assert done.out == "", name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("net it {\n  input 3x32x32\n  forward: conv 8, 3x3\n}\n", "E0501"),
        ("net it {\n  input 3x32x32\n  class: conv 8, 3x3\n}\n", "E0501"),
        ("net it {\n  input 3x32x32\n  __secret: conv 8, 3x3\n}\n", "E0501"),
        ("net T { input 3x8x8; relu }\nnet t { input 3x9x9; relu }\n", "E0502"),
        (
            "let n = 3\nrecipe plain { batch = conv(n) }\n"
            "net it {\n  input 3x32x32\n  flatten -> linear 10\n  train plain\n}\n",
            "E0",
        ),
    ],
    ids=["forward", "class", "secret", "T and t", "recipe"],
)
@pytest.mark.parametrize("name", COMMANDS)
def test_g3_18_errors_that_only_check_found(cnnspec, folder, text, code, name):
    (folder / "net.cnn").write_text(text)
    found = HEADLINE.findall(cnnspec("check", "net.cnn").out)
    assert found
    assert all(line.startswith(f"error[{code}") for line in found)
    done = cnnspec(*(w.replace("net.cnn", "net.cnn:T") if " t " in text else w
                     for w in COMMANDS[name]))  # fmt: skip
    assert (done.status, HEADLINE.findall(done.err)) == (1, found)
    assert not (folder / "generated").exists()


def test_g3_18_an_error_of_the_file_s_other_net_counts(cnnspec, folder):
    (folder / "net.cnn").write_text(
        "net first { input 3x8x8; relu }\nnet other { input 3x8x8; conv 8 }\n"
    )
    assert "error[E01" in cnnspec("summary", "net.cnn").err
    assert cnnspec("summary", "net.cnn:first").status == 0
    assert cnnspec("check", "net.cnn:first").status == 0


def test_g3_18_what_measures_shows_why_a_claim_fails(cnnspec, folder):
    (folder / "net.cnn").write_text("net first {\n  input 4\n  linear 2\n  claim params = 9\n}\n")
    for command in ("summary", "field", "sizes", "claims"):
        done = cnnspec(command, "net.cnn")
        assert done.status == 1
        assert done.out
        assert done.err.startswith("error[E0401]")
    done = cnnspec("gen", "net.cnn")
    assert (done.status, done.out, done.err[:12]) == (1, "", "error[E0401]")
    assert cnnspec("gen", "net.cnn", "--set", "x=1").status == 1
    assert cnnspec("summary", "net.cnn", "--input", "5").status == 0


def test_g3_18_all_of_specs_is_checked_too(cnnspec, folder):
    (folder / "specs" / "w.cnn").write_text("net w {\n  input 4\n  linear 2\n  claim params = 9\n}")
    for command in (("gen",), ("gen", "--check"), ("draw", "--all", "-o", "figures")):
        done = cnnspec(*command)
        assert (done.status, done.out, done.err[:12]) == (1, "", "error[E0401]")
    assert not (folder / "generated").exists()
