"""A net as one page for a browser: pre-laid pictures, hover, search, opened blocks, no network."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

from cnnspec.draw.errors import DrawError
from cnnspec.draw.palette import THEMES
from cnnspec.draw.scene import Scene
from cnnspec.draw.svg import escape, write_svg
from cnnspec.draw.tree import Band, Frame, Level, Plan, amount, walk

if TYPE_CHECKING:
    from cnnspec.draw import Style
    from cnnspec.ir import Net, Node

_MOST = 120
"""So many blocks get a picture of their own."""
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:"
)


def write_html(net: Net, level: Level, width: float | None) -> str:
    """The page of a net: the figure at a level, and what its blocks open to."""
    from cnnspec.draw import figure
    from cnnspec.draw.build import plan

    main = plan(net, level)
    pictures = {"": figure(net, level=level, width=width)}
    for part in list(_blocks(main))[:_MOST]:
        path, opened = part.path, _opened(net, part)
        if opened is not None:
            pictures[path] = opened
    shown = "\n".join(_picture(path, scene) for path, scene in pictures.items())
    data: dict[str, object] = {"name": net.name, "themes": _themes(shown)}
    data["facts"] = _facts(net, main, shown)
    return _page(net.name, shown, data)


def _blocks(plan: Plan) -> Iterator[Band | Frame]:
    """The stages and blocks of a figure."""
    for part in walk(plan.parts):
        if isinstance(part, Band | Frame) and part.path and " " not in part.path:
            yield part


def _opened(net: Net, part: Band | Frame) -> Scene | None:
    """A stage layer by layer if that fits, else its blocks; a block as a module."""
    from cnnspec.draw import figure

    block: list[tuple[Style, Level]] = [("module", "block"), ("block", "layer")]
    stage: list[tuple[Style, Level]] = [("block", "layer"), ("trunk", "block"), ("block", "block")]
    for style, level in stage if isinstance(part, Band) or not part.parts else block:
        try:
            return figure(net, style=style, level=level, only=part.path)
        except DrawError:
            continue
    return None


def _picture(path: str, scene: Scene) -> str:
    """The SVG with the roles of its colours, so that the page can swap them."""
    drawn = write_svg(scene, THEMES["light"], roles=True).partition("\n")[2]
    return f'<div class="picture" data-path="{escape(path)}">{drawn}</div>'


def _themes(shown: str) -> dict[str, dict[str, str]]:
    """Light and dark, as far as a picture uses them."""
    return {
        theme: {role: colour for role, colour in THEMES[theme].items() if f'"{role}"' in shown}
        for theme in ("light", "dark")
    }


def _facts(net: Net, plan: Plan, shown: str) -> dict[str, str]:
    """What hovering says of every layer and block that stands in a picture."""
    from cnnspec.ir import graph

    found = {node.path: _fact(node) for node in graph(net).nodes if node.path in shown}
    for part in _blocks(plan):
        found[part.path] = _block_fact(net, part)
    return found


def _block_fact(net: Net, part: Band | Frame) -> str:
    from cnnspec.analyses.cost import Costs
    from cnnspec.draw.section import section

    cost = Costs().items(section(net, part.path).items)
    count = part.count if isinstance(part, Frame) else 1
    costs = f"{amount(cost.params)} params · {amount(cost.macs)} MACs"
    shape = "×".join(map(str, part.shape))
    return f"{count} times · {shape} · the first: {costs}" if count > 1 else f"{shape} · {costs}"


def _fact(node: Node) -> str:
    from cnnspec.analyses.cost import layer_cost

    cost = layer_cost(node.layer)
    said = f"{node.op.label()} {node.op.stride_label()}".strip()
    words = [said, "×".join(map(str, node.shape))]
    words += [f"{amount(cost.params)} params"] if cost.params else []
    words += [f"{amount(cost.macs)} MACs"] if cost.macs else []
    return " · ".join(words)


def _page(name: str, shown: str, data: dict[str, object]) -> str:
    folder = files("cnnspec.draw").joinpath("viewer")
    style = _faces() + folder.joinpath("viewer.css").read_text(encoding="utf-8")
    script = folder.joinpath("viewer.js").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en" data-theme="light">\n<head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(name)}</title>\n<style>\n{style}</style></head>\n<body>\n"
        "<header><nav></nav>\n"
        '<input id="find" type="search" placeholder="search: /" aria-label="search">\n'
        '<span id="found" role="status"></span>\n'
        '<button id="whole" title="0">fit</button> <button id="theme" title="t">theme</button>'
        f'</header>\n<main>\n{shown}\n</main>\n<div id="tip"></div>\n'
        f'<script type="application/json" id="data">{_json(data)}</script>\n'
        f"<script>\n{script}</script>\n</body>\n</html>\n"
    )


def _faces() -> str:
    """The package's faces, so that texts are as wide as they were measured."""
    fonts = files("cnnspec.draw").joinpath("fonts")
    out = []
    for weight, face in (("normal", "Regular"), ("bold", "Bold")):
        program = b64encode(fonts.joinpath(f"Arimo-{face}.ttf").read_bytes()).decode()
        out.append(
            f"@font-face {{ font-family: Arimo; font-weight: {weight}; "
            f"src: url(data:font/ttf;base64,{program}); }}\n"
        )
    return "".join(out)


def _json(data: object) -> str:
    """JSON that cannot end the element that it stands in."""
    text = json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003e")
