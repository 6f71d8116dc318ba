"""Pictures of nets as data: one function for each style."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Unpack

from cnnspec.draw.errors import OptionError
from cnnspec.draw.options import Direction, Options, face_of, fitting, names_of, planned
from cnnspec.draw.page import measures
from cnnspec.draw.page.areas import crop
from cnnspec.draw.page.fontwidths import using
from cnnspec.draw.page.inks import ink
from cnnspec.draw.page.measures import LABEL
from cnnspec.draw.parts.parts import Level
from cnnspec.records import replace

if TYPE_CHECKING:
    from cnnspec.draw.flow.compose import Studies
    from cnnspec.draw.page.palette import Theme
    from cnnspec.draw.page.scene import Scene
    from cnnspec.draw.parts.parts import Plan
    from cnnspec.elaborate.sheet import Sheet
    from cnnspec.ir import Net

Style = Literal["block", "columns", "module", "trunk", "volumes", "table", "graph"]
"""What a figure looks like; `block` knows levels, the others show what they are made for."""


_WAYS: Mapping[Style, str] = {
    "columns": "down",
    "module": "down",
    "trunk": "right",
    "volumes": "right",
    "table": "down",
    "graph": "down",
}
"""Where the flow goes in the styles that have one direction."""


_FLAGS = {"aspect": "--aspect", "zoom": "--zoom", "apart": "--only"}
_GROWN, _TRIES = 0.01, 2
"""What brackets make a figure larger by, at least, and how often it is laid out again for them."""


def style_of(nets: Sequence[Net]) -> Style:
    """The style of nets for which none is named: several stand side by side."""
    return "block" if len(nets) == 1 else "columns"


def single(nets: Sequence[Net], what: str) -> Net:
    """The only net; raises DrawError where several were given."""
    if len(nets) != 1:
        raise OptionError(f"{what} shows one net at a time; style columns and table show several")
    return nets[0]


def figure(*nets: Net, style: Style | None = None, **options: Unpack[Options]) -> Scene:
    """The picture of nets as data.

    `width` is in points.  `only` is the path of the part to draw, or a range of two with `..`
    between; `apart` are the paths of several, which stand side by side; `expand` are paths that are
    opened or not counted; `depth` is how many names deep blocks are opened (0: all); `counts` says
    what every stage and block costs.  Style block closes what does not fit a page `height` points
    high and says so in the scene's note, unless `strict`; `direction` is where the flow goes, down
    or right; with `crop` the page is as small as what is on it.  `aspect` is the page's width over
    its height: the figure fills it then.  `zoom` are the paths of parts that stand once more beside
    the figure, opened.
    """
    from cnnspec.draw.flow.compose import Studies
    from cnnspec.draw.unheard import unheard

    shown, look = _shown(nets, options), style or style_of(nets)
    with using(face_of(options), options.get("other")):
        scene = _shaped(shown, look, options, Studies())
        scene.remarks += (*unheard(scene, shown, look, options),)
        if options.get("crop") and not options.get("aspect"):
            crop(scene)
        return _faced(scene, options)


def _shown(nets: Sequence[Net], options: Options) -> list[Net]:
    """The nets as a figure shows them."""
    from cnnspec.draw.parts.ordered import ordered
    from cnnspec.draw.parts.sized import sized

    sheet = options.get("sheet")
    found = [*map(sized, nets)]
    return [ordered(net, sheet.order) for net in found] if sheet and sheet.order else found


def _faced(scene: Scene, options: Options) -> Scene:
    """The scene with the face that it was laid out in, and words in the ink of their ground."""
    ink(scene)
    scene.face, scene.other = face_of(options), options.get("other")
    return scene


def _shaped(nets: Sequence[Net], style: Style, options: Options, known: Studies) -> Scene:
    """The picture on a page of the shape asked for, if any is."""
    if not options.get("aspect"):
        return _whole(nets, style, options, known)
    from cnnspec.draw.aspect import shaped

    return shaped(options, lambda given: _whole(nets, style, given, known), _ways(style, options))


def parts(net: Net, style: Style | None = None, **options: Unpack[Options]) -> list[Scene]:
    """The figure in as few parts (a), (b) as fit a page each; one where all of it fits."""
    from cnnspec.draw.flow.compose import Studies
    from cnnspec.draw.split import split

    asked = [key for key in ("aspect", "zoom", "apart") if options.get(key)]
    if asked:
        raise OptionError(f"--split shows the whole net: without {_FLAGS[asked[0]]}")
    if style not in (None, "block"):
        raise OptionError(f"--split is for style block: style {style} closes nothing")
    (shown,), known = _shown([net], options), Studies()
    with using(face_of(options), options.get("other")):
        found = split(
            shown, options, lambda given: _whole([shown], "block", given, known),
            lambda given: known.twin(shown, given),
        )  # fmt: skip
        return [_faced(scene, options) for scene in found]


def _ways(style: Style, options: Options) -> tuple[Direction, ...]:
    """The directions in which a figure may be laid out."""
    asked = options.get("direction", "auto")
    return ("auto", "right") if style == "block" and asked == "auto" else (asked,)


def _whole(nets: Sequence[Net], style: Style, options: Options, known: Studies) -> Scene:
    """The picture with its insets and all that its author says of it."""
    if options.get("apart"):
        from cnnspec.draw.beside import parts_of

        net = single(nets, "--only more than once")
        return parts_of(net, options, lambda given: _finished([net], style, given, known))
    if not options.get("zoom"):
        return _finished(nets, style, options, known)
    from cnnspec.draw.page.areas import scaled
    from cnnspec.draw.zoom import zoomed

    if style != "block":
        raise OptionError("--zoom is for style block")
    net = single(nets, "--zoom")
    sheet = options.get("sheet")
    by = (sheet.size if sheet and sheet.size else LABEL) / LABEL
    page: Options = {**options, "width": (options.get("width") or measures.TWO_COLUMNS) / by}
    page["height"] = options.get("height", measures.PAGE_HEIGHT) / by
    if sheet:
        page["sheet"] = replace(sheet, size=None)  # all of it is enlarged at once
    scene = zoomed(net, page, lambda given: _finished([net], "block", given, known))
    scaled(scene, by)
    if scene.height > page["height"] * by + 1 and not scene.note:
        scene.note = f"drawn {scene.height / 72:.1f} in high: with less to zoom it fits a page"
    return scene


def _finished(nets: Sequence[Net], style: Style, options: Options, known: Studies) -> Scene:
    """The picture with all that its author says of it."""
    sheet = options.get("sheet")
    if sheet is None:
        return _plain(nets, style, options, known)
    from cnnspec.draw.author import finish
    from cnnspec.draw.page.areas import scaled

    by = (sheet.size or LABEL) / LABEL

    def make(given: Options) -> Scene:
        return _sized(nets, style, given, by, known)

    def dress(plain: Scene) -> Scene:
        return finish(plain, nets[0], sheet)

    scene = _with_room(options, make, dress, by)
    if by != 1:
        scaled(scene, by)
    return scene


def _with_room(
    options: Options, make: Callable[[Options], Scene], dress: Callable[[Scene], Scene], by: float
) -> Scene:
    """The figure dressed; where brackets make it too large it is laid out with room for them."""
    plain = make(options)
    wide, high, whole = plain.width, plain.height, not plain.note
    scene = dress(plain)
    page = options.get("width") or measures.TWO_COLUMNS
    tall = options.get("height", measures.PAGE_HEIGHT)
    if scene.width > wide + _GROWN:  # brackets beside it: once more with room for them
        beside = scene.width - wide
        narrower: Options = {**options, "width": (wide - beside) * by}
        two: Options = {**options, "width": page - beside * by}
        again = None
        if whole and not options.get("width"):
            again = fitting(narrower, make) or make(two)
        again = again or make(narrower)
        wide, high = again.width, again.height
        scene = dress(again)
    for _ in range(_TRIES):  # more columns take more brackets, and rows have some over them
        over, low = scene.width * by - page, scene.height * by - tall
        if max(over, low) <= 1 or (scene.width <= wide + _GROWN and scene.height <= high + _GROWN):
            break
        given: Options = {**options}
        if over > 1:
            given["width"] = wide * by - over
        if low > 1:
            given["height"] = tall - (scene.height - high) * by
        again = make(given)
        wide, high = again.width, again.height
        scene = dress(again)
    return scene


def declared(net: Net, sheet: Sheet) -> tuple[Scene, Theme]:
    """The figure that a file declares of a net, and its colours."""
    options = {"level": "stage" if "zoom" in sheet.options else "block", **sheet.options}
    theme: Theme = options.pop("theme", "light")
    return figure(net, sheet=sheet, **options), theme


def _sized(nets: Sequence[Net], style: Style, options: Options, by: float, known: Studies) -> Scene:
    """The picture on a page so many times smaller: it is enlarged then."""
    if by == 1:
        return _plain(nets, style, options, known)
    page: Options = {**options}
    if style == "block":
        page["height"] = options.get("height", measures.PAGE_HEIGHT) / by
    if not (width := options.get("width")):
        narrow: Options = {**page, "width": measures.ONE_COLUMN / by}
        scene = fitting(narrow, lambda given: _plain(nets, style, given, known))
        if scene is not None:
            return scene
    page["width"] = (width or measures.TWO_COLUMNS) / by
    return _plain(nets, style, page, known)


def _plain(nets: Sequence[Net], style: Style, options: Options, known: Studies) -> Scene:
    """The picture without what its author adds to it."""
    if style == "block":
        from cnnspec.draw.flow.block import block

        return block(single(nets, "style block"), options, known)
    way = options.get("direction", "auto")
    if way not in ("auto", _WAYS[style]):
        raise OptionError(
            f"--direction is for style block; style {style} goes {_WAYS[style]} alone"
        )
    plans = _plans(nets, style, options)
    width = options.get("width")
    if style == "volumes":
        from cnnspec.draw.styles.volumes import volumes

        scene = volumes(plans[0], nets[0], width, *names_of(options))
    else:
        scene = _drawn(style, plans, width)
    scene.unseen = tuple(path for plan in plans for path in plan.hidden)
    return scene


def _drawn(style: Style, plans: list[Plan], width: float | None) -> Scene:
    match style:
        case "columns":
            from cnnspec.draw.styles.columns import columns

            return columns(plans, width)
        case "module":
            from cnnspec.draw.styles.module import module

            return module(plans, width)
        case _:
            from cnnspec.draw.styles.trunk import trunk

            return trunk(plans[0], width)


def _plans(nets: Sequence[Net], style: Style, options: Options) -> list[Plan]:
    """The parts of the nets, opened as far as the style shows them."""
    if style == "table":
        raise OptionError("a table is no picture: its file ends in .tex, .md or .html")
    if style == "graph":
        raise OptionError("style graph is laid out by dot: its file ends in .svg, .pdf or .png")
    if style not in ("columns", "module"):
        single(nets, f"style {style}")
    level: Level = "layer" if style in ("columns", "volumes") else "block"
    given: Options = {"level": level, "only": options.get("only", "")}
    if "sheet" in options:
        given["sheet"] = options["sheet"]
    return [planned(net, given) for net in nets]
