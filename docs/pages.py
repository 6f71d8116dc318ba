"""Pages that the code itself gives: commands, ops and the API, written before a build.

They lie in docs/reference/, which git does not keep.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import rooms

HERE = Path(__file__).parent
REFERENCE = HERE / "reference"


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx before it looks for pages."""
    REFERENCE.mkdir(exist_ok=True)
    made = {"commands.md": commands(), "ops.md": ops(), "api.md": api(), "rooms.svg": rooms.drawn()}
    for name, text in made.items():
        path = REFERENCE / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    app.connect("source-read", _whole)
    app.connect("autodoc-process-docstring", _code)
    app.connect("html-page-context", _openable)
    return {"parallel_read_safe": True}


def commands() -> str:
    """What each command's --help says."""
    from cnnspec.cli.commandline import GROUPS

    parts = ["# Commands\n"]
    for heading, group in GROUPS.items():
        parts.append(f"## {heading}\n")
        for name, line in group.items():
            parts.append(f"### `cnnspec {name}`\n\n{line}\n\n```text\n{_help(name)}```\n")
    return "\n".join(parts)


def _help(command: str) -> str:
    """The page of a command at 80 columns; a process each, for the trainer's are its own."""
    line = [sys.executable, "-m", "cnnspec", command, "--help"]
    environment = os.environ | {"COLUMNS": "80", "NO_COLOR": "1"}
    return subprocess.run(line, capture_output=True, text=True, env=environment, check=True).stdout


def ops() -> str:
    """The manual page of each op, as `cnnspec explain` prints it."""
    from cnnspec.ops import ops as known
    from cnnspec.report.opmanual import page

    parts = ["# Ops\n\nThe pages that `cnnspec explain OP` prints.\n"]
    parts += [f"## `{name}`\n\n```text\n{page(name).rstrip()}\n```\n" for name in known()]
    return "\n".join(parts)


def _whole(app: Any, name: str, source: list[str]) -> None:
    """Pages of a folder are below its README, where a repository's page lists files itself."""
    source[0] = re.sub(r'<a id="(\w+)"></a>', r"[]{#\1}", source[0])  # an id that links find
    folder, _, file = name.rpartition("/")
    if folder and not source[0].lstrip().startswith("# "):  # a table that draw wrote
        source[0] = f"# {file.replace('_', ' ')}\n\n{source[0]}"
    if name == "architecture":
        picture = (
            "![the rooms of cnnspec, from the highest layer to the lowest](reference/rooms.svg)"
        )
        source[0] += f"\n{picture}\n\n{rooms.told()}"
    if file == "README":
        pages = sorted(p.stem for p in (HERE / folder).glob("*.md") if p.stem != "README")
        pages += sorted(f"{p.parent.name}/README" for p in (HERE / folder).glob("*/README.md"))
        source[0] += "\n```{toctree}\n:hidden:\n\n" + "\n".join(pages) + "\n```\n"


def _code(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Our docstrings are Markdown's as far as code goes."""
    lines[:] = [re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line) for line in lines]


def _openable(app: Any, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Every picture is a link to itself: on a phone a figure is opened to be read."""
    picture = re.compile(r'(<a [^>]*>)?(<img [^>]*src="([^"]+)"[^>]*/>)')
    context["body"] = picture.sub(
        lambda m: m[0] if m[1] else f'<a class="image-reference" href="{m[3]}">{m[2]}</a>',
        context.get("body", ""),
    )


def api() -> str:
    """The public names of the package."""
    import cnnspec

    names = [name for name in cnnspec.__all__ if name != "__version__"]
    parts = ["# Python API\n", "```{eval-rst}\n.. automodule:: cnnspec\n"]
    kinds = {name: "autoclass" if name[0].isupper() else "autofunction" for name in names}
    parts += [f".. {kind}:: cnnspec.{name}\n" for name, kind in kinds.items()]
    parts += [".. autoclass:: cnnspec.analyses.metrics.Metrics\n   :members:\n"]
    return "\n".join([*parts, "```\n"])
