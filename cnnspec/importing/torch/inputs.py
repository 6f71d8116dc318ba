"""Which argument of a model's forward each input is, and what is said where one has no shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from inspect import Parameter, Signature, signature

from torch import nn

from cnnspec.importing.errors import Refused, refuse
from cnnspec.importing.sizes import Arguments
from cnnspec.values import Sizes, dims

PLACED = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
NAMED = (*PLACED, Parameter.KEYWORD_ONLY)


def matched(model: nn.Module, given: Sizes) -> tuple[Sizes, Arguments]:
    """The inputs in the order of forward, each with its name, and how forward is given them.

    Shapes without a name go to the arguments in turn; where forward has only one, several are a
    list.  Raises Refused where an argument has no shape, or a shape no argument.
    """
    takes = _takes(model)
    named = [name for name, _ in given if name]
    places = [one for one in takes if one.kind in NAMED and one.name not in named]
    shapes = [shape for name, shape in given if not name]
    alone = not named and len(places) == len(takes) == 1 and takes[0].kind in PLACED
    if alone and len(shapes) > 1:
        (word,) = (one.name for one in places)
        listed = tuple((f"{word}{number}", shape) for number, shape in enumerate(shapes, 1))
        return listed, Arguments(("",) * len(shapes), listed=True)
    _check(takes, named, given)
    found = {one.name: shape for one, shape in zip(places, shapes, strict=False)}
    more = [f"{_rest(takes)}{number}" for number in range(1, len(shapes) - len(places) + 1)]
    _needed(takes, [*found, *named], given)
    found |= dict(zip(more, shapes[len(places) :], strict=True)) | {n: s for n, s in given if n}
    order = [one.name for one in takes]
    ranked = sorted(found, key=lambda name: order.index(name) if name in order else len(order))
    inputs = tuple((name, found[name]) for name in ranked)
    return inputs, Arguments(_words(takes, ranked, more))


def _takes(model: nn.Module) -> list[Parameter]:
    """The arguments of forward; of one that does not say them, any number."""
    try:
        return [*signature(model.forward).parameters.values()]
    except (TypeError, ValueError):
        return [Parameter("inputs", Parameter.VAR_POSITIONAL)]


def _words(
    takes: Sequence[Parameter], names: Iterable[str], more: Sequence[str]
) -> tuple[str, ...]:
    """For each input the word that it is given by: none before the first argument left out."""
    places, words = [one.name for one in takes if one.kind in PLACED], list[str]()
    for name in names:
        placed = name in more or name in places[len(words) : len(words) + 1]
        words.append("" if placed and not any(words) else name)
    return tuple(words)


def _rest(takes: Sequence[Parameter]) -> str:
    """What `*images` of a forward is called; "" where it has none."""
    return next((one.name for one in takes if one.kind is Parameter.VAR_POSITIONAL), "")


def _check(takes: Sequence[Parameter], named: Sequence[str], given: Sizes) -> None:
    """Refuse shapes that no argument takes."""
    known = {one.name for one in takes if one.kind in NAMED}
    anything = any(one.kind is Parameter.VAR_KEYWORD for one in takes)
    for name in named:
        if named.count(name) > 1:
            raise refuse(f"two shapes for the input {name}")
        if name not in known and not anything:
            raise refuse(f"{_forward(takes)} has no argument {name}")
    places = [one for one in takes if one.kind in NAMED and one.name not in named]
    if len(given) - len(named) > len(places) and not _rest(takes):
        raise refuse(f"{_forward(takes)}, and {len(given)} shapes are given")


def _needed(takes: Sequence[Parameter], known: Sequence[str], given: Sizes) -> None:
    """Refuse where an argument that forward needs has no shape."""
    needed = [one.name for one in takes if one.kind in NAMED and one.default is Parameter.empty]
    lacking = [name for name in needed if name not in known]
    if lacking:
        raise _without(takes, needed, lacking, given)


def _without(
    takes: Sequence[Parameter], needed: Sequence[str], lacking: Sequence[str], given: Sizes
) -> Refused:
    like = given[0][1] if given else (3, 224, 224)
    said = " ".join(f"--input {name}={dims(like)}" for name in needed)
    python = ", ".join(f'"{name}": {like}' for name in needed)
    return refuse(
        f"{_forward(takes)}, and {' and '.join(lacking)} has no shape",
        help=f"say {said}, in Python input={{{python}}}",
    )


def _forward(takes: Sequence[Parameter]) -> str:
    """A forward as it is written, without annotations."""
    return f"forward{Signature([one.replace(annotation=Parameter.empty) for one in takes])}"
