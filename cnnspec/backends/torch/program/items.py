"""A body with its structure decided and its numbers open: what code is written from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeGuard

from cnnspec.backends.torch.program.flow import Flow, Import, Name, Param, Result, Words
from cnnspec.backends.torch.python.symbols import Code, Function, variables
from cnnspec.backends.torch.python.writing import write
from cnnspec.ops.op import Op, TorchForm
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Value


@dataclass
class LayerItem:
    """One op at work."""

    name: Name
    op: Op
    form: TorchForm
    before: Flow
    after: Flow
    span: Span
    head: bool = False
    """A softmax or sigmoid that ends an output: not written (L16)."""
    places: bool = False
    """A pool that gives the places of its maxima too: an `unpool` reads them."""


@dataclass
class CallItem:
    """A block at work: its class and the arguments as the spec's call has them."""

    name: Name
    plan: ClassPlan
    args: tuple[tuple[str, Code], ...]
    """(keyword or "", value)."""
    before: Flow
    after: Flow
    span: Span
    given: dict[str, Code] = field(default_factory=dict)
    """What the class's parameters are at this call."""
    imports: tuple[Words, ...] = ()
    """What `forward` is given beside the flow: paths at this level."""


@dataclass
class ContainerItem:
    """An inline `seq` or a labelled group: opens a level, is a chain."""

    name: Name
    items: list[Item]
    seq: bool
    after: Flow
    span: Span

    @property
    def listed(self) -> bool:
        """Whether one call says it: `nn.Sequential(...)` of numbered modules, or of none."""
        return (self.seq or not self.items) and all(map(is_plain, self.items))


@dataclass
class ForkItem:
    """Arms and what joins them; an empty arm is the identity.

    The last `optional` arms are each an `if` of one way: they are joined where it holds.  `more` is
    how: the template of the join for two values.
    """

    arms: list[list[Item]]
    join: LayerItem
    optional: int = 0
    more: str = ""


@dataclass
class IfItem:
    """An undecided `if`: (condition, items) in turn; a condition of None is `else`."""

    arms: list[tuple[Code | None, list[Item]]]
    joined: tuple[str, int] | None = None
    """The variable that the arms set, and its version behind them."""


@dataclass
class LoopItem:
    """A loop that stays a loop: its variables and what it runs over."""

    words: tuple[str, ...]
    over: Code
    items: list[Item]
    index: str = ""
    """The variable that counts the rounds, where the name of a layer reads it."""
    count: Code = None
    turned: tuple[str, int, int] | None = None
    """The variable that each turn sets, and its version where a turn begins and behind the loop."""

    @property
    def over_count(self) -> bool:
        """Whether `forward` needs the number of the rounds only."""
        reads = {n for i in named(self.items) for p in i.name.parts for n in variables(p)}
        numbered = isinstance(self.over, Function) and self.over.name == "range"
        return not numbered and not reads & set(self.words[0 if not self.index else 1 :])

    @property
    def head(self) -> str:
        """The line in a constructor: `for i in range(depth)`."""
        return f"for {', '.join(self.words)} in {write(self.over)}"


@dataclass
class AssignItem:
    """`target = value`: a `let`, or the channels that a loop carries."""

    target: str
    value: Code
    version: int = 0


@dataclass
class TapItem:
    """`from path`: words of the path from this level."""

    path: Words
    after: Flow
    span: Span


@dataclass
class SharedItem:
    """`share path`: the same layers once more."""

    name: Name
    path: tuple[str, ...]
    after: Flow
    span: Span
    module: Plain | None = None
    """The layers themselves, where they are known."""


@dataclass
class OutputItem:
    """`output` or `aux`: its tap, if it begins with one, and at most one item that carries it."""

    kind: Literal["output", "aux"]
    label: str
    items: list[Item]
    after: Flow
    span: Span


@dataclass
class ClassPlan:
    """A class to be generated."""

    name: str
    kind: str
    """`seq` or `chain` (an nn.Sequential), `module`, or `net`."""
    doc: str
    params: list[Param]
    items: list[Item]
    result: Result
    arrives: Flow
    leaves: Flow
    block: t.Block | t.Net
    owner: t.Block | t.Net
    """The block or net whose body it is written from."""
    folded: dict[str, Value] = field(default_factory=dict)
    taps: set[Words] = field(default_factory=set)
    exports: tuple[Words, ...] = ()
    """Paths in it that taps around it read: `forward` returns them too."""
    imports: dict[Words, Import] = field(default_factory=dict)
    """Values of the level around it that `forward` takes beside the flow."""
    found: Callable[[Words, Span], Flow] = field(kw_only=True)
    """What flows at a path in it."""
    inline: bool = False
    """Whether it stands for braces or a `seq` and no block: made for one place."""
    uses: tuple[str, ...] = ()
    """What its constructor reads of ARRIVES; known once its body is written."""
    unread: frozenset[str] = frozenset()
    """Parameters that nothing in its body reads; known then too.  It is made without them."""

    @property
    def taken(self) -> list[Param]:
        """The parameters that its constructor takes."""
        return [param for param in self.params if param.name not in self.unread]


Item = (
    LayerItem | CallItem | ContainerItem | ForkItem | IfItem | LoopItem
    | AssignItem | TapItem | SharedItem | OutputItem
)  # fmt: skip

Plain = LayerItem | CallItem | ContainerItem
"""What becomes one module."""


def is_plain(item: Item) -> TypeGuard[Plain]:
    """Whether an item is one module, whatever is around it."""
    return isinstance(item, LayerItem | CallItem | ContainerItem)


def before_loops(items: Iterable[Item]) -> list[Plain]:
    """The modules before the first loop or condition: those that have a number of their own."""
    found: list[Plain] = []
    for item in items:
        if is_plain(item):
            found.append(item)
        elif not isinstance(item, AssignItem):
            break
    return found


def parts(item: Item) -> list[list[Item]]:
    """The bodies inside an item: of a container, loop or output, or every arm."""
    match item:
        case ContainerItem() | LoopItem() | OutputItem():
            return [item.items]
        case IfItem():
            return [arm for _, arm in item.arms]
        case ForkItem():
            return item.arms
    return []


def has_state(item: Plain, around: tuple[ClassPlan, ...] = ()) -> bool:
    """Whether a layer, or something in a block or container, keeps tensors.

    `around` are the classes that it stands in: one that makes itself keeps what else is in it.
    """
    if isinstance(item, LayerItem):
        shape = (1,) if item.before.vector else (1, 1, 1)
        return item.op.keeps(shape)
    items = item.items if isinstance(item, ContainerItem) else item.plan.items
    if isinstance(item, CallItem):
        if any(plan is item.plan for plan in around):
            return False
        around = (*around, item.plan)
    return any(has_state(inner, around) for inner in named(items))


def named(items: Iterable[Item]) -> Iterator[Plain]:
    """Every layer, block and container that a level holds itself."""
    for item in items:
        if is_plain(item):
            yield item
        else:
            for part in parts(item):
                yield from named(part)


def first(items: Iterable[Plain], words: Words) -> tuple[Plain, Words] | None:
    """The module among items that a path leads to or into, and the words behind its name."""
    for item in items:
        path = tuple((item.name.fixed or "").split("."))
        if words[: len(path)] == path:
            return item, words[len(path) :]
    return None


def find(items: Iterable[Item], words: Words) -> Plain | None:
    """The module at a path below items."""
    found = first(named(items), words)
    if found is None or not found[1]:
        return found and found[0]
    item, rest = found
    if isinstance(item, LayerItem):
        return None
    return find(item.plan.items if isinstance(item, CallItem) else item.items, rest)


def decided_by(items: Iterable[Item]) -> set[str]:
    """The numbers that conditions, loops and the arguments of blocks among items read."""
    read: set[str] = set()
    for item in items:
        match item:
            case IfItem():
                read.update(*(variables(condition) for condition, _ in item.arms))
            case LoopItem():
                read |= variables(item.over) | variables(item.count)
            case CallItem():
                arrives = (item.before.channels, item.before.size or ())
                read.update(*(variables(v) for v in (*arrives, *(v for _, v in item.args))))
            case AssignItem():
                read |= variables(item.value)
        read.update(*map(decided_by, parts(item)))
    return read


def calls(items: Iterable[Item]) -> Iterator[CallItem]:
    """Every block that a level calls, also those in its containers."""
    for item in named(items):
        if isinstance(item, CallItem):
            yield item
        elif isinstance(item, ContainerItem):
            yield from calls(item.items)


def assigned(items: Iterable[Item]) -> set[str]:
    """The locals that items set, loop variables among them."""
    names: set[str] = set()
    for item in items:
        if isinstance(item, AssignItem):
            names.add(item.target)
        elif isinstance(item, LoopItem):
            names.update(item.words)
        names.update(*map(assigned, parts(item)))
    return names
