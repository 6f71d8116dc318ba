"""The arrows beside the line: copies, sums on one row, further outputs, places of maxima."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cnnspec.draw.bars.hops import Bars, Builder, Hop, Way


def joined(builder: Builder, bars: Bars) -> bool:
    """Add the arrows beside the line; whether each of them has a clear way."""
    index = {id(bar): at for at, bar in enumerate(bars.line)}
    for side in builder.chain.sides:
        start, end = builder.bar_of.get(side.source), builder.bar_of.get(side.end)
        if start is None or end is None:
            return False
        way = _side(bars, index[id(start)], index[id(end)])
        ordered = builder.flow.steps[side.end].row.layer.op.ordered
        if way is None or ordered or (end.parts and way not in ("across", "vault")):
            return False
        hop = Hop(start, end, side.ops, way, main=False)
        if way == "vault":
            hop.first, end.late, end.parts = bars.run(end)[0], True, end.parts[::-1]
        bars.hops.append(hop)
    ok = _apart(bars) and all(_placed(builder, bars, pool, at) for pool, at in builder.chain.places)
    ok = ok and all(_head(builder, bars, head.source, head.ops) for head in builder.chain.heads)
    _deepen(bars)
    return ok


def _deepen(bars: Bars) -> None:
    """Hooks round others lie below them."""
    index = {id(bar): at for at, bar in enumerate(bars.all)}
    hooks = [hop for hop in bars.hops if hop.way == "hook"]
    spans = {id(hop): (index[id(hop.start)], index[id(hop.end)]) for hop in hooks}
    hooks.sort(key=lambda hop: spans[id(hop)][1] - spans[id(hop)][0])
    for at, hop in enumerate(hooks):
        first, last = spans[id(hop)]
        inner = (
            o.depth for o in hooks[:at] if first <= spans[id(o)][0] and spans[id(o)][1] <= last
        )
        hop.depth = 1 + max(inner, default=-1)


def _side(bars: Bars, start: int, end: int) -> Way | None:
    """How what is copied from one bar of the line to another gets there."""
    line = bars.line
    between, row = line[start + 1 : end], line[end].row
    if line[start].row == row and all(bar.row == row for bar in between):
        return "hook"
    if line[start].row == row and all(bar.row != row for bar in between):
        return "across"
    run = bars.run(line[end])
    before = [bar for bar in between if bar.row == row]
    goes_on = run[-1] is not line[end] or run is bars.runs[-1]
    if line[start].row == row and goes_on and all(bar in run for bar in before):
        return "vault"
    falls = line[start].row == row - 1 and between
    return "over" if falls and all(bar.row == row for bar in between) else None


def _apart(bars: Bars) -> bool:
    """Whether each bar has at most one arrow of a way beside the line; hooks lie in each other."""
    for way in ("across", "vault", "hook", "over"):
        found = [hop for hop in bars.hops if hop.way == way]
        if len({id(hop.start) for hop in found}) < len(found):
            return False
        if len({id(hop.end) for hop in found}) < len(found):
            return False
    index = {id(bar): at for at, bar in enumerate(bars.line)}
    hooks = [hop for hop in bars.hops if hop.way == "hook"]
    spans = [(index[id(hop.start)], index[id(hop.end)]) for hop in hooks]
    return not any(a < c < b or a < d < b for a, b in spans for c, d in spans if (a, b) != (c, d))


def _placed(builder: Builder, bars: Bars, pool: int, at: int) -> bool:
    """Add the arrow from a pool to who takes its places; whether both arrows cross one gap."""
    fall, rise = _carrier(bars, pool), _carrier(bars, at)
    if fall is None or rise is None or (fall.way, rise.way) != ("fall", "rise"):
        return False
    same = fall.start.row == rise.end.row and fall.end.row == rise.start.row
    if same and fall.end.row == fall.start.row + 1:
        bars.places.append((fall, rise, pool, at))
        return True
    return False


def _carrier(bars: Bars, at: int) -> Hop | None:
    """The arrow of the line that stands for a step."""
    found = (hop for hop in bars.hops if hop.main)
    return next((hop for hop in found if at in (*hop.ops, *hop.end.steps)), None)


def _head(builder: Builder, bars: Bars, source: int, ops: Sequence[int]) -> bool:
    """Add the bars of a further output; whether they have room on the row of what they read."""
    start = builder.bar_of.get(source)
    if start is None or any(builder.level[at] != builder.level[source] for at in ops):
        return False
    made = [builder._bar(ops[0])]
    for at in ops[1:]:
        if builder._goes_on(made[-1], at):
            builder._add(made[-1], at)
        else:
            made.append(builder._bar(at))
    for bar in made:
        bar.row, bar.head = start.row, True
    run = bars.run(start)
    ends = run is bars.runs[-1]
    if (
        run[-1] is start
        and not ends
        and any(h.start is start and h.way in ("across", "vault") for h in bars.hops)
    ):
        return False
    if run[-1] is not start and not ends:
        return False
    free = run[-1] is start and not any(h.start is start and h.end.head for h in bars.hops)
    bars.hops.append(Hop(start, made[0], (), "along" if free else "hook"))
    bars.hops += [Hop(a, b, (), "along") for a, b in pairwise(made)]
    bars.heads.append(made)
    return True
