"""Style block of any net: chains with forks by today's engine, everything else as a flow.

What is too large for the page is closed, the least first, and the scene's note says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from cnnspec.draw.block.page import compose as stacked
from cnnspec.draw.block.page import least_height, least_width
from cnnspec.draw.errors import DrawError, OptionError
from cnnspec.draw.flow.compose import Studies, compose, named, said_of, unseen
from cnnspec.draw.options import Options
from cnnspec.draw.page import measures
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.parts import Chain, Frame, Level, Plan, walk

if TYPE_CHECKING:
    from cnnspec.ir import Net

LEVELS: tuple[Level, ...] = tuple(reversed(get_args(Level)))
"""From every layer to the whole net."""


def block(net: Net, options: Options, known: Studies | None = None) -> Scene:
    """The figure at the level asked for, or at the next one that fits the page.

    Raises DrawError where `strict` asks for that level alone and it does not fit.
    """
    known = known or Studies()
    asked, strict = options.get("level", "block"), options.get("strict", False)
    plan = known.plan(net, options)
    sheet = options.get("sheet")
    grouped = sheet is not None and bool(sheet.groups)  # brackets stand beside a line of stages
    if (scene := _bars(net, plan, options, known)) is not None:
        return scene
    turned = sheet is not None and bool({branch.name for branch in net.branches} & {*sheet.order})
    chain = not (knotted(plan) or known.in_lanes(net) or turned)
    if options.get("direction", "auto") != "right" and chain:
        if strict:
            return _chain(plan, options)
        for level in LEVELS[LEVELS.index(asked) :]:
            scene = _fitting(net, {**options, "level": level}, plan, known)
            if scene is None and level == asked == "block" and not grouped:
                scene = _named(net, plan, options, known)
            if scene is not None:
                return scene
    return compose(net, plan, options, known)


def _bars(net: Net, plan: Plan, options: Options, known: Studies) -> Scene | None:
    """A net that goes down and up again, to the right; None where it is none, or is closed."""
    other = options.get("counts") or options.get("depth") or plan.level not in ("block", "layer")
    if options.get("direction", "auto") != "right" or other:
        return None
    from cnnspec.draw.bars.compose import compose as in_bars

    return in_bars(known.of(net, options).flow, plan, options)


def _named(net: Net, plan: Plan, options: Options, known: Studies) -> Scene | None:
    """The blocks by their names, each structure drawn once beside them; None where none can be."""
    scene = named(net, plan, options, known)
    if scene is not None:
        scene.note = _said("stage", plan, options)
    return scene


def _fitting(net: Net, options: Options, asked: Plan, known: Studies) -> Scene | None:
    """The figure of a chain at a level; None where it does not fit."""
    level = options.get("level", "block")
    plan = asked if level == asked.level else known.plan(net, options)
    try:
        scene = _chain(plan, options)
    except OptionError:
        raise
    except DrawError:
        return None
    if plan is not asked:
        closed = (part for part in walk(plan.parts) if isinstance(part, Frame) and not part.parts)
        scene.note = _said(level, asked, options) + unseen(part.path for part in closed)
    return scene


def _said(drawn: Level, asked: Plan, options: Options) -> str:
    """What was closed, and what gives the figure as it was asked for."""
    width = options.get("width") or measures.TWO_COLUMNS
    page = (width, options.get("height", measures.PAGE_HEIGHT))
    high, wide = least_height(asked, width), least_width(asked, width)
    return said_of(drawn, asked.level, high, wide, page)


def _chain(plan: Plan, options: Options) -> Scene:
    """What today's engine draws; raises DrawError."""
    scene = stacked(plan, options.get("width"), options.get("height", measures.PAGE_HEIGHT))
    scene.unseen = plan.hidden
    return scene


def knotted(plan: Plan) -> bool:
    """Whether a flow goes back somewhere, so that it is no chain with forks."""
    bodies = (plan.parts, *(head.parts for head in plan.heads))
    return any(isinstance(part, Chain) for body in bodies for part in walk(body))
