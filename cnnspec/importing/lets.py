"""Which numbers of a block need a `let`: `in.channels` means something else further down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

from cnnspec.importing.holes import (
    Combined,
    Comparison,
    Expression,
    Incoming,
    Negated,
    Product,
    Quotient,
    parts,
)
from cnnspec.importing.items import Call, Case, Fork, Head, Item, Key, Leaf, Loop
from cnnspec.ops.op import Op


class Use(NamedTuple):
    """An expression of `in.channels`, and whether what arrives at the block arrives here too."""

    expression: Expression
    arriving: bool


def lets(
    items: list[Item], inlined: Callable[[Key], bool], taken: Collection[str]
) -> dict[Expression, str]:
    """Expressions that get a name, in the order in which they are needed."""
    uses = [*_uses(items, True, inlined)]
    count = Counter(use.expression for use in uses)
    late = {use.expression for use in uses if not use.arriving}
    found: dict[Expression, str] = {}
    for expression in dict.fromkeys(use.expression for use in uses):
        compound = not isinstance(expression, Incoming)
        if expression in late or (compound and count[expression] > 1):
            found[expression] = _free(_word(expression), {*taken, *found.values()})
    return found


def _word(expression: Expression) -> str:
    match expression:
        case Incoming():
            return "inputs"
        case Product():
            return "wide"
    return "narrow"


def _free(word: str, taken: Collection[str]) -> str:
    name, number = word, 2
    while name in taken:
        name, number = f"{word}_{number}", number + 1
    return name


def _uses(items: list[Item], arriving: bool, inlined: Callable[[Key], bool]) -> Iterator[Use]:
    for item in items:
        match item:
            case Leaf():
                yield from _of_args(item.args, arriving)
                arriving = arriving and keeps_channels(item.op)
            case Call():
                yield from _of_args(item.args, arriving and not inlined(item.key))
                arriving = False
            case Fork():
                for arm in item.arms:
                    yield from _uses(arm, arriving, inlined)
                arriving = False
            case Case():
                yield from _of_slot(item.condition, arriving)
                yield from _uses(item.then, arriving, inlined)
                yield from _uses(item.other, arriving, inlined)
                arriving = False
            case Loop():
                yield from _of_slot(item.count, arriving)
                yield from _uses(item.body, False, inlined)
                arriving = False
            case Head():
                yield from _uses(item.items, False, inlined)
            case _:
                arriving = False


def keeps_channels(op: type[Op]) -> bool:
    """Whether an op gives as many channels as arrive."""
    return op.channels_out is Op.channels_out and not op.join


def _of_args(args: dict[str, Any], arriving: bool) -> Iterator[Use]:
    for slot in args.values():
        yield from _of_slot(slot, arriving)


def _of_slot(slot: Any, arriving: bool) -> Iterator[Use]:
    for hole in parts(slot):
        for expression in of_input(hole.expression):
            yield Use(expression, arriving)


def of_input(expression: Expression | None) -> Iterator[Expression]:
    """The largest parts of an expression that are a number times or by `in.channels`."""
    match expression:
        case Incoming():
            yield expression
        case Product(_, Incoming()) | Quotient(Incoming(), _):
            yield expression
        case Product(left, right) | Quotient(left, right) | Comparison(left, _, right):
            yield from of_input(left)
            yield from of_input(right)
        case Combined(_, left, right):
            yield from of_input(left)
            yield from of_input(right)
        case Negated(of):
            yield from of_input(of)
