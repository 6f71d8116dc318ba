"""What a cell of an architecture table says: brackets with a count, and lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from cnnspec.draw.forks import trunk_arm
from cnnspec.draw.tree import Band, Frame, Part, Row, Split, part_name
from cnnspec.ir import Layer


@dataclass(frozen=True, slots=True)
class Bracket:
    """A block: the kernel and the channels of each of its convolutions, and its count."""

    lines: tuple[tuple[str, str], ...]
    count: int


Cell = tuple[Bracket | str, ...]
"""Under each other; empty where a net has nothing."""

_QUIET = frozenset({"dropout", "drop_path"})


def said(layer: Layer) -> str:
    """`7×7 conv, 64, stride 2`."""
    stride = layer.op.stride_label()
    return layer.op.label() + (f", stride {stride.removeprefix('/')}" if stride else "")


def _pair(layer: Layer) -> tuple[str, str]:
    """`3×3` and `64`, with groups and dilation; its stride is told in the note."""
    head, _, rest = layer.op.label().partition(", ")
    return head.removesuffix(" conv"), rest


def run_cell(rows: Sequence[Row]) -> Cell:
    """The ops of a run, one a line."""
    return tuple(said(row.layer) for row in rows)


def part_cell(part: Part) -> Cell:
    """A stage's blocks, a module's arms, or an op; empty for what a table leaves out."""
    match part:
        case Row():
            quiet = part.main < 0 or part.layer.op.name in _QUIET
            return () if quiet else (said(part.layer),)
        case Split():
            return tuple(_arms(part))
        case Frame():
            return _merged([_block(part)])
        case Band():
            blocks = [_block(inner) for inner in part.parts if isinstance(inner, Frame)]
            rows = [part_cell(inner) for inner in part.parts if isinstance(inner, Row)]
            return (*_merged(blocks), *(entry for row in rows for entry in row))
        case _:
            return ()


def _block(frame: Frame) -> tuple[Cell, int]:
    """What a block holds and how often it stands there."""
    split = frame.parts[0] if len(frame.parts) == 1 else None
    if isinstance(split, Split) and trunk_arm(split) is None:
        return tuple(_arms(split)), frame.count
    rows = list(trunk_rows(frame.parts))
    convs = [row.layer for row in rows if row.kind == "conv"]
    if len(convs) == len([row for row in rows if row.kind != "join"]):
        return (Bracket(tuple(map(_pair, convs)), 1),), frame.count
    return tuple(said(row.layer) for row in rows if row.kind != "join"), frame.count


def _merged(blocks: Iterable[tuple[Cell, int]]) -> Cell:
    """Equal brackets in a row become one, their counts added; strides and shortcuts aside."""
    out: list[Bracket | str] = []
    for cell, group in groupby(blocks, lambda block: block[0]):
        count = sum(block[1] for block in group)
        out += [Bracket(one.lines, count) if isinstance(one, Bracket) else one for one in cell]
        if count > 1 and isinstance(cell[-1], str):
            out.append(f"×{count}")
    return tuple(out)


def trunk_rows(parts: Iterable[Part]) -> Iterator[Row]:
    """The rows on the way straight down."""
    for part in parts:
        match part:
            case Row():
                if part.main >= 0 and part.layer.op.name not in _QUIET:
                    yield part
            case Split():
                arm = trunk_arm(part)
                if arm is not None:
                    yield from trunk_rows(part.arms[arm])
            case Frame() | Band():
                yield from trunk_rows(part.parts)


def _arms(split: Split) -> Iterator[str]:
    """A line for each arm: `1×1, 96 → 3×3, 128`."""
    for arm in split.arms:
        yield " → ".join(map(_step, arm)) or "identity"


def _step(part: Part) -> str:
    match part:
        case Row():
            layer = part.layer
            label = ", ".join(_pair(layer)) if part.kind == "conv" else layer.op.label()
            return f"{label} {layer.op.stride_label()}".strip()
        case Split():
            return "(" + " + ".join(_arms(part)) + ")"
        case _:
            return part_name(part)


def strides(parts: Iterable[Part]) -> Iterator[str]:
    """The names of stages whose first block strides."""
    for part in parts:
        if isinstance(part, Band) and part.name and isinstance(part.parts[0], Frame):
            rows = trunk_rows(part.parts[:1])
            if any(row.kind == "conv" and row.layer.op.stride_label() == "/2" for row in rows):
                yield part.name
