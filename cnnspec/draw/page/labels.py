"""What stands in a box, by the label grammar, and where it may be broken into two lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cnnspec.draw.page.fontwidths import text_width
from cnnspec.ir import Layer


class Run(NamedTuple):
    """Text of one weight."""

    text: str
    bold: bool = False


Word = tuple[Run, ...]
Label = tuple[Word, ...]
"""Words that a space parts; a word may change its weight: a bold `/2` and a plain comma."""

_ADJECTIVES = ("max ", "avg ", "global ")


def words(text: str, bold: bool = False) -> Label:
    """A label of one weight."""
    return tuple((Run(word, bold),) for word in text.split())


def op_words(layer: Layer) -> list[str]:
    """What a layer's label says between commas: `3×3 conv`, `64`, `2 groups`.

    A convolution with a group for each channel that arrives is depthwise: `3×3 dw conv`.  A 1×1
    pool only leaves pixels out, and says so.
    """
    op, window = layer.op, getattr(layer.op, "window", None)
    first, *rest = op.label().split(", ")
    groups = getattr(op, "groups", 1)
    if op.kind == "conv" and groups == layer.inputs[0][0] > 1:
        rest.remove(f"{groups} groups")
        return [first.replace(" conv", " dw conv"), *rest]
    if op.kind == "pool" and window is not None and window.kernel == (1, 1):
        first = "subsample"
    return [first, *rest]


def op_text(layer: Layer) -> str:
    """The whole label on one line, with the stride as figures write it: `7×7 conv, 64 /2`."""
    return plain(op_label(layer))


def op_label(layer: Layer) -> Label:
    """The label with its stride in bold, before groups and dilation."""
    first, *rest = op_words(layer)
    channels, rest = rest[:1], rest[1:]
    head = words(", ".join([first, *channels]))
    return joined([head + words(layer.op.stride_label(), bold=True), *map(words, rest)])


def joined(labels: Iterable[Label]) -> Label:
    """Labels of fused ops in one: `1×1 conv, 128 /2, BN`."""
    out: Label = ()
    for label in labels:
        if out:
            out = (*out[:-1], (*out[-1], Run(",")))
        out += label
    return out


def runs(label: Label) -> list[Run]:
    """The label as few runs as its weights allow; spaces take the weight before them."""
    out: list[Run] = []
    for index, word in enumerate(label):
        if index:
            out[-1] = Run(out[-1].text + " ", out[-1].bold)
        for run in word:
            if out and out[-1].bold == run.bold:
                out[-1] = Run(out[-1].text + run.text, run.bold)
            else:
                out.append(run)
    return out


def label_width(label: Label, size: float) -> float:
    """The width of the label on one line."""
    return sum(text_width(run.text, size, run.bold) for run in runs(label))


def plain(label: Label) -> str:
    """The label as text."""
    return "".join(run.text for run in runs(label))


def _breaks(label: Label) -> list[int]:
    """Where a second line may begin: after commas, or else after any word."""
    inside = range(1, len(label))
    return [at for at in inside if label[at - 1][-1].text.endswith(",")] or list(inside)


def in_two(label: Label, size: float) -> list[Label]:
    """The label on two lines, the longer one as short as it can be."""
    breaks = _breaks(label)
    if not breaks:
        return [label]
    best = min(breaks, key=lambda at: max(label_width(part, size) for part in _cut(label, at)))
    return _cut(label, best)


def _cut(label: Label, at: int) -> list[Label]:
    return [label[:at], label[at:]]


def without_adjective(label: Label) -> Label:
    """`3×3 max pool` as `3×3 pool`."""
    text = plain(label)
    for adjective in _ADJECTIVES:
        if adjective in text:
            return tuple(word for word in label if plain((word,)) != adjective.strip())
    return label


def fitted(label: Label, size: float, width: float) -> list[Label]:
    """The lines of a label in `width`: whole, in two lines, or without its adjective."""
    if label_width(label, size) <= width:
        return [label]
    lines = in_two(label, size)
    if max(label_width(line, size) for line in lines) <= width:
        return lines
    shorter = without_adjective(label)
    return lines if shorter == label else fitted(shorter, size, width)


def narrowest(label: Label, size: float) -> float:
    """The least width in which the label keeps to two lines."""
    return max(label_width(line, size) for line in in_two(label, size))
