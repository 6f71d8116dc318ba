"""What stands under the stacks: channels and size, and in words what the key does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.styles.looks import Looks, words
from cnnspec.draw.styles.solids import begins
from cnnspec.draw.styles.volume import Volume
from cnnspec.values import Shape

_LISTED, _LINE = 8, 3
"""So many channels of one stack are listed at most, and so many on one line."""
_PERIOD = 4
"""So many lines may come again together."""
_COLUMN = 40.0
"""Points of a name under a stack: a wider one takes two lines."""


@dataclass(slots=True)
class Foot:
    """What stands under some volumes of a stack: `bold` lines, then grey ones; and where.

    `centre` is its middle, `tier` the row of labels that it is in.
    """

    volumes: list[int]
    bold: list[str]
    grey: list[str]
    width: float = 0.0
    centre: float = 0.0
    tier: int = 0

    def measure(self) -> None:
        """Find the width of the widest line."""
        sizes = [text_width(text, measures.CAPTION, bold=True) for text in self.bold]
        sizes += [text_width(text, measures.CAPTION) for text in self.grey]
        self.width = max(sizes, default=0.0)

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.bold) + len(self.grey)


def feet(
    found: Sequence[Volume],
    runs: Sequence[Sequence[int]],
    looks: Looks,
    labels: Mapping[str, str],
) -> list[list[Foot]]:
    """What stands under each stack, with an author's words."""
    read = {feed: volume for volume in reversed(found) for feed in volume.feeds}
    out = [_under(found, run, looks, read) for run in runs]
    for path, text in labels.items():
        every = (foot for own in out for foot in own)
        foot = next((f for f in every if any(begins(found[i], path) for i in f.volumes)), None)
        if foot is not None:
            _name(foot, text, instead=found[foot.volumes[0]].is_input)
    for foot in (foot for own in out for foot in own):
        foot.measure()
    return [[foot for foot in own if foot.lines] for own in out]


def _under(
    found: Sequence[Volume], run: Sequence[int], looks: Looks, read: Mapping[int, Volume]
) -> list[Foot]:
    inputs = [index for index in run if found[index].is_input]
    rest = [index for index in run if not found[index].is_input]
    out = [_of_input(found[index], index) for index in inputs]
    return out + ([_of_stack(found, rest, looks, read)] if rest else [])


def _name(foot: Foot, text: str, *, instead: bool) -> None:
    """Put an author's words under the size, those of an input in the place of its name."""
    lines = _broken(text)
    sizes = [line for line in foot.grey[:1] if _is_size(line)]
    foot.grey = [*sizes, *lines, *(foot.grey[len(sizes) :] if not instead else [])]


def _is_size(text: str) -> bool:
    return bool(text) and set(text) <= set("0123456789×²")


def _broken(text: str) -> list[str]:
    """A name on one line, or on two that are as short as they can be."""
    parts = text.split()
    if text_width(text, measures.CAPTION) <= _COLUMN or len(parts) < 2:
        return [text]
    cuts = [(" ".join(parts[:at]), " ".join(parts[at:])) for at in range(1, len(parts))]
    return [*min(cuts, key=lambda cut: max(text_width(one, measures.CAPTION) for one in cut))]


def _of_input(volume: Volume, index: int) -> Foot:
    return Foot([index], [str(volume.shape[0])], [*_size(volume.shape), *_broken(volume.said[1])])


def _of_stack(
    found: Sequence[Volume], run: Sequence[int], looks: Looks, read: Mapping[int, Volume]
) -> Foot:
    """Channels, size, and what the key does not say."""
    volumes = [found[index] for index in run]
    if volumes[0].sign:
        return Foot([*run], [], [*filter(None, [volumes[0].stop.head]), *volumes[0].stop.leaves])
    given = next((volume for volume in reversed(volumes) if volume.kind != "pool"), volumes[-1])
    made = [one.shape[0] for one in volumes if _chooses(found, one)] or [given.shape[0]]
    many = len(made) > _LISTED and len(set(made)) > 1
    listed = [str(made[-1])] if many or len(set(made)) == 1 else [*map(str, made)]
    bold = [", ".join(listed[at : at + _LINE]) for at in range(0, len(listed), _LINE)]
    lines = _ops(volumes, looks, everything=many)
    pooled = _pooled(volumes[-1], read.get(run[-1])) if len(run) > 1 else []
    leaves = [leaf for volume in volumes for leaf in volume.stop.leaves]
    return Foot([*run], bold, [*_size(given.shape), *lines, *pooled, *leaves])


def _pooled(last: Volume, reader: Volume | None) -> list[str]:
    """What the pool that ends a stack leaves, where no map behind it says so."""
    told = reader is None or reader.is_map or bool(reader.sign)
    size = _size(last.shape)
    return [] if told or last.kind != "pool" or size == ["1×1"] else [f"pool to {size[0]}"]


def _chooses(found: Sequence[Volume], volume: Volume) -> bool:
    """Whether a volume has channels of its own, not those of what it is made from."""
    kept = volume.feeds and found[volume.feeds[0]].shape[:1] == volume.shape[:1]
    return volume.stop.row is not None and (volume.stop.row.kind in ("conv", "linear") or not kept)


def _ops(volumes: Sequence[Volume], looks: Looks, *, everything: bool) -> list[str]:
    """The layers of every colour of which the key does not say all, in order; whose weights."""
    weighed = [one for one in volumes if one.stop.row and one.kind not in ("pool", "other")]
    shared = [one for one in weighed if one.stop.row and one.stop.row.shares]
    apart = {one.kind for one in volumes if everything or not looks.told(one)}
    said = []
    for volume in volumes:
        if volume.kind in apart:
            mark = volume in shared and len(shared) < len(weighed)
            own = everything and volume.kind not in ("pool", "other")
            said.append(words(volume) + f", {volume.shape[0]}" * own + ", shared" * mark)
        elif volume in shared and len(shared) < len(weighed):
            said.append(f"{words(volume)}, shared")
    return folded(said) + ["shared"] * bool(shared and len(shared) == len(weighed))


def folded(said: Sequence[str]) -> list[str]:
    """Lines with a count where some come again and again: `11 × (3×3 conv, 12; concat)`."""
    out, at = list[str](), 0
    while at < len(said):
        counts = {wide: _times(said, at, wide) for wide in range(1, _PERIOD + 1)}
        wide = max(counts, key=lambda wide: (counts[wide] > 1) * wide * counts[wide])
        count = counts[wide]
        text = "; ".join(said[at : at + wide])
        out.append(text if count == 1 else f"{count} × {text if wide == 1 else f'({text})'}")
        at += wide * count
    return out


def _times(said: Sequence[str], at: int, wide: int) -> int:
    """How often the next lines come in a row."""
    count, first = 1, said[at : at + wide]
    while said[at + wide * count : at + wide * (count + 1)] == first:
        count += 1
    return count


def _size(shape: Shape) -> list[str]:
    """`256²`, or `352×480`; nothing for a vector."""
    rest = [str(int(size)) for size in shape[1:]]
    if len(rest) == 2 and rest[0] == rest[1] != "1":
        return [f"{rest[0]}²"]
    return ["×".join(rest)] if rest else []
