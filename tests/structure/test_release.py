"""What a release says of itself is one thing in all its files."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_v5_one_version_everywhere():
    assert f"\nversion: {version()}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\n## {version()} (" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    package = ROOT / "editors" / "vscode" / "package.json"
    assert json.loads(package.read_text("utf-8"))["version"] == version()


def test_v5_the_package_says_that_it_is_typed():
    assert (ROOT / "cnnspec" / "py.typed").is_file()


@pytest.mark.parametrize("file", [".pre-commit-hooks.yaml", "action.yml"])
def test_v5_hooks_call_commands_that_there_are(file: str):
    from cnnspec.cli.app import COMMANDS

    text = (ROOT / file).read_text("utf-8")
    called = re.findall(r"(?:entry: |then |^ +)cnnspec (\w+)", text, re.MULTILINE)
    assert called
    assert set(called) <= set(COMMANDS)


def test_v5_fragments_have_a_kind():
    kinds = {"added", "changed", "fixed", "removed"}
    names = [file.name for file in (ROOT / "changes").glob("*.md") if file.name != "README.md"]
    assert [name for name in names if name.split(".")[-2] not in kinds] == []


NOT_OURS = re.compile(r"https?://(?:[\w.-]+\.)?(?:github\.com/cnnspec|cnnspec\.\w+)")


def test_v5_no_address_that_nothing_establishes():
    places = ["cnnspec", "docs", "editors", "templates", "README.md", "CONTRIBUTING.md"]
    texts = [f for place in places for f in [ROOT / place, *(ROOT / place).rglob("*")]]
    read = {".py", ".md", ".toml", ".json", ".js", ".yml", ".yaml", ".j2", ".html"}
    said = [
        str(file.relative_to(ROOT))
        for file in texts
        if file.is_file() and file.suffix in read and "node_modules" not in file.parts
        and NOT_OURS.search(file.read_text("utf-8", "replace"))
    ]  # fmt: skip
    assert said == []


def link_targets(page: Path) -> list[str]:
    """What links and pictures of a page of Markdown lead to, but addresses and its own parts."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    return [one.partition("#")[0] for one in found if not re.match(r"https?:|mailto:|#", one)]


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")), ids=lambda p: p.name)
def test_v5_links_of_the_first_pages_lead_somewhere(page: Path):
    assert [target for target in link_targets(page) if not (ROOT / target).exists()] == []


def test_v5_readme_has_links():
    assert len(link_targets(ROOT / "README.md")) >= 15
