"""A part of a net by its path: `features.3`, or a range `features.3..features.8`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cnnspec.draw.errors import OptionError
from cnnspec.ir import Branch, Call, Fork, Group, Item, Layer, Net, Tap, members
from cnnspec.values import Shape


class Section(NamedTuple):
    """What is drawn: items whose paths begin with `prefix`, and what flows into them."""

    name: str
    items: tuple[Item, ...]
    prefix: str
    entry: str
    shape: Shape


def section(net: Net, only: str) -> Section:
    """The whole net, or the part that `only` names; raises DrawError for a path that is none."""
    entry = net.inputs[0]
    if not only:
        return Section(net.name, net.body.items, "", entry.name, entry.shape)
    first, dots, last = only.partition("..")
    name = f"{net.name} {only}"
    if not dots:
        found = _at(net, first)
        if isinstance(found, Call):
            inside = found.module
            return Section(name, inside.items, first + ".", _short(first), inside.input)
        return Section(name, (found,), first.rpartition(".")[0], "input", _entering(found))
    prefix = (first or last).rpartition(".")[0]
    items = _body(net, prefix)
    begin = _index(net, items, first, prefix) if first else 0
    end = _index(net, items, last, prefix) if last else len(items) - 1
    if begin > end:
        raise OptionError(f"{net.name}: `{first}` stands behind `{last}`")
    part = items[begin : end + 1]
    shape = _entering(part[0]) or entry.shape
    part += tuple(item for item in items[:begin] + items[end + 1 :] if _leaves(item, part))
    begins = entry.name if not prefix and begin == 0 else "input"
    return Section(name, part, prefix + "." if prefix else "", begins, shape)


def _short(path: str) -> str:
    return "input" if path.rpartition(".")[2].isdigit() else path.rpartition(".")[2]


def _body(net: Net, path: str) -> tuple[Item, ...]:
    if not path:
        return net.body.items
    found = _at(net, path)
    if not isinstance(found, Call):
        raise OptionError(f"{net.name}: `{path}` is one layer")
    return found.module.items


def _at(net: Net, path: str) -> Layer | Call:
    """The layer or block at a path; its names are looked up one level after the other."""
    items = net.body.items
    found: Layer | Call | None = None
    for name in path.split("."):
        if isinstance(found, Layer):
            break
        found = next((item for item in _named(items) if item.name == name), None)
        if found is None:
            raise OptionError(f"{net.name} has no layer or block at `{path}`")
        items = found.module.items if isinstance(found, Call) else ()
    assert found is not None
    return found


def _named(items: Iterable[Item]) -> Iterator[Layer | Call]:
    """The layers and calls of one level, through braces and arms, but not those of heads."""
    trunk = (item for item in items if not isinstance(item, Branch))
    return (item for item in members(trunk) if isinstance(item, Layer | Call))


def _leaves(item: Item, part: tuple[Item, ...]) -> bool:
    """Whether an item outside is an output or an auxiliary head of what is inside."""
    match item:
        case Branch(items=(Tap() as tap, *_)):
            first = tap.path.partition(".")[0]
            return any(found.name == first for found in _named(part))
    return False


def _index(net: Net, items: tuple[Item, ...], path: str, prefix: str) -> int:
    parent, _, name = path.rpartition(".")
    for index, item in enumerate(items):
        if parent == prefix and any(found.name == name for found in _named((item,))):
            return index
    raise OptionError(f"{net.name} has no layer or block at `{path}` beside the other end")


def _entering(item: Item) -> Shape:
    """The shape that flows into an item; empty when it does not say."""
    match item:
        case Layer():
            return item.inputs[0] if item.inputs else ()
        case Call():
            return item.module.input
        case Group():
            return _entering(item.items[0]) if item.items else ()
        case Fork():
            shapes = zip(item.arms, item.join.inputs, strict=True)
            return next((_entering(arm[0]) if arm else shape for arm, shape in shapes), ())
        case _:
            return ()
