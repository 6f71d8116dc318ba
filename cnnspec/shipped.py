"""Where specs lie: below the working directory, and among those that come with the package."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

SUFFIX = ".cnn"
SEARCHED = ("torchvision", "more")
"""The folders of specs/ where a bare name is looked for after specs/ itself, in order."""

_NET = r"(?m)^net[ \t]+([A-Za-z_][A-Za-z0-9_]*)"
_READ_MAX = 262_144
"""A spec is no larger (S5)."""


def spec_files(directory: str) -> list[str]:
    """Every spec below a directory in order of name; folders that begin with a dot are left out."""
    found = []
    for folder, inner, files in os.walk(directory):
        inner[:] = sorted((n for n in inner if not n.startswith(".")), key=_natural)
        specs = (name for name in files if name.endswith(SUFFIX))
        found += [str(Path(folder) / name) for name in sorted(specs, key=_natural)]
    return found


def _natural(name: str) -> list[tuple[int, str]]:
    """Order by numbers as numbers: resnet18 before resnet101, resnet34 before resnet34_a."""
    words = re.findall(r"[0-9]+|[^0-9]+", name.removesuffix(SUFFIX))
    return [(int(word), "") if word.isdigit() else (-1, word) for word in words]


def by_name(name: str) -> tuple[str, str] | None:
    """The file `NAME.cnn`, else the first that declares a net of the name, with the net (G5)."""
    for folder in folders():
        if (file := folder / f"{name}{SUFFIX}").is_file():
            return str(file), ""
    for folder in folders():
        for path in searched(folder):
            if name in declared(Path(path)):
                return path, name
    return None


def searched(folder: Path) -> list[str]:
    """The files of a folder of specs in the order in which a bare name is looked for."""
    first = [path for inner in SEARCHED for path in spec_files(str(folder / inner))]
    return list(dict.fromkeys([*first, *spec_files(str(folder))]))


def declared(file: Path) -> list[str]:
    """The nets that a file declares, read without the parser."""
    try:
        with file.open(encoding="utf-8", errors="replace") as text:
            return re.findall(_NET, text.read(_READ_MAX))
    except OSError:
        return []


_FIGURE = r"(?m)((?:^##[^\n]*\n)*)^figure[ \t]+([A-Za-z_]\w*)"


def figures_of(file: Path) -> list[tuple[str, str]]:
    """The figures that a file declares with their documentation, read without the parser."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")[:_READ_MAX]
    except OSError:
        return []
    return [
        (name, "\n".join(line.removeprefix("##").strip() for line in doc.splitlines()))
        for doc, name in re.findall(_FIGURE, text)
    ]


def folders() -> Iterator[Path]:
    """Where bare names are looked up: below the working directory first."""
    from cnnspec import resources

    yield Path("specs")
    try:
        yield resources.specs()
    except FileNotFoundError:
        return


def near(name: str) -> str:
    """`did you mean ...?` for a name that no file has, else nothing."""
    from cnnspec.diagnostics import did_you_mean

    known = {file.stem for folder in folders() for file in folder.glob(f"*{SUFFIX}")}
    files = (Path(path) for folder in folders() for path in searched(folder))
    known |= {net for file in files for net in declared(file)}
    return did_you_mean(name, sorted(known))
