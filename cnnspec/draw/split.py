"""A figure too high for a page as several figures (a), (b), ..., each a stretch of the net."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec.draw.block.look import shade_levels
from cnnspec.draw.errors import OptionError
from cnnspec.draw.options import Options, fitting, planned
from cnnspec.draw.page import measures
from cnnspec.draw.page.areas import area_of
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.scene import Circle, Scene, Text
from cnnspec.draw.parts.parts import Shades
from cnnspec.ir import Branch, Call, Item, Layer, graph, members

if TYPE_CHECKING:
    from cnnspec.ir import Net

_SIGN = 15.0
"""Room for the letter under a part."""
_MOST, _LONG, _FAR = 26, 200, 1.5
"""No more parts.  A net of more than `_LONG` stretches is given up as soon as its first parts say
that there will be `_FAR` times more than these."""
Make = Callable[[Options], Scene]
"""What lays a figure out."""
Alike = Callable[[Options], Hashable]
"""What is equal for figures of parts that are drawn alike."""


def split(net: Net, options: Options, make: Make, alike: Alike) -> list[Scene]:
    """The figure in as few parts as fit a page each at the level asked for; one where it fits.

    Parts end between the items of the net's own level.  What does not fit a page by itself is
    closed, and the note of its part says so; so is the whole where parts would leave a layer out,
    or where there would be more of them than letters.
    """
    if options.get("only"):
        raise OptionError("--split shows the whole net: without --only")
    whole = fitting(options, make) if _Parts(options, make, alike).fits(options) else None
    if whole is not None:
        return [whole]
    room: Options = {**options, "height": options.get("height", measures.PAGE_HEIGHT) - _SIGN}
    if levels := shade_levels(planned(net, options).parts):
        room["shades"] = Shades(levels)
    out = _Parts(room, make, alike).of(_names(net.body.items, ""), open_ends=True)
    if not 1 < len(out) <= _MOST or not _complete(net, out):
        return [make(options)]
    for at, scene in enumerate(out):
        _sign(scene, letter(at))
    return out


def letter(at: int) -> str:
    """`a`, `b`, ..., then numbers."""
    return chr(ord("a") + at) if at < 26 else str(at + 1)


def part_file(path: Path, at: int) -> Path:
    """`net.pdf` as `net_a.pdf`."""
    return path.with_name(f"{path.stem}_{letter(at)}{path.suffix}")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What can be a part: its first and last path, and what stands in it where it is one block."""

    first: str
    last: str
    inside: tuple[Item, ...] = ()


class _Parts:
    """Cuts a net into parts that fit a page; whether they do is asked once of those alike."""

    def __init__(self, options: Options, make: Make, alike: Alike) -> None:
        self.options, self.make, self.alike = options, make, alike
        self.drafted: dict[Hashable, bool] = {}
        self.usual = 1
        """How many stretches the last part had."""

    def of(self, names: Sequence[_Stretch], *, open_ends: bool = False) -> list[Scene]:
        """The longest part that fits a page, then the rest; a block too large for one in parts too.

        Longer parts are higher: as long as the one before, twice as long until one is too high,
        then halfway between.
        """
        out: list[Scene] = []
        begin = 0

        def part(end: int) -> Options:
            first = "" if open_ends and not begin else names[begin].first
            last = "" if open_ends and end == len(names) else names[end - 1].last
            return {**self.options, "only": f"{first}..{last}" if first or last else ""}

        while begin < len(names) and len(out) <= _MOST:
            if len(names) > _LONG and begin and len(out) * len(names) > _FAR * _MOST * begin:
                return []
            end = self._longest(begin, len(names), part)
            scene = fitting(part(end), self.make) if self.fits(part(end)) else None
            while scene is None and end > begin + 1:  # a wire found no way
                end -= 1
                scene = fitting(part(end), self.make)
            if scene is None:
                inner = self.of(_names(names[begin].inside, names[begin].first + "."))
                whole = len(inner) > 1 or (inner and not inner[0].note)
                out += inner if whole else [self.make(part(end))]
            else:
                out.append(scene)
            begin = end
        return out

    def _longest(self, begin: int, most: int, part: Callable[[int], Options]) -> int:
        """The end of the longest part whose boxes fit, found without looking for ways of wires."""
        low, far = begin, min(begin + self.usual, most)
        while low < far and self.fits(part(far)):
            low, far = far, min(2 * far - begin, most)
        high = far if low < far else most + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.fits(part(middle)) else (low, middle)
        self.usual = max(low - begin, 1)
        return max(low, begin + 1)

    def fits(self, options: Options) -> bool:
        """Whether the boxes of a part fit."""
        key = self.alike(options)
        if key not in self.drafted:
            draft: Options = options if options.get("sheet") else {**options, "draft": True}
            self.drafted[key] = fitting(draft, self.make) is not None
        return self.drafted[key]


def _names(items: Sequence[Item], prefix: str) -> list[_Stretch]:
    """Every stretch of a level that can be a part.

    What has no name (an output's layers, a further use) goes with the names around it.
    """
    found: list[_Stretch] = []
    tied = False
    for item in items:
        inside = [prefix + name for name in _named(item)]
        if inside and tied and found:
            found[-1] = _Stretch(found[-1].first, inside[-1])
        elif inside:
            block = item.module.items if isinstance(item, Call) else ()
            found.append(_Stretch(inside[0], inside[-1], block))
        tied = not inside
    return found


def _named(item: Item) -> list[str]:
    if isinstance(item, Branch):
        return []
    return [one.name for one in members((item,)) if isinstance(one, Layer | Call) and one.name]


def _complete(net: Net, parts: Sequence[Scene]) -> bool:
    """Whether every layer stands in a part."""
    shapes = (shape for part in parts for shape in part.shapes if not isinstance(shape, Circle))
    stands = {path for shape in shapes for path in shape.stands}
    stands.update(path for part in parts for path in part.unseen)
    return all(
        any(_above(node.path, level) in stands for level in range(node.path.count(".") + 1))
        for node in graph(net).nodes
        if node.inputs
    )


def _above(path: str, levels: int) -> str:
    """The path so many names shorter."""
    return path.rsplit(".", levels)[0] if levels else path


def _sign(scene: Scene, text: str) -> None:
    """The letter of a part under it, as papers set it."""
    text, size = f"({text})", measures.BADGE
    low = max(area_of(shape).bottom for shape in scene.shapes)
    scene.height = max(scene.height, low) + _SIGN
    wide = text_width(text, size)
    scene.add(Text(scene.width / 2 - wide / 2, scene.height - 4, text, size))
    scene.title = f"{scene.title} {text}"
