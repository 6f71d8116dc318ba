"""The manual page of a code: for the terminal, and as Markdown in docs/errors/.

`python -m cnnspec.report.manual docs/errors` writes the folder again.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import fill, indent
from typing import TYPE_CHECKING

from cnnspec import codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnnspec.codes import Page
    from cnnspec.diagnostics import Diagnostic

NAME = "net.cnn"
WIDTH = 96
_PATH = "/nowhere/of-an-example/net.cnn"
"""Where an example pretends to be: a place with nothing beside it to import."""


def diagnose(page: Page, text: str | None = None) -> list[Diagnostic]:
    """What `check` finds in the page's example, or in `text` in its place."""
    from cnnspec.analyses.checking import Overrides, check_unit
    from cnnspec.elaborate.workspace import Workspace

    workspace = Workspace()
    data = page.file.encode(page.encoding) if text is None else text.encode()
    unit = workspace.read_bytes(data, NAME, _PATH)
    if unit is not None:
        check_unit(workspace, unit, overrides=Overrides(input=_input(page)))
    workspace.finish()
    return list(workspace.diagnostics)


def _input(page: Page) -> tuple[int, ...] | None:
    sizes = page.options[1] if page.options else ""
    return tuple(map(int, sizes.split("x"))) if sizes else None


def says(found: Iterable[Diagnostic]) -> str:
    """The message as text, without the line that points to the page itself."""
    from cnnspec.report.text import render

    lines = render(found).splitlines()
    if lines and lines[-1].endswith(f"see: cnnspec explain {lines[0][6:11]}"):
        lines.pop()
    kept = [line for line in lines if " = see: cnnspec explain " not in line]
    if kept and kept[-1].strip() == "|":
        kept.pop()
    return "\n".join(kept) + "\n"


def _said(page: Page) -> str:
    """What the example is told: by `check`, else by the command that refuses it."""
    return page.says or says(diagnose(page))


def text_page(page: Page) -> str:
    """The page for a terminal."""
    remark = f" ({page.remark})" if page.remark else ""
    return (
        f"{page.code}: {page.title}\n\n{_filled(page.what)}\n\n{_filled(page.why)}\n\n"
        f"Example{remark}:\n\n{_block(page.example)}\n"
        f"What it says:\n\n{_block(_said(page))}\n"
        f"Instead:\n\n{_block(page.instead)}"
    )


def _filled(text: str) -> str:
    return fill(" ".join(text.split()), WIDTH, break_on_hyphens=False, break_long_words=False)


def _block(text: str) -> str:
    from cnnspec.report.escape import terminal

    shown = "".join(terminal(line.rstrip("\n")) + "\n" for line in text.splitlines())
    return indent(shown, "    ")


def markdown_page(page: Page) -> str:
    """The page as Markdown."""
    remark = f" ({page.remark})" if page.remark else ""
    return (
        f"# {page.code}: {page.title}\n\n{page.what.strip()}\n\n{page.why.strip()}\n\n"
        f"## Example{remark}\n\n{_fenced(page.example, 'cnn')}\n"
        f"## What it says\n\n{_fenced(_said(page))}\n"
        f"## Instead\n\n{_fenced(page.instead, 'cnn')}\n"
        f"[All codes](README.md) · `cnnspec explain {page.code}`\n"
    )


def _fenced(text: str, language: str = "") -> str:
    from cnnspec.report.escape import terminal

    shown = "".join(terminal(line) + "\n" for line in text.splitlines())
    return f"```{language}\n{shown}```\n"


_PARTS = {
    "E00": "Text, tokens and limits",
    "E01": "Names, arguments and declarations",
    "E02": "Expressions",
    "E03": "Shapes",
    "E04": "Claims",
    "E05": "Generated code",
    "E06": "Figures",
    "W02": "Warnings",
}


def index() -> str:
    """The list of all pages, by part of the compiler."""
    return "".join(_index())


def _index() -> Iterator[str]:
    yield "# Errors and warnings\n\n"
    yield "Made from `cnnspec/codes.toml` by `make errors`; `cnnspec explain CODE` shows a page.\n"
    part = ""
    for code, page in codes.pages().items():
        if _PARTS[code[:3]] != part:
            part = _PARTS[code[:3]]
            yield f"\n## {part}\n\n| code | is |\n|---|---|\n"
        yield f"| [{code}]({code}.md) | {page.title} |\n"


def files() -> dict[str, str]:
    """Every file of docs/errors/ by its name."""
    pages = {f"{code}.md": markdown_page(page) for code, page in codes.pages().items()}
    return {"README.md": index(), **pages}


def write(folder: str) -> None:
    """Write docs/errors/; a page whose code is gone is deleted."""
    made = files()
    Path(folder).mkdir(parents=True, exist_ok=True)
    for old in Path(folder).glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (Path(folder) / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    import sys

    write(sys.argv[1])
