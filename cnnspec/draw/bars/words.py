"""What the key says of arrows, their colours, and the numbers of what one colour does not tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Literal, NamedTuple

from cnnspec.draw.bars.hops import Bar, Bars, Hop
from cnnspec.draw.flow.steps import Step
from cnnspec.draw.page.labels import op_words
from cnnspec.ir import Layer

_JOINS = {"×": "multiply", "µ": "average", "∨": "take the larger"}
"""What is done with a copy, by the sign of a join; others say it by their names."""


_ORDER = ("conv-line", "level", "fall", "rise", "other-line")
"""The colours of the key from its first line to its last."""
Style = Literal["plain", "thick", "thin", "dash"]
"""Of lines: of ops; of copies across, beside a row, and those with ops on them."""


class Look(NamedTuple):
    """How arrows of one class look."""

    colour: str
    style: Style = "plain"


_SIZE = re.compile(r" \d+×\d+$")


class Kind(NamedTuple):
    """Arrows that stand for the same ops."""

    look: Look
    ops: str


class Words:
    """Tells the kinds of arrows in a figure apart; `labels` are its author's, by path."""

    def __init__(self, bars: Bars, labels: Mapping[str, str]) -> None:
        self.bars, self.labels = bars, labels
        level = (hop for hop in bars.hops if hop.main and hop.way in ("along", "hook"))
        along = Counter(map(self._ops, level))
        along.pop("", None)
        self.usual = along.most_common(1)[0][0] if along else ""
        self.kinds: dict[Kind, str] = {}
        """What an author calls all kinds, or their ops."""
        for hop in bars.hops:
            kind = self.of(hop)
            if kind.ops:
                self.kinds[kind] = self._named(hop) or self.kinds.get(kind, "") or kind.ops
        looks = Counter(kind.look for kind in self.kinds)
        several = (kind for kind in self.ordered() if looks[kind.look] > 1)
        self.numbers = {kind: str(at) for at, kind in enumerate(several, 1)}
        """What stands beside the arrows of a kind, where their look does not say all."""

    def ordered(self) -> list[Kind]:
        """All kinds as the key lists them."""
        return sorted(self.kinds, key=lambda kind: _ORDER.index(kind.look.colour))

    def of(self, hop: Hop) -> Kind:
        """The kind of an arrow."""
        ops = self._ops(hop)
        return Kind(self._look(hop, ops), ops)

    def _look(self, hop: Hop, ops: str) -> Look:
        if not hop.main:
            thin: Style = "dash" if hop.ops else "thin"
            return Look("level", "thick" if hop.way in ("across", "vault") else thin)
        if hop.way in ("fall", "rise"):
            return Look(hop.way)
        if not ops:
            return Look("wire")
        return Look("conv-line" if ops == self.usual else "other-line")

    def _named(self, hop: Hop) -> str:
        """What an author calls an arrow: the label of a layer that stands on it."""
        steps = [self.bars.flow.steps[at] for at in hop.ops]
        if hop.main and not (hop.end.names or hop.end.parts or hop.end.sum):
            steps += [self.bars.flow.steps[at] for at in hop.end.steps]
        paths = (path for step in steps for path in step.row.paths)
        return next((self.labels[path] for path in paths if path in self.labels), "")

    def _ops(self, hop: Hop) -> str:
        """The ops that an arrow stands for, without channels; of a copy also what takes it."""
        steps = [self.bars.flow.steps[at] for at in hop.ops]
        joins = bool(hop.end.parts or hop.end.sum)
        own = hop.end.steps[1:] if joins else hop.end.steps
        if hop.main:
            steps += [self.bars.flow.steps[at] for at in own]
            return ", ".join(said for step in steps if (said := said_of(step)))
        crops = all(step.crops for step in steps) and steps
        ops = ["crop" if crops else said_of(step) for step in steps] or ["copy"]
        return f"{', '.join(ops)} and {self._taken(hop.end)}"

    def _taken(self, bar: Bar) -> str:
        """`concat`, or `add, ReLU`: what becomes of a copy."""
        row = self.bars.flow.steps[bar.steps[0]].row
        op = row.layer.op
        return ", ".join([_JOINS.get(op.sign, op.name), *map(_said, row.tail)])


def said_of(step: Step) -> str:
    """The ops of a step without their channels: `3×3 conv, BN, ReLU`."""
    return ", ".join(map(_said, step.row.shown))


def _said(layer: Layer) -> str:
    """The label of a layer without its channels, and without a stride that is as its kernel."""
    first, *rest = op_words(layer)
    rest = rest[1:] if rest and rest[0].isdigit() else rest
    if layer.op.beside:
        first = _SIZE.sub("", first)  # what a crop leaves differs from row to row
    window = getattr(layer.op, "window", None)
    stride = layer.op.stride_label()
    if window is not None and window.kernel == window.stride:
        stride = ""
    return ", ".join([f"{first} {stride}".strip(), *rest])
