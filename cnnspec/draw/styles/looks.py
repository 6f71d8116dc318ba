"""What the colours of volumes say: an op for each in the key, and which layers it does not tell.

Convolutions are blue, larger kernels darker; one that ends the net is as yellow as a classifier.
What a colour does not say of a layer stands in words under its stack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.labels import op_words
from cnnspec.draw.page.measures import CAPTION
from cnnspec.draw.styles.volume import Volume
from cnnspec.ir import Layer

KINDS = ("conv", "kernel1", "kernel2", "pool", "up", "linear", "other")
"""The order of the key."""
_WIDE = 150.0
"""Points of a text of the key at most: what is fused to an op is left out of a longer one."""


class Looks:
    """Gives the volumes their colours, and knows what the key says of each."""

    def __init__(self, found: Sequence[Volume]) -> None:
        self.shown = [volume for volume in found if volume.stop.row and not volume.sign]
        self._recolour(found)
        self.said: dict[str, str] = {}
        self.partly: set[str] = set()
        self.bases: dict[str, str] = {}
        self.mods: dict[str, tuple[str, ...]] = {}
        for kind in KINDS:
            same = [volume for volume in self.shown if volume.kind == kind]
            if same:
                self._tell(kind, same)

    def _recolour(self, found: Sequence[Volume]) -> None:
        """Convolutions by their kernels; the last ones where the net has no other classifier."""
        lone = all(volume.kind != "linear" for volume in self.shown)
        for volume in _last(self.shown, found) if lone else ():
            volume.kind = "linear"
        convs = [volume for volume in self.shown if volume.kind == "conv"]
        shades = _shades([base for base, _ in Counter(map(_base, convs)).most_common(3)])
        for volume in convs:
            volume.kind = shades.get(_base(volume), "conv")

    def _tell(self, kind: str, same: Sequence[Volume]) -> None:
        """What the key says of one colour."""
        base, _ = Counter(map(_base, same)).most_common(1)[0]
        alike = [volume for volume in same if _base(volume) == base]
        mods, *others = dict.fromkeys(map(_mods, alike))
        mods = ("",) if others else mods
        words = [f"{base} {mods[0]}".strip(), *mods[1:]]
        orders = {_fused(volume) for volume in same}
        plain = len({(_base(volume), _mods(volume)) for volume in same}) == 1
        fused = [text for text in next(iter(orders)) if text] if len(orders) == 1 else []
        if fused:
            lead = _fused(same[0]).index("") if "" in _fused(same[0]) else 0
            said = ", ".join([*fused[:lead], *filter(None, words), *fused[lead:]])
            if text_width(said, CAPTION) <= _WIDE:
                words = [said]
        self.bases[kind], self.mods[kind] = base, mods
        said = ", ".join(filter(None, words))
        self.said[kind] = f"last {said}" if said in self.said.values() else said
        if not plain:
            self.partly.add(kind)

    def entries(self) -> list[tuple[str, str]]:
        """Every colour of the figure and what the key says of it."""
        return [
            (kind, text + (" unless named" if kind in self.partly else ""))
            for kind, text in self.said.items()
        ]

    def told(self, volume: Volume) -> bool:
        """Whether the key says all of a volume's op."""
        kind, head = volume.kind, volume.stop.head
        same = self.bases.get(kind) == _base(volume) and self.mods[kind] == _mods(volume)
        return same and (not head or head in self.said[kind].split(", "))


def words(volume: Volume) -> str:
    """A volume's op in words, with the activation that ends an output."""
    stride, *rest = _mods(volume)
    head = volume.stop.head
    first = f"{_base(volume)} {stride}".strip().replace("max ", "").replace("avg ", "")
    return ", ".join([first, *rest, *([head] if head else [])])


def _layer(volume: Volume) -> Layer:
    row = volume.stop.row
    assert row is not None
    return row.layer


def _base(volume: Volume) -> str:
    """`3×3 conv`, `2×2 max pool`."""
    return op_words(_layer(volume))[0]


def _mods(volume: Volume) -> tuple[str, ...]:
    """The stride, where the name of a pool does not say it, then groups and dilation."""
    layer = _layer(volume)
    stride, window = layer.op.stride_label(), getattr(layer.op, "window", None)
    if layer.op.kind == "pool" and window is not None and window.stride == window.kernel:
        stride = ""
    return (stride, *op_words(layer)[2:])


def _fused(volume: Volume) -> tuple[str, ...]:
    """The norms and activations of a volume's layers, and an empty word for its op."""
    stop, own = volume.stop, _layer(volume)
    rows = [row for row in (stop.row, *stop.behind) if row is not None]
    layers = [layer for row in rows for layer in row.shown]
    kept = [layer for layer in layers if layer is own or not layer.op.passes]
    return tuple("" if layer is own else ", ".join(op_words(layer)) for layer in kept)


def _last(shown: Sequence[Volume], found: Sequence[Volume]) -> list[Volume]:
    """The convolutions that nothing reads, where they are alike and none of the usual ones."""
    convs = [volume for volume in shown if volume.kind == "conv"]
    looks = Counter((_base(one), _fused(one)) for one in convs)
    read = {feed for volume in found for feed in volume.feeds}
    ends = [one for at, one in enumerate(found) if one in convs and at not in read]
    said = {(_base(one), _fused(one)) for one in ends}
    usual, count = looks.most_common(1)[0] if looks else (None, 0)
    return ends if len(said) == 1 and count > 1 and usual not in said else []


def _size(base: str) -> tuple[int, ...]:
    """The size of a kernel, by its words."""
    numbers = base.partition(" ")[0].split("×")
    return tuple(int(number) for number in numbers if number.isdigit())


def _shades(bases: Sequence[str]) -> dict[str, str]:
    """A shade for each kernel, the first of two the usual one; larger kernels are darker."""
    if len(bases) == 3:
        return dict(zip(sorted(bases, key=_size), ("kernel1", "conv", "kernel2"), strict=True))
    darker = len(bases) == 2 and _size(bases[1]) > _size(bases[0])
    return dict(zip(bases, ("conv", "kernel2" if darker else "kernel1"), strict=False))
