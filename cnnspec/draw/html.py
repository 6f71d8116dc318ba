"""A net as one page for a browser: pre-laid pictures, hover, search, opened blocks, no network."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from math import inf
from pathlib import PurePath
from typing import TYPE_CHECKING

from cnnspec.draw.errors import DrawError
from cnnspec.draw.figures import Style, figure
from cnnspec.draw.options import Options, planned
from cnnspec.draw.page.faces import ARIMO
from cnnspec.draw.page.labels import op_text
from cnnspec.draw.page.palette import THEMES, Theme
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.costs import by_path, said
from cnnspec.draw.parts.parts import Band, Frame, Level, Plan, walk
from cnnspec.draw.parts.paths import paths_in
from cnnspec.draw.writers.svg import coded, escape, write_svg
from cnnspec.draw.zoom import inside

if TYPE_CHECKING:
    from cnnspec.analyses.cost import Cost
    from cnnspec.ir import Net, Node

_MOST = 120
"""So many blocks get a picture of their own."""
_APART = re.compile(r'[\s"]+')
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:"
)


def write_html(nets: Sequence[Net], style: Style, theme: Theme, options: Options) -> str:
    """The page of a figure; in style block with what its blocks open to."""
    facts: dict[str, str] = {}
    pictures = pages(nets, style, options)
    blocks = _shown(nets, style, options)
    shown = "\n".join(_picture(path, scene) for path, scene in pictures.items())
    for net in nets:
        facts.update(_facts(net, shown))
    costs = by_path(nets[0])
    facts.update((part.path, _block_fact(part, costs[part.path])) for part in blocks)
    name = ", ".join(net.name for net in nets)
    lines, at = _lines(nets, shown)
    data = {"name": name, "facts": facts, "themes": _themes(shown, theme), "theme": theme}
    data |= {"lines": lines, "at": at}
    return _page(name, shown, data, pictures[""])


def pages(nets: Sequence[Net], style: Style, options: Options) -> dict[str, Scene]:
    """The pictures of a page by the path that they open; that of the whole under the empty one."""
    whole = figure(*nets, style=style, **options)
    if whole.note and "height" not in options:
        endless: Options = {**options, "height": inf}
        whole = figure(*nets, style=style, **endless)
    out = {"": whole}
    for part in _shown(nets, style, options):
        opened = _opened(nets[0], part, options)
        if opened is not None:
            out[part.path] = opened
    return out


def _shown(nets: Sequence[Net], style: Style, options: Options) -> list[Band | Frame]:
    """The stages and blocks that get a picture of their own."""
    return list(_blocks(planned(nets[0], options)))[:_MOST] if style == "block" else []


def _blocks(plan: Plan) -> Iterator[Band | Frame]:
    """The stages and blocks of a figure."""
    for part in walk(plan.parts):
        if isinstance(part, Band | Frame) and part.path and paths_in(part.path) == [part.path]:
            yield part


def _opened(net: Net, part: Band | Frame, options: Options) -> Scene | None:
    """A stage layer by layer if that fits, else its blocks; a block as a module.

    Words, colours and the face are those of the whole page.
    """
    given: Options = {"only": part.path, "strict": True}
    if "sheet" in options:
        given["sheet"] = inside(options["sheet"], part.path)
    if "other" in options:
        given["other"] = options["other"]
    block: list[tuple[Style, Level]] = [("module", "block"), ("block", "layer")]
    stage: list[tuple[Style, Level]] = [("block", "layer"), ("trunk", "block"), ("block", "block")]
    for style, level in stage if isinstance(part, Band) or not part.parts else block:
        try:
            given["level"] = level
            return figure(net, style=style, **given)
        except DrawError:
            continue
    return None


def _picture(path: str, scene: Scene) -> str:
    """The SVG with the roles of its colours, so that the page can swap them."""
    drawn = write_svg(scene, THEMES["light"], roles=True).partition("\n")[2]
    return f'<div class="picture" data-path="{escape(path)}">{drawn}</div>'


def _themes(shown: str, first: Theme) -> dict[str, dict[str, str]]:
    """Light, dark and the one asked for, as far as a picture uses them."""
    return {
        theme: {role: colour for role, colour in THEMES[theme].items() if f'"{role}"' in shown}
        for theme in dict.fromkeys((first, "light", "dark"))
    }


class _Seen:
    """The paths that pictures name; most stand by themselves, which takes no search for each."""

    def __init__(self, shown: str) -> None:
        self.shown, self.words = shown, set(_APART.split(shown))

    def __contains__(self, path: str) -> bool:
        said = escape(coded(path))
        return said in self.words or said in self.shown


def _facts(net: Net, shown: str) -> dict[str, str]:
    """What hovering says of every layer that stands in a picture."""
    from cnnspec.ir import graph

    seen = _Seen(shown)
    return {node.path: _fact(node) for node in graph(net).nodes if node.path in seen}


def _lines(nets: Sequence[Net], shown: str) -> tuple[list[str], dict[str, int]]:
    """The lines of specs that layers of a picture stand on, each once, and which is whose."""
    from cnnspec.ir import graph

    seen, found = _Seen(shown), dict[str, int]()
    at: dict[str, int] = {}
    for node in (node for net in nets for node in graph(net).nodes):
        if node.path in seen:
            at[node.path] = found.setdefault(_line(node), len(found))
    return list(found), at


def _line(node: Node) -> str:
    """`resnet.cnn:53  conv 64, 7x7/2`; the folder of a file is nobody's business."""
    span = node.layer.span
    name = PurePath(span.source.name.replace("\\", "/")).name
    return f"{name}:{span.line}  {span.source.line(span.line).strip()}"


def _block_fact(part: Band | Frame, cost: Cost) -> str:
    """What hovering says of a block; `cost` is that of the first where it stands for several."""
    count = part.count if isinstance(part, Frame) else 1
    words = [f"{count} times"] * (count > 1) + ["×".join(map(str, part.shape))]
    costs = said(cost)
    words += [f"the first: {costs}" if count > 1 else costs] if costs else []
    return " · ".join(words)


def _fact(node: Node) -> str:
    from cnnspec.analyses.cost import Cost, layer_cost

    cost = layer_cost(node.layer)
    words = [op_text(node.layer), "×".join(map(str, node.shape))]
    words += [f"weights of {node.shares}"] if node.shares and cost.params else []
    costs = said(Cost(macs=cost.macs) if node.shares else cost)
    return " · ".join([*words, *([costs] if costs else [])])


def _page(name: str, shown: str, data: Mapping[str, object], scene: Scene) -> str:
    folder = files("cnnspec.draw").joinpath("viewer")
    style = _faces(scene) + folder.joinpath("viewer.css").read_text(encoding="utf-8")
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
        f"</header>\n<main>\n{shown}\n</main>\n"
        '<div id="spec" role="status" hidden><pre></pre><button title="Escape">×</button></div>\n'
        '<div id="tip"></div>\n'
        f'<script type="application/json" id="data">{_json(data)}</script>\n'
        f"<script>\n{script}</script>\n</body>\n</html>\n"
    )


def _faces(scene: Scene) -> str:
    """The faces of a figure, so that texts are as wide as they were measured."""
    fonts = files("cnnspec.draw").joinpath("fonts")
    used: dict[str, tuple[bytes, ...]] = {
        file.partition("-")[0]: tuple(
            fonts.joinpath(f"{name}.ttf").read_bytes() for name in face.files
        )
        for face in (ARIMO, scene.face)
        for file in face.files[:1]
    }
    if scene.other is not None:
        used[scene.other.name] = scene.other.programs
    return "".join(
        f"@font-face {{ font-family: '{family}'; font-weight: {weight}; "
        f"src: url(data:font/ttf;base64,{b64encode(program).decode()}); }}\n"
        for family, programs in used.items()
        for weight, program in zip(("normal", "bold"), programs, strict=True)
    )


def _json(data: object) -> str:
    """JSON that cannot end the element that it stands in."""
    text = json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003e")
