"""What makes one module: `nn.Conv2d(3, 64, 7, stride=2)`, `Stage(64, depths[0], channels=64)`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.attributes import needs_attribute
from cnnspec.backends.torch.program.items import (
    CallItem,
    ContainerItem,
    Item,
    LayerItem,
    Plain,
    is_plain,
)
from cnnspec.backends.torch.python.names import ARRIVES
from cnnspec.backends.torch.python.symbols import LOST, Code, Function, Sym, read
from cnnspec.backends.torch.python.writing import write
from cnnspec.backends.torch.write.refs import Refs
from cnnspec.source import Span

FRESH = {"conv", "linear", "norm"}
"""Kinds of layer whose output nothing else holds: a ReLU behind them may work in place."""


EMPTY = "nn.Sequential()"
"""A level without a layer, such as a `seq` that only has a `let`."""


class Expressions:
    """Writes constructors; notes which helper classes the file needs."""

    def __init__(self, class_names: dict[int, str]) -> None:
        self.class_names = class_names
        self.helpers: dict[str, str] = {}
        self.opened: set[str] = set()
        """Containers that a tap looks into: a ReLU in them must not work in place."""
        self.reserved: set[str] = set()
        """Parameters and locals of the class in hand."""
        self.refs = Refs()
        self.closed = True
        """Whether nothing looks into the class in hand, a Sequential."""

    def expression(self, item: Plain, *, inplace: bool = False) -> str:
        """The constructor of a layer, block or container."""
        if isinstance(item, LayerItem):
            return self.layer(item, inplace)
        return self.call(item) if isinstance(item, CallItem) else self.sequential(item)

    def layer(self, item: LayerItem, inplace: bool) -> str:
        """An op's module with its arguments."""
        form = item.form
        if form.helper:
            self.helpers[form.module] = form.helper
        known((*form.args, *(v for _, v in form.keywords)), item.span)
        args = form.args
        if form.own and isinstance(args[-1], Sym):  # of an int PyTorch makes integers
            args = (*args[:-1], Function("float", (args[-1],)))
        words = [write(a) for a in args]
        words += [f"{k}={write(v)}" for k, v in form.keywords]
        if inplace and form.inplace:
            words.append("inplace=True")
        text = f"{form.module}({', '.join(words)})"
        return f"nn.Parameter({text})" if form.own else text

    def call(self, item: CallItem) -> str:
        """A block's class with the arguments of the spec's call."""
        sizes = dict(zip(ARRIVES, (item.before.channels, *(item.before.size or ())), strict=False))
        args = [*(("", sizes.get(name, LOST)) for name in item.plan.uses), *arguments(item)]
        known([value for _, value in args], item.span)
        words = [
            f"{keyword}={write(value)}" if keyword else write(value) for keyword, value in args
        ]
        return f"{self.class_names[id(item.plan)]}({', '.join(words)})"

    def sequential(self, item: ContainerItem) -> str:
        """`nn.Sequential(...)` of a numbered container whose layers are all plain."""
        layers = [child for child in item.items if is_plain(child)]
        return f"nn.Sequential({', '.join(self.row(layers, item))},)" if layers else EMPTY

    def row(self, items: Sequence[Plain], within: ContainerItem | None = None) -> list[str]:
        """The constructors of neighbours; a ReLU works in place behind a fresh map."""
        words = []
        before: Item | None = None
        closed = self.closed if within is None else within.name.fixed not in self.opened
        for item in items:
            words.append(self.expression(item, inplace=closed and is_fresh(before)))
            before = item
        return words


def arguments(item: CallItem) -> list[tuple[str, Code]]:
    """The arguments of a block's call, as (keyword or "", value): those that its class reads."""
    names = [param.name for param in item.plan.params]
    given = [(keyword or names[place], keyword, v) for place, (keyword, v) in enumerate(item.args)]
    return [(keyword, value) for name, keyword, value in given if name not in item.plan.unread]


def known(values: Iterable[Code], span: Span) -> None:
    """Refuse a number that is lost: nothing undefined is ever written."""
    for var in (var for value in values for var in read(value)):
        if var == LOST:
            message = "the channels or sizes that arrive here have no expression in the parameters"
            error = BackendError(message, span, "assert the shape before it: `=> 64x8x8`")
            error.owner = var.lost_in
            raise error


def is_fresh(item: Item | None) -> bool:
    """Whether a layer's output is read by the next one alone and needed by no gradient."""
    return isinstance(item, LayerItem) and item.op.kind in FRESH and not item.form.function


def is_attribute(item: Plain) -> bool:
    """Whether a layer, block or container is an attribute of its class."""
    return not isinstance(item, LayerItem) or needs_attribute(item)
