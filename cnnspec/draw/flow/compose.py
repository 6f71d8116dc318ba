"""Any net, or a part of it, as boxes and wires on a page."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil, inf
from typing import TYPE_CHECKING

from cnnspec.draw.errors import DrawError
from cnnspec.draw.flow.drawing import Drawing, Page
from cnnspec.draw.flow.fit import Fitter
from cnnspec.draw.flow.levels import layout_of, levels
from cnnspec.draw.flow.paint import MARGIN, Painter
from cnnspec.draw.flow.part import part_of
from cnnspec.draw.flow.steps import Flow, Step, flow_of
from cnnspec.draw.flow.study import Shared, Study
from cnnspec.draw.flow.twins import Twins
from cnnspec.draw.options import Options, names_of, planned
from cnnspec.draw.page import measures
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.parts import Level, Plan
from cnnspec.draw.parts.taps import Flows

if TYPE_CHECKING:
    from cnnspec.elaborate.sheet import Sheet
    from cnnspec.ir import Net

_FOOT, _TALL, _TAGS = 32.0, 60.0, 34.0
"""Room for the key, the most of it, and room for the tags of lanes."""
_SPARE = 1.1
"""How much wider than its boxes a page is that is named, for the wires that go round them."""


class Studies:
    """What was found out of the nets of a figure, kept while it is tried on one page and another.

    Whoever makes several figures of one net hands the same object to each.
    """

    def __init__(self) -> None:
        self._nets: dict[int, tuple[Net, Flow, Flows, bool]] = {}
        self._known: dict[Hashable, Study] = {}
        self._plans: dict[Hashable, tuple[Sheet | None, Plan]] = {}
        """With the sheet that the author gave, which stays so that none takes its place."""
        self._twins: dict[int, Twins] = {}
        self._shared = Shared()

    def _net(self, net: Net) -> tuple[Net, Flow, Flows, bool]:
        if id(net) not in self._nets:
            flow = flow_of(net)
            in_lanes = layout_of(flow, levels(flow)) != "ranks"
            self._nets[id(net)] = (net, flow, Flows(net), in_lanes)
        return self._nets[id(net)]

    def flow(self, net: Net) -> Flow:
        """The steps of a whole net."""
        return self._net(net)[1]

    def flows(self, net: Net) -> Flows:
        """What a net's taps read."""
        return self._net(net)[2]

    def in_lanes(self, net: Net) -> bool:
        """Whether a net joins maps of several sizes, or gives outputs of many."""
        return self._net(net)[3]

    def of(self, net: Net, options: Options) -> Study:
        """What is known of the part that some options show, as they show it."""
        only, (labels, hidden) = options.get("only", ""), names_of(options)
        opened, depth = options.get("expand", ()), options.get("depth", 0)
        order = options["sheet"].order if "sheet" in options else ()
        shown = (options.get("counts"), options.get("shades"), tuple(labels.items()), hidden, order)
        key = (id(net), only, opened, depth, shown)
        if key not in self._known:
            flow = part_of(self.flow(net), only) if only else self.flow(net)
            alike = (self.twin(net, options), depth, shown) if only else None
            self._known[key] = Study(net, _without(flow, hidden), options, self._shared, alike)
        return self._known[key]

    def plan(self, net: Net, options: Options) -> Plan:
        """The parts of a net in style block, which do not hang on the page."""
        shown = ("level", "only", "expand", "depth", "counts", "shades")
        sheet = options.get("sheet")
        key = (id(net), *map(options.get, shown), id(sheet))
        if key not in self._plans:
            self._plans[key] = (sheet, planned(net, options, self.flows(net)))
        return self._plans[key][1]

    def twin(self, net: Net, options: Options) -> Hashable:
        """Equal for parts of a net that are drawn alike; a path for one that is told apart."""
        only = options.get("only", "")
        if options.get("expand") or options.get("sheet"):
            return only
        if id(net) not in self._twins:
            self._twins[id(net)] = Twins(self.flow(net))
        return self._twins[id(net)].of(only)


def compose(net: Net, plan: Plan, options: Options, known: Studies | None = None) -> Scene:
    """The figure of a plan's net; what is too large is closed, and the note says so.

    With `strict` nothing is closed; raises DrawError where it does not fit so.  A `draft` has the
    figure's size and nothing else: it is for who asks whether a part fits.
    """
    whole = bool(options.get("strict"))
    if options.get("draft"):
        return _draft(net, plan, options, known or Studies())

    def fit(fitter: Fitter) -> Drawing | None:
        return fitter.fit(plan.level, whole=whole)

    scene = _composed(net, plan, options, known or Studies(), fit)
    if scene is None or (whole and scene.note):
        raise _unfit(plan)
    return scene


def _draft(net: Net, plan: Plan, options: Options, known: Studies) -> Scene:
    """A sheet of the size of a figure that is not closed; raises DrawError where it fits not."""
    width, high = options.get("width"), options.get("height", measures.PAGE_HEIGHT)
    page = _page(width or measures.TWO_COLUMNS, high - _FOOT)
    fitter = Fitter(known.of(net, options), page, options.get("direction", "auto"))
    drawing = fitter.fit(plan.level, whole=True, wired=False)
    if drawing is None:
        raise _unfit(plan)
    return Scene(*drawing.size(page), plan.name, "")


def _page(width: float, height: float) -> Page:
    """What margins leave of a page, which is never nothing."""
    return Page(max(width - 2 * MARGIN, 1), max(height - 2 * MARGIN, 1), _TAGS)


def _unfit(plan: Plan) -> DrawError:
    return DrawError(f"{plan.name} does not fit its page at level {plan.level}")


def named(net: Net, plan: Plan, options: Options, known: Studies) -> Scene | None:
    """The calls of a net by their names, each structure drawn once; None where none can be."""
    return _composed(net, plan, options, known, Fitter.named)


def _composed(
    net: Net,
    plan: Plan,
    options: Options,
    known: Studies,
    fit: Callable[[Fitter], Drawing | None],
) -> Scene | None:
    width, high = options.get("width"), options.get("height", measures.PAGE_HEIGHT)
    study = known.of(net, options)
    room = width or measures.TWO_COLUMNS
    foot = _FOOT
    while True:
        drawing = fit(Fitter(study, _page(room, high - foot), options.get("direction", "auto")))
        if drawing is None:
            return None
        scene = Painter(plan, drawing, study.bodies.sheet, room).paint(width or 0)
        if scene.height <= high or not drawing.fits or foot > _TALL:
            break
        foot += scene.height - high + 1  # a key of many lines: once more with room for it
    scene.note = _note(plan, drawing, scene, (room, high))
    sheet = options.get("sheet")
    scene.remarks = (*_bound(drawing, sheet.order),) if sheet else ()
    return scene


def _without(flow: Flow, hidden: frozenset[str]) -> Flow:
    """The flow without the cells of the ops that its author leaves out."""
    if not hidden:
        return flow
    steps = [
        Step(replace(one.row, hidden=hidden), one.training, one.feeds, list(one.readers))
        for one in flow.steps
    ]
    return Flow(steps, flow.outputs, flow.aux, flow.unseen)


def _bound(drawing: Drawing, order: Sequence[str]) -> Iterator[str]:
    """What is said where inputs or outputs do not stand as their author wants them."""
    axis = 0 if drawing.mode in ("down", "upright") else 1
    for kind in ("input", "output"):
        ends = [v for v in drawing.graph.vertices if v.kind == kind and v.name in order]
        found = [v.name for v in sorted(ends, key=lambda v: v.centre[axis])]
        if found != [name for name in order if name in found]:
            yield f"order: {kind}s stand by the size of their maps here: {', '.join(found)}"


def _note(plan: Plan, drawing: Drawing, scene: Scene, page: tuple[float, float]) -> str:
    """What was closed so that the figure fits, or how large it is where nothing helped.

    `page` is the width and the height that it had.
    """
    if not drawing.fits:
        size = f"{scene.width / 72:.1f} x {scene.height / 72:.1f} in"
        return f"drawn {size}: no part of {plan.name} that could be closed makes it fit the page"
    if drawing.upright is not None:
        said = _turned(plan, drawing, *drawing.upright)
    else:
        said = _closed(plan, drawing, page) if drawing.level != plan.level else ""
    if drawing.level == plan.level:
        return said
    return said + unseen(one for v in drawing.unexplained for one in v.members)


def _closed(plan: Plan, drawing: Drawing, page: tuple[float, float]) -> str:
    """At which level it is drawn, and how large it were at the one asked for."""
    if drawing.asked is None:
        return said_of(drawing.level, plan.level, None)
    wide, high = drawing.asked
    wide += 2 * MARGIN + (_TAGS if drawing.mode == "lanes" else 0)
    high += 2 * MARGIN + _FOOT
    return said_of(drawing.level, plan.level, high, wide, page)


def _turned(plan: Plan, drawing: Drawing, wide: float, high: float) -> str:
    """What is said of lanes that go to the right though they were to go down."""
    closed = f"at level {drawing.level}, " if drawing.level != plan.level else ""
    size = f"{wide / 72:.0f} x {high / 72:.0f} in" if high < inf else "too large for a page"
    return f"drawn {closed}with lanes to the right: at level {plan.level} it is {size} going down"


def unseen(paths: Iterable[str]) -> str:
    """`; what layer1.0 holds is not shown: --only layer1.0 draws it`, or nothing."""
    found = list(dict.fromkeys(paths))
    if not found:
        return ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    hold = "hold" if more else "holds"
    return f"; what {found[0]}{more} {hold} is not shown: --only {found[0]} draws it"


def said_of(
    drawn: Level,
    asked: Level,
    high: float | None,
    wide: float = 0,
    page: tuple[float, float] = (measures.TWO_COLUMNS, measures.PAGE_HEIGHT),
) -> str:
    """`drawn at level stage: at level block it is 12 in high; --height none gives that`.

    `high` and `wide` are what it takes at the level asked for, in points, where that is known;
    what a page has no room for is named with the option that gives it.
    """
    begin = f"drawn at level {drawn}: at level {asked}"
    if wide > page[0]:  # whether wires find their ways there nobody has tried
        return (
            f"{begin} it is {wide / 72:.0f} in wide; try --width {ceil(_SPARE * wide / 72 + 0.5)}in"
        )
    if high is None:
        return f"{begin} it is too large for a page"
    if high > page[1]:
        return f"{begin} it is {high / 72:.0f} in high; --height none gives that"
    return f"{begin} its boxes or wires have no room on the page"
