"""Any net, or a part of it, as boxes and wires on a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from cnnspec.draw.flow.drawing import Drawing, Page
from cnnspec.draw.flow.fit import Fitter
from cnnspec.draw.flow.paint import MARGIN, Painter
from cnnspec.draw.flow.part import part_of
from cnnspec.draw.flow.steps import Flow, flow_of
from cnnspec.draw.options import Options, names_of
from cnnspec.draw.page import measures
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.parts import Level, Plan

if TYPE_CHECKING:
    from cnnspec.ir import Net

_FOOT, _TALL, _TAGS = 32.0, 60.0, 34.0
"""Room for the key, the most of it, and room for the tags of lanes."""


def compose(net: Net, plan: Plan, options: Options, flow: Flow | None = None) -> Scene:
    """The figure of a plan's net; what is too large is closed, and the note says so."""
    scene = _composed(net, plan, options, flow, lambda fitter: fitter.fit(plan.level))
    assert scene is not None
    return scene


def named(net: Net, plan: Plan, options: Options, flow: Flow) -> Scene | None:
    """The calls of a net by their names, each structure drawn once; None where none can be."""
    return _composed(net, plan, options, flow, Fitter.named)


def _composed(
    net: Net,
    plan: Plan,
    options: Options,
    flow: Flow | None,
    fit: Callable[[Fitter], Drawing | None],
) -> Scene | None:
    width, high = options.get("width"), options.get("height", measures.PAGE_HEIGHT)
    flow = flow or flow_of(net)
    if only := options.get("only", ""):
        flow = part_of(flow, only)
    flow = _dressed(flow, options)
    room = width or measures.TWO_COLUMNS
    foot = _FOOT
    while True:
        page = Page(room - 2 * MARGIN, high - foot - 2 * MARGIN, _TAGS)
        fitter = Fitter(net, flow, page, options)
        drawing = fit(fitter)
        if drawing is None:
            return None
        scene = Painter(plan, drawing, fitter.bodies.sheet, room).paint(width or 0)
        if scene.height <= high or not drawing.fits or foot > _TALL:
            break
        foot += scene.height - high + 1  # a key of many lines: once more with room for it
    scene.note = _note(plan, drawing, scene)
    return scene


def _dressed(flow: Flow, options: Options) -> Flow:
    """The flow without the cells of the ops that its author leaves out."""
    _, hidden = names_of(options)
    for step in flow.steps if hidden else ():
        step.row = replace(step.row, hidden=hidden)
    return flow


def _note(plan: Plan, drawing: Drawing, scene: Scene) -> str:
    """What was closed so that the figure fits, or how large it is where nothing helped."""
    if not drawing.fits:
        size = f"{scene.width / 72:.1f} x {scene.height / 72:.1f} in"
        return f"drawn {size}: no part of {plan.name} that could be closed makes it fit the page"
    if drawing.level == plan.level:
        return ""
    if drawing.asked is None:
        return said_of(drawing.level, plan.level, None)
    wide, high = drawing.asked
    if wide > measures.TWO_COLUMNS:
        begin = f"drawn at level {drawing.level}: at level {plan.level}"
        return f"{begin} it is {wide / 72:.0f} in wide; --width {wide / 72 + 1:.0f}in gives that"
    return said_of(drawing.level, plan.level, high)


def said_of(drawn: Level, asked: Level, high: float | None) -> str:
    """`drawn at level stage: at level block it is 12 in high; --height none gives that`."""
    if high is None:
        return f"drawn at level {drawn}: at level {asked} it is too large for a page"
    size = f"{high / 72:.0f} in high"
    return f"drawn at level {drawn}: at level {asked} it is {size}; --height none gives that"
