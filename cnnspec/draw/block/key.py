"""The foot of a figure: what dashes and shades mean, and the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from cnnspec.draw.block.look import SHADES, Sheet, module_fork, reductions
from cnnspec.draw.block.skipbox import gate_shape
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.labels import op_words
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Path, Rect, Text
from cnnspec.draw.page.signs import MEANS
from cnnspec.draw.parts.forkkind import skip_kind, trunk_arm
from cnnspec.draw.parts.parts import Frame, Part, Plan, Row, Split, convs, walk

_EDGE, _SAMPLE, _APART, _LINE, _FOOT = 6.0, 16.0, 6.0, 9.5, 5.5
_SIGN = 8.8
_SPARE = 20.0
"""Room at the end of a line of the key, for readers that set it in a wider face."""


def footer(
    pen: Pen,
    plan: Plan,
    sheet: Sheet,
    width: float,
    bottom: float,
    *,
    totals: bool = True,
    entries: Sequence[Entry] | None = None,
) -> float:
    """Draw key and totals under `bottom`; returns the height of the page.

    `entries` are what the key says, where that is not what the plan's parts call for.
    """
    places, lines = _flow(plan, sheet, width, entries)
    first = len(pen.scene.shapes)
    for x, line, text, sample in places:
        y = bottom + _LINE * line
        sample(pen, x, y)
        _say(pen, x + _SAMPLE + 3, y, text)
    y = bottom + _LINE * lines
    pen.scene.foot = (first, len(pen.scene.shapes))
    if not totals:
        return y + _FOOT
    baseline = y + MIDDLE * measures.CAPTION
    pen.scene.add(
        Text(width - _EDGE, baseline, plan.total, measures.CAPTION, fill="muted", anchor="end")
    )
    return y + _FOOT


def key_width(texts: Iterable[str]) -> float:
    """The least width of a page on which each of these texts has room in the key."""
    widest = max(text_width(text, measures.CAPTION) for text in texts)
    return widest + _SAMPLE + 3 + 2 * _EDGE


def footer_height(plan: Plan, sheet: Sheet, width: float) -> float:
    """How much `footer` adds to a page."""
    return _LINE * _flow(plan, sheet, width)[1] + _FOOT


def _flow(
    plan: Plan, sheet: Sheet, width: float, entries: Sequence[Entry] | None = None
) -> tuple[list[_Placed], int]:
    """The entries of the key with x and line, and the line of the totals (lines from 1)."""
    x, line, places = _EDGE, 1, []
    for text, sample in _entries(plan, sheet) if entries is None else entries:
        need = _SAMPLE + 3 + text_width(text, measures.CAPTION)
        if x + need > width - _EDGE - _SPARE and x > _EDGE:
            x, line = _EDGE, line + 1
        places.append((x, line, text, sample))
        x += need + _APART
    wraps = x + text_width(plan.total, measures.CAPTION) > width - _EDGE and x > _EDGE
    return places, line + wraps


def _say(pen: Pen, x: float, middle: float, text: str) -> None:
    pen.scene.add(Text(x, middle + MIDDLE * measures.CAPTION, text, measures.CAPTION))


Sample = Callable[[Pen, float, float], None]
Entry = tuple[str, Sample]
"""What the key says, and what draws the sample before it."""
_Placed = tuple[float, int, str, Sample]


def _entries(plan: Plan, sheet: Sheet) -> Iterator[Entry]:
    """What needs a word: skips, and shades that stand for kernels."""
    yield from skip_entries(plan.parts)
    yield from sign_entries(plan.parts)
    if sheet.by_kernel:
        fills = {sheet.shade(layer) for layer in convs(plan.parts)}
        for index in range(SHADES if len(fills) > 1 else 0):
            if f"conv{index + 1}" in fills:
                yield _kernels(plan, sheet, f"conv{index + 1}"), _shade_sample(f"conv{index + 1}")
    if not sheet.by_kernel:
        yield from channel_entries(sheet)
    if note := _branch_note(plan):
        yield note, box_sample
    if sheet.strips:
        forks = [
            fork
            for part in walk(plan.parts)
            if isinstance(part, Frame) and (fork := module_fork(part))
        ]
        said = "concat: output channels of each branch"
        if any(map(reductions, forks)):
            said += "; reduce: 1×1 convs at their heads"
        yield said, _strip_sample
        arms = [arm for fork in forks for arm in fork.arms]
        if any(arm and not list(convs(arm)) for arm in arms):
            yield "branch of a pool", _pool_sample
        if pools := dict.fromkeys(filter(None, map(pool_before, arms))):
            yield f"branch that begins with a {' or '.join(pools)}", _pooled_sample


def skip_entries(parts: tuple[Part, ...]) -> Iterator[Entry]:
    """What dashes and the boxes with a waist beside a trunk mean."""
    splits = [part for part in walk(parts) if isinstance(part, Split)]
    kinds = {
        skip_kind(arm)
        for split in splits
        if (trunk := trunk_arm(split)) is not None
        for at, arm in enumerate(split.arms)
        if at not in (trunk, split.gate)
    }
    for kind in ("identity", "projection", "parameter-free"):
        if kind in kinds:
            yield f"{kind} skip", _skip_sample(changed=kind != "identity")
    for said in sorted({_gate(split) for split in splits if split.gate >= 0}):
        yield said, _gate_sample


def sign_entries(parts: tuple[Part, ...], ringed: Sequence[Row] = ()) -> Iterator[Entry]:
    """What the signs of joins mean, and what is fused to those in a ring, which no cell shows."""
    joins = [part for part in walk(parts) if isinstance(part, Row) and part.kind == "join"]
    for sign in dict.fromkeys(row.layer.op.sign for row in joins):
        if said := MEANS.get(sign, ""):
            yield said, _sign_sample(sign)
    found: dict[str, list[str]] = {}
    for row in ringed:
        fused = ", ".join(", ".join(op_words(layer)) for layer in row.tail)
        found.setdefault(row.layer.op.sign, []).append(fused)
    for sign, behind in found.items():
        text = f"then {' or '.join(dict.fromkeys(behind))}"
        if text_width(text, measures.CAPTION) > _NOTE:
            text = "then norms and activations that are not shown"
        if sign:
            yield text, _sign_sample(sign, ring=True)


def _sign_sample(sign: str, *, ring: bool = False) -> Sample:
    def draw(pen: Pen, x: float, y: float) -> None:
        left, right = x + (_SAMPLE - _SIGN) / 2, x + (_SAMPLE + _SIGN) / 2
        pen.circle(Area(left, y - _SIGN / 2, right, y + _SIGN / 2), ring=ring)
        pen.sign((x + _SAMPLE / 2, y), sign)

    return draw


def _gate(split: Split) -> str:
    """What a squeeze-and-excitation computes."""
    rows = [part for part in split.arms[split.gate] if isinstance(part, Row)]
    return "SE: " + ", ".join(op_words(layer)[0] for row in rows for layer in row.layers)


def _gate_sample(pen: Pen, x: float, y: float) -> None:
    gate_shape(pen, Area(x, y - 3, x + _SAMPLE, y + 3))


def channel_entries(sheet: Sheet) -> Iterator[Entry]:
    """What the shades mean where they tell channels: of a stage as a whole, else of the conv."""
    ranges = sheet.ranges()
    if ranges and not sheet.told:
        what = "stages of " if sheet.staged else ""
        text = f"{what}{ranges[0][1]}–{ranges[-1][2]} channels"
        yield text, _shades_sample([fill for fill, _, _ in ranges])


def _kernels(plan: Plan, sheet: Sheet, fill: str) -> str:
    """The kernels that a shade stands for, square ones first."""
    layers = [layer for layer in convs(plan.parts) if sheet.shade(layer) == fill]
    found = {getattr(layer.op, "window").kernel for layer in layers}  # noqa: B009
    order = sorted(found, key=lambda kernel: (kernel[0] != kernel[1], kernel))
    return ", ".join(f"{rows}×{columns}" for rows, columns in order)


def _branch_note(plan: Plan) -> str:
    """The norm and activation behind branches' convolutions, whose boxes do not show them."""
    splits = [part for part in walk(plan.parts) if isinstance(part, Split)]
    arms = [arm for split in splits if trunk_arm(split) is None for arm in split.arms]
    rows = [part for arm in arms for part in walk(arm) if isinstance(part, Row)]
    return fused_note(rows, plan.parts)


def fused_note(rows: Sequence[Row], parts: tuple[Part, ...], room: float = 0) -> str:
    """What is fused to the ops of rows that show their main op alone: `conv, ReLU; fc, sigmoid`.

    `parts` are all that the rows stand among; `room` is the width of the figure, where that is
    more than a column.
    """
    room = max(_NOTE, room - _SAMPLE - 3 - 2 * _EDGE)
    for convs_said in _fused_convs(rows, parts):
        said = "; ".join(filter(None, (convs_said, _fused_others(rows))))
        if text_width(said, measures.CAPTION) <= room:
            return said
    return "norms and activations not shown"


def _fused_others(rows: Sequence[Row]) -> str:
    """What is fused to fully connected layers, pools and the rest, where they are of few kinds."""
    shown = [row for row in rows if row.kind not in ("conv", "join") and row.main >= 0]
    for name in (_kind, _name):
        said = dict.fromkeys((name(row), _order(row)) for row in shown)
        fused = [(who, order) for who, order in said if len(order) > 1]
        if len({who for who, _ in said}) == len(said) and len(fused) <= _EXCEPTIONS:
            return "; ".join(_other(who, order) for who, order in fused)
    hidden = dict.fromkeys(op for _, order in fused for op in order if op != "conv")
    return f"{', '.join(hidden)} not shown"


def _fused_convs(rows: Sequence[Row], parts: tuple[Part, ...]) -> Iterator[str]:
    """`conv, BN, ReLU` where it is the same everywhere; where it is not, but the name of a conv
    tells, `conv, BN, ReLU; 3×3 dw conv, BN`, or its place: `conv, BN, ReLU; before +: conv, BN`;
    else what there is, `conv, BN, ReLU or conv, ReLU`, or only what is hidden.

    The best first, for who has no room for it.
    """
    shown = [row for row in rows if row.kind == "conv"]
    orders = Counter(map(_order, shown))
    if not any(len(order) > 1 for order in orders):
        yield ""
        return
    if said := _said_convs(shown):
        yield said
    last = set(_before_joins(parts))
    inner, outer = ([row for row in shown if (row in last) is ends] for ends in (False, True))
    if (said := _said_convs(inner)) and (behind := _said_convs(outer)):
        signs = {part.join.layer.op.sign for part in walk(parts) if isinstance(part, Split)}
        yield f"{said}; before {'+' if signs == {'+'} else 'a join'}: {behind}"
    if said := _said_convs(shown, _NAMED):
        yield said
    if len(orders) <= _COMBINED:
        yield " or ".join(_other("conv", order) for order, _ in orders.most_common())
    hidden = dict.fromkeys(op for order in orders for op in order if op != "conv")
    yield f"{', '.join(hidden)} not shown"


def _before_joins(parts: tuple[Part, ...]) -> Iterator[Row]:
    """The rows that arms of forks end with."""
    for split in walk(parts):
        for arm in split.arms if isinstance(split, Split) else ():
            if rows := [part for part in walk(arm) if isinstance(part, Row)]:
                yield rows[-1]


def _said_convs(shown: Sequence[Row], most: int = 0) -> str:
    """What is fused to convs, where it is of few kinds that names tell; else nothing.

    At most so many names are said, in one piece for those alike.
    """
    orders = Counter(map(_order, shown))
    usual = orders.most_common(1)[0][0] if orders else ()
    for name in (_kind, _name):
        said = {(name(row), _order(row)) for row in shown}
        others = sorted((who, order) for who, order in said if order != usual)
        if len({who for who, _ in said}) == len(said) and len(others) <= (most or _EXCEPTIONS):
            pieces = others if not most else _together(others)
            if others and not pieces:
                continue
            return "; ".join([", ".join(usual), *(_other(who, order) for who, order in pieces)])
    return ""


def _together(others: Sequence[tuple[str, _Order]]) -> list[tuple[str, _Order]]:
    """Names of convs that have the same fused, as one: `1×1 conv, 256 and 3×3 conv, 256`.

    None where one is a list that nobody reads.
    """
    found: dict[_Order, list[str]] = {}
    for who, order in others:
        found.setdefault(order, []).append(who)
    if any(len(names) > _LISTED for names in found.values()):
        return []
    return [(" and ".join(names), order) for order, names in found.items()]


_NOTE = measures.ONE_COLUMN - _SAMPLE - 3 - 2 * _EDGE
"""What is wider has no room in one column of print."""
_EXCEPTIONS = 2
"""So many kinds of convs that differ from the others are named."""
_NAMED, _LISTED, _COMBINED = 4, 3, 3
"""So many are where nothing shorter tells, so many of them in one piece, and so many ways to dress
a conv are listed."""
_Order = tuple[str, ...]


def _order(row: Row) -> _Order:
    """`conv, BN, ReLU`: the ops of a row in order, without what tells one conv from another."""
    ops = (*row.lead, row.layer, *row.tail)
    return tuple("conv" if op is row.layer else ", ".join(op_words(op)) for op in ops)


def _kind(row: Row) -> str:
    return op_words(row.layer)[0]


def _name(row: Row) -> str:
    return ", ".join((row.said.split(" /")[0].split(", ") if row.said else op_words(row.layer))[:2])


def _other(who: str, order: _Order) -> str:
    if len(order) == 1:
        return f"{who} alone"
    return ", ".join(who if op == "conv" else op for op in order)


def box_sample(pen: Pen, x: float, y: float) -> None:
    """A conv's box with the pieces behind it that others leave out."""
    line = ("conv-line", measures.BOX_LINE)
    pen.scene.add(Rect(x, y - 3, _SAMPLE, 6, measures.BOX_RADIUS, "conv1", *line))
    for at in (8.0, 12.0):
        pen.scene.add(Rect(x + at, y - 3, 4, 6, 0, "background", *line))


def _strip_sample(pen: Pen, x: float, y: float) -> None:
    for left, width, fill in ((0, 4, "conv1"), (4, 9, "conv2")):
        pen.scene.add(Rect(x + left, y - 3, width, 6, 0, fill, "conv-line", measures.RULE))


def _pool_sample(pen: Pen, x: float, y: float) -> None:
    pen.scene.add(Rect(x, y - 3, _SAMPLE, 6, 0, "pool", "pool-line", measures.RULE))


def pool_before(arm: tuple[Part, ...]) -> str:
    """`3×3 max pool`: the pool that a branch of convs begins with, or nothing."""
    rows = [part for part in walk(arm) if isinstance(part, Row)]
    begins = bool(rows) and rows[0].kind == "pool" and any(True for _ in convs(arm))
    return op_words(rows[0].layer)[0] if begins else ""


def pool_edge(pen: Pen, x: float, y: float, height: float) -> None:
    """The edge of a branch's cell that begins with a pool."""
    size = (x, y, POOL_EDGE, height, 0)
    pen.scene.add(Rect(*size, "pool", "pool-line", measures.RULE))


POOL_EDGE = 3.0
"""The width of `pool_edge`."""


def _pooled_sample(pen: Pen, x: float, y: float) -> None:
    pen.scene.add(Rect(x, y - 3, _SAMPLE, 6, 0, "conv1", "conv-line", measures.RULE))
    pool_edge(pen, x, y - 3, 6)


def _skip_sample(*, changed: bool) -> Sample:
    def draw(pen: Pen, x: float, y: float) -> None:
        colour = "changed" if changed else "wire"
        line = (("M", (x, y)), ("L", (x + _SAMPLE, y)))
        pen.scene.add(Path(line, stroke=colour, line=measures.SKIP, dash=changed))

    return draw


def _shades_sample(fills: Sequence[str]) -> Sample:
    """Cells side by side, as wide together as any sample."""

    def draw(pen: Pen, x: float, y: float) -> None:
        wide = _SAMPLE / len(fills)
        for at, fill in enumerate(fills):
            place = (x + at * wide, y - 3, wide, 6, 0)
            pen.scene.add(Rect(*place, fill, "conv-line", measures.RULE))

    return draw


def _shade_sample(fill: str) -> Sample:
    def draw(pen: Pen, x: float, y: float) -> None:
        pen.scene.add(
            Rect(x, y - 3, _SAMPLE, 6, measures.BOX_RADIUS, fill, "conv-line", measures.BOX_LINE)
        )

    return draw
