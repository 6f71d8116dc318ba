"""The site that `make docs` built: its links lead somewhere, its examples open in the playground.

What needs the built site says so where there is none; what an address holds is tested without it.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from runpy import run_path
from urllib.parse import unquote, urlsplit

import pytest

from tests.language.harness import check
from tests.play.browser import chromium, node, served

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SITE = DOCS / "_build"
FENCE = re.compile(r"^```cnn\b([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(SITE.rglob("*.html")) if (SITE / "index.html").is_file() else []
PAGES = [page for page in PAGES if "playground" not in page.relative_to(SITE).parts]
OPENING = run_path(str(DOCS / "opening.py"))
built = pytest.mark.skipif(not PAGES, reason="the site is not built: `make docs`")
played = pytest.mark.skipif(
    not (SITE / "playground").is_dir(),
    reason="the site has no playground: `make docs` where there is npm",
)


def fences(page: Path) -> list[tuple[list[str], str]]:
    """The words and the text of each example of a page."""
    return [(m[1].split(), m[2]) for m in FENCE.finditer(page.read_text(encoding="utf-8"))]


def sources() -> Iterator[Path]:
    yield from (p for p in sorted(DOCS.rglob("*.md")) if SITE not in p.parents and fences(p))


def opened(address: str) -> str:
    """The text that an address of the playground holds, read as its page does."""
    packed = address.partition("#")[2]
    data = zlib.decompress(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), wbits=-15)
    held = json.loads(data)
    assert held["name"] == "net.cnn"
    return held["text"]


class Reader(HTMLParser):
    """What a page refers to, the ids it has, and each link of an example with its code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.examples: list[tuple[str, str]] = []
        self._inside = ""
        self._code = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if "href" in given:
            (self.loaded if tag == "link" else self.targets).append(given["href"])
        if "src" in given:
            self.loaded.append(given["src"])
        if tag == "pre":
            self._inside, self._code = "pre", ""
        if tag == "p" and given.get("class") == "playground":
            self._inside = "link"
        if tag == "a" and self._inside == "link":
            self.examples.append((self._code, given["href"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("pre", "p"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "pre":
            self._code += data


@pytest.fixture(scope="module")
def read() -> dict[Path, Reader]:
    return {page: Reader(page.read_text(encoding="utf-8")) for page in PAGES}


# --- what a link holds ---


@pytest.mark.parametrize("page", [*sources()], ids=lambda p: p.relative_to(DOCS).as_posix())
def test_v4_a_link_holds_its_fence(page: Path):
    for words, text in fences(page):
        file = OPENING["whole"](words, text)
        assert opened(f"#{OPENING['link'](file)}") == file
        if "body" in words:
            assert [line.strip() for line in file.splitlines()[3:-1]] == [
                line.strip() for line in text.splitlines()
            ]
        else:
            assert file == text


def test_v4_what_a_link_opens_is_told_what_the_page_says():
    for words, text in fences(DOCS / "language.md"):
        expected = words[1:2] if words[:1] in (["error"], ["warning"]) else []
        assert check(OPENING["whole"](words, text)).codes == expected, text


# --- the pages as they were built ---


@built
@played
def test_v4_every_example_has_its_link(read: dict[Path, Reader]):
    for page in sources():
        reader = read[(SITE / page.relative_to(DOCS)).with_suffix(".html")]
        assert len(reader.examples) == len(fences(page)), page
        for (words, text), (shown, address) in zip(fences(page), reader.examples, strict=True):
            assert shown.strip() == text.strip(), page
            held = opened(address)
            assert held == text if "body" not in words else text.split() == held.split()[5:-1]


@built
def test_v4_every_link_of_the_site_leads_somewhere(read: dict[Path, Reader]):
    dead = []
    for page, reader in read.items():
        for target in reader.targets:
            address = urlsplit(target)
            if address.scheme or not (address.path or address.fragment):
                continue
            file = (page.parent / unquote(address.path)).resolve() if address.path else page
            if "playground" in file.relative_to(SITE).parts:
                found = file.is_file()
            else:
                other = read.get(file)
                found = other is not None and unquote(address.fragment) in {*other.ids, ""}
                found |= other is None and file.is_file()
            if not found:
                dead.append(f"{page.relative_to(SITE)}: {target[:80]}")
    assert dead == []


@built
def test_v4_no_page_loads_from_elsewhere(read: dict[Path, Reader]):
    for page, reader in read.items():
        assert [a for a in reader.loaded if urlsplit(a).scheme not in ("", "data")] == [], page
        for address in reader.loaded:
            path = urlsplit(address).path
            assert not path or (page.parent / unquote(path)).is_file(), (page, address)


@built
@played
def test_v4_a_link_opens_the_example_in_the_playground():
    """A whole file from the first page, and the inside of a net from a folder's page."""
    wanted = ["tutorial:0", "errors/E0301:1"]
    with served(SITE) as address:
        report = node("drive_site.mjs", address, chromium(), str(SITE), *wanted)
    assert report["complaints"] == []
    assert set(report["origins"]) <= {address.rstrip("/"), "blob"}
    first, second = (report["opened"][one] for one in wanted)
    assert first["text"] == first["shown"] and first["problems"] == ["error[E0301] "]
    assert second["text"] == second["shown"] and second["problems"] == []
    assert report["file"].startswith("this page needs a web server")
