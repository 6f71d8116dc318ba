"""The picture of the rooms: the layers that import-linter proves, as pyproject.toml has them.

It is drawn whenever the site is built, so that it is what was proved.
"""

from __future__ import annotations

import ast
import tomllib
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "cnnspec"
WIDTH, ROW, GAP, HEAD = 460, 30, 8, 34
"""A panel's width, a row's height, what lies between two, and the room for a title, in px."""
FILLS = ("#dbe9f6", "#fde5cc", "#e2f0d9", "#e8e0f0")


class Panel(NamedTuple):
    """Layers of one contract, the highest first: each imports only what lies below it."""

    title: str
    layers: list[list[str]]

    @property
    def height(self) -> int:
        """In px, with its title."""
        return HEAD + len(self.layers) * (ROW + GAP)


def contracts() -> list[dict[str, Any]]:
    """What import-linter is asked to prove."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = table["tool"]["importlinter"]["contracts"]
    return found


def panels() -> list[Panel]:
    """The layered contracts, then the packages that are in none: they stand by themselves."""
    layered = [c for c in contracts() if c["type"] == "layers"]
    found = [
        Panel(c["name"], [[n.strip() for n in layer.split("|")] for layer in c["layers"]])
        for c in layered
    ]
    inside = {name for panel in found for row in panel.layers for name in row}
    packages = sorted(f"cnnspec.{path.parent.name}" for path in PACKAGE.glob("*/__init__.py"))
    return [*found, Panel("by itself", [[n] for n in packages if n not in inside])]


def drawn() -> str:
    """The SVG: the first contract at the left, the others at the right."""
    first, *others = panels()
    height = max(first.height, sum(panel.height for panel in others)) + 2 * GAP
    parts = [_panel(first, GAP, GAP)]
    y = GAP
    for panel in others:
        parts.append(_panel(panel, WIDTH + 4 * GAP, y))
        y += panel.height
    width = 2 * WIDTH + 5 * GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="Arimo, Helvetica, Arial, sans-serif" '
        f'font-size="13">\n<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        + "".join(parts)
        + "</svg>\n"
    )


def _panel(panel: Panel, x: int, y: int) -> str:
    lines = [f'<text x="{x}" y="{y + 20}" font-weight="bold">{escape(panel.title)}</text>\n']
    for n, row in enumerate(panel.layers):
        across = (WIDTH - GAP * (len(row) - 1)) / len(row)
        top = y + HEAD + n * (ROW + GAP)
        for m, name in enumerate(row):
            lines.append(_box(name, x + m * (across + GAP), top, across, FILLS[n % len(FILLS)]))
    return "".join(lines)


def _box(name: str, x: float, y: float, width: float, fill: str) -> str:
    """A room; a package has a thick edge, a file a thin one."""
    said = name.removeprefix("cnnspec.")
    thick = 1.6 if (PACKAGE / said.replace(".", "/")).is_dir() or "." not in name else 0.6
    return (
        f'<g data-room="{escape(name)}"><rect x="{x:.1f}" y="{y}" width="{width:.1f}" '
        f'height="{ROW}" rx="4" fill="{fill}" stroke="#4a5a6a" stroke-width="{thick}"/>'
        f'<text x="{x + width / 2:.1f}" y="{y + 20}" text-anchor="middle">{escape(said)}</text>'
        "</g>\n"
    )


def told() -> str:
    """What each room is, and what else is proved, as Markdown."""
    first, *_, alone = panels()
    rooms = [name for row in [*first.layers, *alone.layers] for name in row]
    lines = ["| room | is |", "|---|---|"]
    lines += [f"| `{name}` | {_summary(name)} |" for name in rooms]
    lines += ["", "Beside the layers these walls are proved:", ""]
    for contract in (c for c in contracts() if c["type"] == "forbidden"):
        sources, walls = contract["source_modules"], contract["forbidden_modules"]
        lines.append(
            f"- **{contract['name']}**: {_listed(sources)} may not import {_listed(walls)}."
        )
    return "\n".join(lines) + "\n"


def _summary(name: str) -> str:
    """The first line of a module's docstring."""
    path = ROOT / name.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0].replace("|", "\\|")


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name.removeprefix('cnnspec.')}`" for name in names)
