"""What is to be drawn: the net's tree with ops fused into rows and equal neighbours counted.

Parts are immutable and know nothing of points; `builder.py` makes them, `block` measures them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from cnnspec.draw.parts.paths import paths_in
from cnnspec.ir import Layer
from cnnspec.values import Shape

Level = Literal["net", "stage", "block", "layer"]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Ops in execution order that share one line of cells: conv | BN | ReLU.

    `main` is the index of the op that gives the row its kind, or -1 for a row of norm and
    activation alone.  `name` is what the gutter says.
    """

    name: str
    layers: tuple[Layer, ...]
    paths: tuple[str, ...]
    main: int
    said: str = ""
    """What the box says, where that is not the main op's label."""
    arms: tuple[str, ...] = ()
    """What a join says of each branch, where that is not the channels of this one."""
    among: tuple[int, ...] = ()
    """The channels of the calls that it is drawn for, where they differ."""
    shares: str = ""
    """The path of the layer whose weights it uses once more."""
    hidden: frozenset[str] = frozenset()
    """The ops that no cell of their own shows, by name: its author leaves them out."""
    ends: bool = False
    """Whether its last op is the activation that ends an output: every style shows that."""

    @property
    def head(self) -> str:
        """What an activation that ends an output is called; empty for other rows."""
        return self.layers[-1].op.label() if self.ends else ""

    @property
    def layer(self) -> Layer:
        """The main op's layer, or the first."""
        return self.layers[max(self.main, 0)]

    @property
    def kind(self) -> str:
        """The kind of the op that decides the box; `cell` for norm, activation and the rest."""
        kind = self.layer.op.kind if self.main >= 0 else "norm"
        return kind if kind in ("conv", "linear", "pool", "join") else "cell"

    @property
    def lead(self) -> tuple[Layer, ...]:
        """Norm and activation before the main op."""
        return self._shown(self.layers[: max(self.main, 0)])

    @property
    def tail(self) -> tuple[Layer, ...]:
        """Norm and activation behind the main op."""
        return self._shown(self.layers[self.main + 1 :]) if self.main >= 0 else ()

    @property
    def shown(self) -> tuple[Layer, ...]:
        """All its layers but those that its author leaves out."""
        return self._shown(self.layers)

    def _shown(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        if not self.hidden:
            return layers
        return tuple(layer for layer in layers if layer.op.name not in self.hidden)

    @property
    def shape(self) -> Shape:
        """What leaves the row."""
        return self.layers[-1].shape


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Arms from one value to a join; an empty arm is the identity. `join` is a row of kind join.

    `gate` is the arm that is a squeeze-and-excitation, -1 where none is.
    """

    arms: tuple[tuple[Part, ...], ...]
    join: Row
    gate: int = -1

    @property
    def shape(self) -> Shape:
        """What leaves the join and what is fused to it."""
        return self.join.shape


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A block at work, `count` times in a row: its inside is drawn once.

    `first` is its number among the blocks of its stage, from 1; `path` and `last` are the paths
    of the first and the last of the equal blocks, or of all layers of the first and the last of
    equal rows, with spaces between.  `growth` is what each layer of a dense block adds to the maps
    of `start`.  A closed frame has no parts but `notes` on what it holds; an `opened` one shows
    its branches where others are strips.
    """

    name: str
    path: str
    last: str
    parts: tuple[Part, ...]
    shape: Shape
    count: int = 1
    first: int = 1
    start: Shape = ()
    growth: int = 0
    notes: tuple[str, ...] = ()
    opened: bool = False
    widest: int = 0
    """The most channels of a convolution in it, where it is closed."""
    strides: str = ""
    """How it changes the size of the map, `/2`, where it is closed."""
    block: str = ""
    """The name of the block that it calls; empty for braces and for rows."""
    members: tuple[str, ...] = ()
    """The paths of all blocks, or of all layers of equal rows, that it stands for."""
    given: str = ""
    """What its author calls it in print."""

    @property
    def stands(self) -> tuple[str, ...]:
        """What it stands for in the IR."""
        return self.members or (self.path,)


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """A stage: rows and frames that belong together; without a name, a run of one map size."""

    name: str
    path: str
    parts: tuple[Part, ...]
    shape: Shape


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A place on the line of a chain where no op stands: a further input, an output, its end.

    `text` is what it says, nothing at the end of a chain whose last part is not what leaves it.
    """

    name: str
    text: str
    shape: Shape
    kind: Literal["input", "output", "aux", "end"]


class Feed(NamedTuple):
    """What flows into a part of a chain: from part `at` (-1: from outside), the layer `path`.

    `whole`: it is what leaves that part, not a layer inside.
    """

    at: int
    path: str
    whole: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A body whose flow goes back: its parts in order of execution, and what feeds each."""

    parts: tuple[Part, ...]
    feeds: tuple[tuple[Feed, ...], ...]
    shape: Shape


Part = Row | Split | Frame | Band | Chain | Mark


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """What leaves the trunk behind the part at path `tap`: an auxiliary head or an output."""

    name: str
    kind: Literal["output", "aux"]
    tap: str
    parts: tuple[Part, ...]
    layer: str = ""
    """The path of the layer that it leaves from, where `tap` may be a block."""
    shape: Shape = ()


class Shades(NamedTuple):
    """What blue means in the figure that one is a part of: the channels at which it darkens.

    `told`: the key of that figure says so already.
    """

    levels: tuple[int, ...]
    told: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A net as it is drawn at a level; `hidden` are the paths of ops that no box stands for."""

    name: str
    level: Level
    input: str
    shape: Shape
    parts: tuple[Part, ...]
    heads: tuple[Head, ...]
    hidden: tuple[str, ...]
    params: int
    macs: int
    counts: Mapping[Part, str] = field(default_factory=dict)
    """What parts cost, where the figure says so."""
    inputs: int = 1
    entry: str = ""
    """What its author calls the input in print."""
    shades: Shades | None = None
    """Those of the figure that it is a part of."""

    @property
    def knot(self) -> str:
        """Why its flow is no line, where it has a `Chain`."""
        return f"{self.inputs} inputs" if self.inputs > 1 else "a flow that goes back"

    @property
    def total(self) -> str:
        """What the whole net costs: `21.80 M params · 3.66 G MACs`."""
        return f"{amount(self.params)} params · {amount(self.macs)} MACs"


def amount(count: int) -> str:
    """A count with its unit, to two decimals in every figure: `21.80 M`."""
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size:
            return f"{count / size:.2f} {unit}"
    return str(count)


def walk(parts: tuple[Part, ...]) -> Iterator[Part]:
    """Every part, outer ones first."""
    for part in parts:
        yield part
        match part:
            case Split():
                for arm in part.arms:
                    yield from walk(arm)
                yield part.join
            case Frame() | Band() | Chain():
                yield from walk(part.parts)


def part_name(part: Part) -> str:
    """What the gutter and tables call a part; a fork goes by its join."""
    if isinstance(part, Split):
        return part.join.name
    return "" if isinstance(part, Chain) else part.name


def given_name(part: Part) -> str:
    """The name of a part, unless the language made it for an op that says the same."""
    name = part_name(part)
    plain = isinstance(part, Row) and part.kind != "conv" and automatic(part, name)
    return "" if plain else name


def automatic(row: Row, name: str) -> bool:
    """Whether the language made the name: an op and a number."""
    return name.isdigit() or name.removeprefix(row.layer.op.name).isdigit()


def convs(parts: tuple[Part, ...]) -> Iterator[Layer]:
    """The layers of every convolution in the parts."""
    for part in walk(parts):
        if isinstance(part, Row):
            yield from (layer for layer in part.layers if layer.op.kind == "conv")


def caption(frame: Frame) -> str:
    """`block 1`, `blocks 2–6`; blocks with names of their own say those: `layer1–6`."""
    first, count = frame.first, frame.count
    if frame.given:
        return frame.given
    if frame.name.isdigit():
        return f"blocks {first}–{first + count - 1}" if count > 1 else f"block {first}"
    if count == 1:
        return frame.name
    return between(frame.name, paths_in(frame.last)[0].rpartition(".")[2])


def between(first: str, last: str) -> str:
    """Several names as one: `layer1–6`, `stage3.1–13`, `conv4_2–6`, `first – last`."""
    stem = first.rstrip("0123456789")
    if last.isdigit() or (last.startswith(stem) and last[len(stem) :].isdigit()):
        return f"{first}–{last.removeprefix(stem)}"
    same, cut, end = last.rpartition("_")
    return f"{first}–{end}" if first.startswith(same + cut) and cut else f"{first} – {last}"
