"""The page as it is served: no inline script, colours that can be read, one table of words."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pygments.token import Text, Whitespace

from cnnspec.editor import words
from cnnspec.editor.pygments import TOKENS, CnnLexer
from cnnspec.play.server import PAGE

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.cnn"))
STYLE = (PAGE / "page.css").read_text(encoding="utf-8")


def test_s21_the_page_runs_no_inline_script_and_loads_nothing_from_elsewhere():
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", html)
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in PAGE.glob("*")
        if path.suffix in (".js", ".css")
    )
    addresses = set(re.findall(r"https?://[\w./-]*", html + sources))
    assert addresses <= {"http://www.w3.org/2000/svg"}


def test_s21_texts_reach_the_document_as_text():
    """No markup is made from strings but a figure of ours, and that as a document of its own."""
    script = (PAGE / "app.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)
    assert script.count("parseFromString") == 1


def themes() -> list[dict[str, str]]:
    found = [dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in STYLE.split(":root {")[1:]]
    assert len(found) == 2 and found[0].keys() == found[1].keys()
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", themes(), ids=["light", "dark"])
def test_every_colour_of_text_can_be_read(theme: dict[str, str]):
    """WCAG 2 AA: 4.5 to 1 on the ground, and on the ground of what is chosen."""
    texts = theme.keys() - {"ground", "line", "chosen"}
    low = {
        f"{name} on {ground}": contrast(theme[name], theme[ground])
        for name in texts
        for ground in ("ground", "chosen")
        if contrast(theme[name], theme[ground]) < 4.5
    }
    assert not low
    assert contrast("#777777", "#ffffff") < 4.5 < contrast("#767676", "#ffffff")


def test_the_table_of_words_is_written_for_every_highlighter():
    for path, write in words.WRITTEN.items():
        assert (ROOT / path).read_text(encoding="utf-8") == write()


def node(script: str, given: str) -> str:
    """What a script says of the standard input."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed: the page's colours are JavaScript")
    done = subprocess.run(
        [program, "--input-type=module", "-e", script], input=given, capture_output=True,
        text=True, encoding="utf-8", check=False, cwd=ROOT, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


READ = """
import {{ readFileSync, writeFileSync }} from "node:fs";
import {{ words }} from "{module}";
const texts = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map(words)));
"""


def pygments(text: str) -> list[list[str]]:
    kinds = {token: kind for kind, token in TOKENS.items()}
    found = [(kind, word) for kind, word in CnnLexer().get_tokens(text) if kind is not Whitespace]
    assert not [word for kind, word in found if kind is Text]
    return [[kinds[kind], word] for kind, word in found]


def coloured_by(module: Path) -> list[list[list[str]]]:
    texts = [path.read_text(encoding="utf-8") for path in SPECS]
    return json.loads(node(READ.format(module=module.as_uri()), json.dumps(texts)))


def test_the_page_colours_every_spec_as_pygments_does():
    found = coloured_by(PAGE / "colour.js")
    for path, coloured in zip(SPECS, found, strict=True):
        assert coloured == pygments(path.read_text(encoding="utf-8")), path.name


def test_codemirror_colours_every_spec_as_pygments_does():
    """CodeMirror joins neighbours of one kind: so does the other side."""
    built = PAGE / "built" / "editor.js"
    if not built.is_file():
        pytest.skip("CodeMirror has not been built: `make playground` needs npm")
    found = coloured_by(built)
    for path, coloured in zip(SPECS, found, strict=True):
        wanted = pygments(path.read_text(encoding="utf-8"))
        assert joined(coloured) == joined(wanted), path.name


def joined(found: list[list[str]]) -> list[tuple[str, str]]:
    """Kinds with their letters; which words stand together is the parser's affair."""
    out: list[tuple[str, str]] = []
    for kind, word in found:
        if out and out[-1][0] == kind:
            out[-1] = kind, out[-1][1] + word
        else:
            out.append((kind, word))
    return out
