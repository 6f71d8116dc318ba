"""Any net as stacks of volumes from left to right, skips as arcs, ops by colour in the key."""

from __future__ import annotations

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
from cnnspec.draw.styles.stacklayout import Page, Stacked, StackLayout
from cnnspec.draw.styles.volumekey import entries

_LINE, _UNDER, _MARGIN = 7.8, 2.5, 4.0
"""From line to line, from a foot to its label, over and under all."""


class VolumeStacks:
    """A try to draw a net on a page."""

    def __init__(self, plan: Plan, shown: Stacked, page: Page) -> None:
        self.plan, self.shown, self.page, self.found = plan, shown, page, shown.found
        self.layout = StackLayout(shown, page)
        self.feet = [foot for own in shown.feet for foot in own]

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
        under = {foot.volumes[0]: (foot, top) for foot, top in zip(self.feet, tops, strict=True)}
        for index, volume in enumerate(self.found):
            self._link(pen, index)
            with scene.group("box", volume.paths):
                solid(pen, volume, self.middle)
                if index in under:
                    self._label(pen, *under[index])
        arcs.draw(pen, self.middle)
        lows = [volume.bottom(-inf, inf, self.middle) for volume in self.found]
        lows += [top + _high(foot) for foot, top in under.values()]
        scene.height = self._foot(pen, max(lows))
        return scene

    def _foot(self, pen: Pen, bottom: float) -> float:
        """The key; returns the height of the page."""
        said = [*entries(self.plan, self.found, self.shown.looks)]
        if not said:
            return bottom + _MARGIN
        sheet, width = Sheet(measures.Columns(), ()), self.page.width
        return footer(pen, self.plan, sheet, width, bottom + 2, totals=False, entries=said)

    def _tops(self) -> list[float]:
        """The top of every label: right under its stack, and under all else in its way."""
        found: list[tuple[float, int]] = []
        for at in sorted(range(len(self.feet)), key=lambda at: self.feet[at].tier):
            foot = self.feet[at]
            left, right = foot.centre - foot.width / 2 - 1, foot.centre + foot.width / 2 + 1
            lows = [self.found[i].bottom(-inf, inf, self.middle) for i in foot.volumes]
            under = self.layout.between(left, right)
            lows += [one.bottom(left, right, self.middle) for one in under]
            y = max(lows) + _UNDER
            for top, number in sorted(found):
                other = self.feet[number]
                apart = abs(other.centre - foot.centre) >= (other.width + foot.width) / 2 + 2
                if not apart and y < top + _high(other) and top < y + _high(foot):
                    y = top + _high(other) + 1
            found.append((y, at))
        return [y for y, _ in sorted(found, key=lambda pair: pair[1])]

    def _label(self, pen: Pen, foot: Foot, top: float) -> None:
        half, middle = foot.width / 2, foot.centre
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
    return _LINE * foot.lines
