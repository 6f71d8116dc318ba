"""Any net as stacks of volumes from left to right, skips as arcs, ops by colour in the key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf

from cnnspec.draw.block.key import footer
from cnnspec.draw.block.look import Sheet
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Scene, Text
from cnnspec.draw.parts.parts import Plan
from cnnspec.draw.styles.arcs import Arcs, takes
from cnnspec.draw.styles.feet import Foot
from cnnspec.draw.styles.solidbox import solid
from cnnspec.draw.styles.stacklayout import Page, StackLayout
from cnnspec.draw.styles.volume import Volume
from cnnspec.draw.styles.volumekey import entries

_LINE, _UNDER, _MARGIN = 7.8, 2.5, 4.0
"""From line to line, from a foot to its label, over and under all."""


class VolumeStacks:
    """A try to draw a net on a page."""

    def __init__(
        self,
        plan: Plan,
        found: list[Volume],
        page: Page,
        labels: Mapping[str, str],
        hidden: Collection[str],
    ) -> None:
        self.plan, self.found, self.page = plan, found, page
        self.layout = StackLayout(found, page, labels, hidden)
        self.feet, self.centre = self.layout.feet, self.layout.centre

    @property
    def fits(self) -> bool:
        """Whether all has room on the page."""
        return self.layout.fits

    def draw(self) -> Scene:
        """The figure."""
        plan, layout = self.plan, self.layout
        arcs = Arcs(self.found, layout.top)
        self.middle = _MARGIN - min(arcs.top, layout.top(-inf, inf))
        said = f"{plan.name}: edges in proportion to roots; {plan.total}."
        scene = Scene(self.page.width, 0, f"{plan.name}, volumes", said)
        pen, tops = Pen(scene), self._tops()
        for index, volume in enumerate(self.found):
            self._link(pen, index)
            with scene.group("box", volume.paths):
                solid(pen, volume, self.middle)
                for at, foot in enumerate(self.feet):
                    if foot.volumes[0] == index:
                        self._label(pen, foot, self.centre[at], tops[at])
        arcs.draw(pen, self.middle)
        lows = [volume.bottom(-inf, inf, self.middle) for volume in self.found]
        lows += [top + _high(foot) for top, foot in zip(tops, self.feet, strict=True)]
        scene.height = self._foot(pen, max(lows))
        return scene

    def _foot(self, pen: Pen, bottom: float) -> float:
        """The key; returns the height of the page."""
        said = [*entries(self.plan, self.found, self.layout.looks)]
        if not said:
            return bottom + _MARGIN
        sheet, width = Sheet(measures.Columns(), ()), self.page.width
        return footer(pen, self.plan, sheet, width, bottom + 2, totals=False, entries=said)

    def _tops(self) -> list[float]:
        """The top of every label: right under its stack, and under all else in its way."""
        found: dict[int, float] = {}
        order = sorted(range(len(self.feet)), key=lambda at: (self.layout.tier[at], at))
        for at in order:
            foot, centre = self.feet[at], self.centre[at]
            left, right = centre - foot.width / 2 - 1, centre + foot.width / 2 + 1
            y = max(self.found[i].bottom(-inf, inf, self.middle) for i in foot.volumes)
            y = max([y, *(one.bottom(left, right, self.middle) for one in self.found)]) + _UNDER
            for other, top in sorted(found.items(), key=lambda item: item[1]):
                half = self.feet[other].width / 2 + 1
                apart = abs(self.centre[other] - centre) >= half + foot.width / 2 + 1
                high = _high(self.feet[other])
                if not apart and y < top + high and top < y + _high(foot):
                    y = top + high + 1
            found[at] = y
        return [found[at] for at in range(len(self.feet))]

    def _label(self, pen: Pen, foot: Foot, middle: float, top: float) -> None:
        half = foot.width / 2
        middle = min(max(middle, 2 + half), self.page.width - 2 - half)
        area = Area(middle - half - 1.5, top - 2, middle + half + 1.5, top + _high(foot) + 2)
        for line, text in enumerate([*foot.bold, *foot.grey]):
            bold = line < len(foot.bold)
            baseline = top + _LINE * (line + 0.5) + MIDDLE * measures.CAPTION
            fill, size = "ink" if bold else "muted", measures.CAPTION
            pen.scene.add(Text(middle, baseline, text, size, bold, fill, "middle", area))

    def _link(self, pen: Pen, index: int) -> None:
        """An arrow from a stack to the next that is made from it."""
        before, volume = self.found[index - 1], self.found[index]
        run = self.layout.run
        if index - 1 not in volume.feeds or run[index] == run[index - 1]:
            return
        start = self.layout.right(run[index - 1])
        data = (("src", before.paths[-1]), ("dst", volume.paths[0]))
        ends = [(start, self.middle), (volume.x, self.middle)]
        pen.wire(ends, head=0.8, colour="muted", data=data)
        if takes(volume, index - 1):
            pen.less((volume.x - 4, self.middle + 4))


def _high(foot: Foot) -> float:
    """The height of a label."""
    return _LINE * (len(foot.bold) + len(foot.grey))
