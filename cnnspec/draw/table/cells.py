"""What a cell of an architecture table says: lines of text, and brackets with a count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from cnnspec.draw.block.skipbox import gate_lines
from cnnspec.draw.page.labels import op_words, plain
from cnnspec.draw.page.scene import Paths
from cnnspec.draw.parts.forkkind import trunk_arm
from cnnspec.draw.parts.parts import Band, Frame, Part, Row, Split, walk
from cnnspec.ir import Layer


@dataclass(frozen=True, slots=True)
class Said:
    """A line of text, and the layers that it stands for; quiet ones have a line without text."""

    text: str
    stands: Paths = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Bracket:
    """A block, `count` times: kernel and channels of a convolution on a line, else one text.

    `skip` is what its input is joined by to what it computes: `add`, `concat` or nothing.
    """

    lines: tuple[tuple[str, str], ...]
    count: int
    skip: str = ""
    stands: Paths = field(default=(), compare=False)
    inner: tuple[Paths, ...] = field(default=(), compare=False)
    """The layers of the first block, line by line, then those of the skip."""


Entry = Said | Bracket
Cell = tuple[Entry, ...]
"""Under each other; empty where a net has nothing."""


def stands(cell: Cell) -> Iterator[Paths]:
    """What the entries of a cell stand for, in the order in which they are read."""
    for entry in cell:
        yield entry.stands
        if isinstance(entry, Bracket):
            yield from entry.inner


def said(layer: Layer) -> str:
    """`7×7 conv, 64, stride 2`."""
    return ", ".join([*op_words(layer), *_stride(layer)])


def _stride(layer: Layer) -> list[str]:
    stride = layer.op.stride_label()
    return [f"stride {stride.removeprefix('/')}"] if stride else []


def _pair(layer: Layer, told: bool = False) -> tuple[str, str]:
    """`3×3` and `64`, with groups, dilation and stride; `told`: a note says the stride."""
    head, *rest = op_words(layer)
    return head.removesuffix(" conv"), ", ".join([*rest, *([] if told else _stride(layer))])


def _text(row: Row) -> str:
    """What a row says: norms and activations do not count, but for one that ends an output."""
    if row.main < 0 or row.layer.op.passes:
        return row.head
    text = row.said or said(row.layer)
    text += f", weights of {row.shares}" if row.shares else ""
    return f"{text}, {row.head}" if row.head else text


def run_cell(rows: Sequence[Row]) -> Cell:
    """The ops of a run, one a line."""
    return tuple(Said(_text(row), row.paths) for row in rows)


def part_cell(part: Part) -> Cell:
    """A stage's blocks, a module's arms, or an op, in the order of the net."""
    match part:
        case Row():
            return run_cell([part])
        case Split():
            return tuple(_fork(part))
        case Frame():
            return joined([_block(part)])
        case Band():
            told = strides(part)
            entries = [
                _block(inner, told=told and not index)
                if isinstance(inner, Frame)
                else (part_cell(inner), 0)
                for index, inner in enumerate(part.parts)
            ]
            return joined(entries)
        case _:
            return ()


def joined(blocks: Iterable[tuple[Cell, int]]) -> Cell:
    """Equal brackets in a row become one, their counts added; shortcuts aside. A count of 0 is a
    line of its own.
    """
    out: list[Entry] = []
    for cell, group in groupby(blocks, lambda block: (block[0], block[1] > 0)):
        run = list(group)
        if not cell[1] or not isinstance(run[0][0][0], Bracket):
            out += [entry for one, _ in run for entry in one]
            continue
        first = run[0][0][0]
        everything = tuple(path for one, _ in run for entry in one for path in entry.stands)
        out.append(replace(first, count=sum(count for _, count in run), stands=everything))
    return tuple(out)


def _block(frame: Frame, told: bool = False) -> tuple[Cell, int]:
    """What a block holds and how often it stands there; `told`: a note says its stride."""
    lines = list(_lines(frame.parts, told))
    whole = frame.parts[0] if len(frame.parts) == 1 else None
    skip = _skip(whole) if isinstance(whole, Split) else ""
    if skip:
        lines.pop()
    if frame.count == 1 and not skip and not all(line.conv for line in lines):
        return tuple(Said(line.text, line.stands) for line in lines), 0
    inner = tuple(line.stands for line in lines)
    if isinstance(whole, Split) and skip:
        inner += (_beside(whole),)
    shown = tuple(line.pair for line in lines if line.text)
    return (Bracket(shown, 1, skip, frame.stands, inner),), frame.count


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a block: its text alone, or as a pair in a bracket."""

    text: str
    pair: tuple[str, str]
    stands: Paths
    conv: bool = False


def _lines(parts: Iterable[Part], told: bool) -> Iterator[_Line]:
    """The lines of a block in the order of its ops."""
    for part in parts:
        match part:
            case Row():
                text, conv = _text(part), part.kind == "conv" and not part.shares
                pair = _pair(part.layer, told) if conv else (text, "")
                yield _Line(text, pair, part.paths, conv)
            case Split() if (arm := trunk_arm(part)) is not None:
                yield from _lines(part.arms[arm], told)
                yield _Line(_joins(part), (_joins(part), ""), _beside(part))
            case Split():
                for entry in _fork(part):
                    yield _Line(entry.text, (entry.text, ""), entry.stands)
            case Frame(count=1) | Band():
                yield from _lines(part.parts, told)
            case Frame():
                text = " → ".join(line.text for line in _lines(part.parts, False) if line.text)
                text = f"[{text}] ×{part.count}"
                inside = tuple(path for line in _lines(part.parts, False) for path in line.stands)
                yield _Line(text, (text, ""), (*part.stands, *inside))


def _skip(split: Split) -> str:
    """How the input of a block is joined to what it computes; empty where it is something else."""
    name = split.join.layer.op.name
    beside = len(split.arms) == 2 and split.gate < 0 and trunk_arm(split) is not None
    return name if beside and name in ("add", "concat") and not split.join.head else ""


def _joins(split: Split) -> str:
    """What the arms beside the trunk do to it: `SE, 16`, `add input`, `mul input`."""
    rows = [part for part in split.arms[split.gate] if isinstance(part, Row)]
    if split.gate >= 0:
        return plain(gate_lines(rows)[0])
    trunk = trunk_arm(split)
    arms = [arm for at, arm in enumerate(split.arms) if at != trunk]
    beside = " and ".join(" → ".join(map(_step, arm)) or "input" for arm in arms)
    head = f", {split.join.head}" if split.join.head else ""
    return f"{split.join.layer.op.name} {beside}{head}"


def _beside(split: Split) -> Paths:
    """The layers of the join and of the arms beside the trunk."""
    trunk = trunk_arm(split)
    arms = [arm for at, arm in enumerate(split.arms) if at != trunk]
    return (*(path for arm in arms for path in paths(arm)), *split.join.paths)


def paths(parts: Iterable[Part]) -> Paths:
    """The layers that parts stand for."""
    return tuple(
        path
        for part in walk(tuple(parts))
        for path in (part.paths if isinstance(part, Row) else _members(part))
    )


def _members(part: Part) -> Paths:
    return part.stands if isinstance(part, Frame) and part.count > 1 else ()


def _fork(split: Split) -> Iterator[Said]:
    """A line for each arm, `1×1, 96 → 3×3, 128`, then the join: `concat, 256`."""
    for arm in split.arms:
        yield Said(" → ".join(filter(None, map(_step, arm))) or "identity", paths(arm))
    layer, head = split.join.layer, split.join.head
    text = f"{layer.op.name}, {layer.shape[0]}" if layer.op.stacks else layer.op.name
    yield Said(f"{text}, {head}" if head else text, split.join.paths)


def _step(part: Part) -> str:
    """A part of an arm on one line."""
    match part:
        case Row():
            quiet = part.main < 0 or part.layer.op.passes
            if part.kind != "conv" or quiet or part.shares:
                return _text(part)
            return ", ".join(filter(None, _pair(part.layer)))
        case Split() if trunk_arm(part) is None:
            return "(" + " + ".join(entry.text for entry in list(_fork(part))[:-1]) + ")"
        case Split() | Band():
            return " → ".join(line.text for line in _lines((part,), False) if line.text)
        case Frame():
            inside = " → ".join(line.text for line in _lines(part.parts, False) if line.text)
            return f"[{inside}] ×{part.count}" if part.count > 1 else inside
        case _:
            return ""


def trunk_rows(parts: Iterable[Part]) -> Iterator[Row]:
    """The rows on the way straight down."""
    for part in parts:
        match part:
            case Row():
                yield part
            case Split():
                arm = trunk_arm(part)
                if arm is not None:
                    yield from trunk_rows(part.arms[arm])
            case Frame() | Band():
                yield from trunk_rows(part.parts)


def strides(band: Band) -> bool:
    """Whether a stage begins with a block that strides once, by 2: a note says so."""
    first = band.parts[0] if band.parts else None
    if not band.name or not isinstance(first, Frame) or first.count > 1:
        return False
    labels = [row.layer.op.stride_label() for row in trunk_rows((first,)) if row.kind == "conv"]
    return [label for label in labels if label] == ["/2"]
