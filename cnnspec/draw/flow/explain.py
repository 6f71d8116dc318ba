"""How what a closed call holds can be shown beside a figure: as rows, by its blocks, or laid out.

In `nested` insets the blocks that a block holds stand as their names and have insets of their own.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property

from cnnspec.draw.flow.calls import Likeness, Span
from cnnspec.draw.flow.insetpage import Run
from cnnspec.draw.flow.insides import Insides
from cnnspec.draw.flow.levels import layout_of, levels
from cnnspec.draw.flow.quotient import spoken
from cnnspec.draw.flow.steps import Step
from cnnspec.draw.flow.varied import Told, Varied, kind, shown_parts, varied
from cnnspec.draw.parts.parts import Chain, Frame, Part, Row, Split

_ROWS, _DEEP, _DEEPER, _SHORT = 30, 16, 24, 9
"""The most rows of an inset, the most under each other, the same where blocks in it stand as names,
and that of what could be blocks too."""
_RUNS = 6
"""The most runs of blocks of a stage."""
_U = 8
"""So many steps are a U."""
FEW = 3
"""A call without the name of a block shows so many steps itself."""
_WORTH, _TWICE = 3, 2
"""A block in a block has a name if it has so many steps, or so many and is there twice."""


def form_of(step: Step) -> Hashable:
    """Equal for steps that compute the same whatever the channels, the stride and the maps."""
    return kind(step.row), step.row.main, step.training


class Explain:
    """What is known of the calls of one flow for their insets."""

    def __init__(self, insides: Insides, *, nested: bool = False, terse: bool = False) -> None:
        self.insides, self.nested, self.terse = insides, nested, terse
        self.most = _DEEPER if nested else _DEEP
        self._inner: dict[str, tuple[Span, ...]] = {}
        self._keys: dict[str, Hashable] = {}
        self._runs: dict[str, list[Run]] = {}
        self._varied: dict[tuple[str, ...], Varied] = {}

    @cached_property
    def level(self) -> list[int]:
        """The level of every step, which few nets ask for."""
        return levels(self.insides.flow)

    @cached_property
    def forms(self) -> Likeness:
        """Stretches of the flow by what they compute whatever the channels."""
        return Likeness(self.insides.flow, form_of)

    def parts(self, span: Span) -> tuple[Part, ...] | None:
        """What a call holds, in `nested` insets with the blocks in it by their names."""
        return self.insides.shown(span.first, span.last, self.inner(span))

    def small(self, span: Span, most: int) -> bool:
        """Whether what a call holds has room in an inset of rows, and a name."""
        parts = self.parts(span) if span.module is not None else None
        if parts is None or len(shown_parts(parts)) > _ROWS or _deep(parts) > most:
            return False
        return self.terse or len(span) < _U or not self._levels(span)

    def _levels(self, span: Span) -> bool:
        """Whether a block joins maps of several sizes: a small U, which is laid out as one."""
        inside, flow = range(span.first, span.last + 1), self.insides.flow
        rises = any(flow.steps[at].resamples and flow.steps[at].kind != "pool" for at in inside)
        return rises and span.clean and layout_of(flow, self.level, inside, [span.last]) != "ranks"

    def plain(self, span: Span) -> bool:
        """Whether an inset of rows, or the blocks of a stage by their names, say what it holds."""
        return bool(self.runs(span)) or self.small(span, self.most)

    def whole(self, span: Span) -> bool:
        """Whether an inset shows the call itself, not the blocks of which it is a row."""
        runs = bool(self.runs(span))
        if runs and self.nested and not self.terse:
            return False
        named = bool(span.module and span.module.block)
        return self.small(span, _SHORT if runs else self.most) and (named or not runs)

    def few(self, span: Span, most: int) -> bool:
        """Whether a call is no more than a few steps in series."""
        parts = self.insides.of(span.first, span.last) if len(span) <= most else None
        return parts is not None and all(isinstance(part, Row) for part in parts)

    def runs(self, span: Span) -> list[Run]:
        """The small blocks that a stage is made of, one behind the other; none where it is not."""
        if span.path not in self._runs:
            self._runs[span.path] = self._in_series(span)
        return self._runs[span.path]

    def _in_series(self, span: Span) -> list[Run]:
        found: list[Run] = []
        for group in self.insides.line(span.first, span.last) or ():
            begin, end, first = group[0][0], group[-1][1], group[0][2]
            spans = tuple(one for _, _, one in group if one is not None)
            if first is not None and not (_block(first) and self.small(first, self.most)):
                return []
            if first is None and begin != end:
                return []
            found.append(Run(begin, end, spans))
        return found if len(found) <= _RUNS else []

    def inner(self, span: Span) -> tuple[Span, ...]:
        """The outermost blocks in a call that stand as their names, in order."""
        if not self.nested:
            return ()
        if span.path not in self._inner:
            within = [one for one in self.insides.within(span) if _block(one) and one.clean]
            blocks = [_block(one) for one in within]
            worth = [
                one for one in within
                if len(one) >= _WORTH - (blocks.count(_block(one)) >= _TWICE)
                and not self._gate(one)
            ]  # fmt: skip
            self._inner[span.path] = tuple(_outermost(worth))
        return self._inner[span.path]

    def reached(self, spans: Sequence[Span]) -> Iterator[Span]:
        """The calls with the blocks that stand as their names in them, and in those."""
        waiting = list(spans)
        for span in waiting:
            yield span
            if self.nested and self.small(span, self.most):
                named = frames(self.parts(span) or ())
                waiting += [self.insides.spans[path] for one in named for path in one.members]

    def roots(self, span: Span) -> list[Span]:
        """The calls that have insets where one stands as a box: itself, or its blocks."""
        if self.whole(span) or not (runs := self.runs(span)):
            return [span]
        return [one for run in runs for one in run.spans]

    def loose(self, span: Span) -> list[int]:
        """The steps of a stage that are in no block of it, where its blocks stand as names."""
        runs = [] if self.whole(span) else self.runs(span)
        return [run.begin for run in runs if not run.spans]

    def _gate(self, span: Span) -> bool:
        """Whether a call is a squeeze-and-excitation, which has a sign of its own."""
        match self.insides.of(span.first, span.last):
            case [Split(gate=gate)]:
                return gate >= 0
        return False

    def varied(self, members: Sequence[Span]) -> Varied:
        """What calls of one structure print as one."""
        paths = tuple(span.path for span in members)
        if paths not in self._varied:
            gives = (self.insides.flow.steps[span.last].shape[0] for span in members)
            calls = zip(members, gives, strict=True)
            self._varied[paths] = varied(
                [Told(one.path, self.parts(one) or (), given) for one, given in calls]
            )
        return self._varied[paths]

    def structure(self, span: Span) -> Hashable:
        """Equal for calls of equal ops and wires, whatever their channels and strides."""
        if span.path not in self._keys:
            parts = self.parts(span) if self.plain(span) else None
            key = self.laid(span) if parts is None else self._structure(parts)
            self._keys[span.path] = key
        return self._keys[span.path]

    def laid(self, span: Span) -> Hashable:
        """The same for what is laid out like a figure: the calls in it are of one structure too."""
        numbers: dict[Hashable, int] = {}
        inside = tuple(
            (one.first - span.first, one.last - span.first, _block(one),
             numbers.setdefault(self.insides.likeness.of(one.first, one.last), len(numbers)))
            for one in self.insides.within(span)
        )  # fmt: skip
        return self.forms.of(span.first, span.last), inside

    def _structure(self, parts: Sequence[Part]) -> Hashable:
        return tuple(self._form(part) for part in parts)

    def _form(self, part: Part) -> Hashable:
        match part:
            case Row():
                return kind(part)
            case Split():
                arms = tuple(self._structure(arm) for arm in part.arms)
                return arms, kind(part.join), part.gate
            case Frame() if not part.parts:
                span = self.insides.spans[part.path]
                return part.count, part.block, self.structure(span)
            case Frame():
                return part.count, self._structure(part.parts)
            case Chain():
                feeds = tuple(tuple(feed.at for feed in found) for found in part.feeds)
                return feeds, self._structure(part.parts)
        return None


def title_of(span: Span) -> str:
    """What the inset of a call is called: its block, or its own name where it has none."""
    return _block(span) or spoken(span.path)


def frames(parts: Sequence[Part]) -> Iterator[Frame]:
    """The blocks that stand as their names."""
    yield from (part for part in shown_parts(parts) if isinstance(part, Frame))


def _block(span: Span) -> str:
    return span.module.block if span.module else ""


def _outermost(spans: Sequence[Span]) -> Iterator[Span]:
    end = -1
    for span in sorted(spans, key=lambda one: (one.first, -len(one), one.path.count("."))):
        if span.first > end:
            yield span
            end = span.last


def _deep(parts: Sequence[Part]) -> int:
    """How many rows stand under each other."""
    return sum(map(_depth, parts))


def _depth(part: Part) -> int:
    if isinstance(part, Split):
        return max((_deep(arm) for arm in part.arms), default=0) + 1
    return _deep(part.parts) if isinstance(part, Chain) else 1
