"""The inputs that a model is read with: their shapes, and how its forward is given them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from cnnspec.values import Shape, Sizes

Given = Shape | Sequence[Shape] | Mapping[str, Shape] | Sizes
"""One shape, several in the order of the arguments, or several by their names; no batch axis."""


def sizes(given: Given) -> Sizes:
    """What is given as shapes with names."""
    if isinstance(given, Mapping):
        return tuple((name, _shape(one)) for name, one in given.items())
    if given and isinstance(given[0], int):
        return (("", _shape(given)),)
    return tuple(map(_named, given))


def _named(given: Any) -> tuple[str, Shape]:
    """A shape with its name, if it has one."""
    named = isinstance(given[0], str)
    return (given[0], _shape(given[1])) if named else ("", _shape(given))


def _shape(given: Any) -> Shape:
    return tuple(map(int, given))


@dataclass(frozen=True)
class Arguments:
    """How a forward is given its inputs.

    `words` has for each the argument that it is, "" or none where it stands at its place; `listed`
    says that all are one argument, a list.
    """

    words: tuple[str, ...] = ()
    listed: bool = False

    def call(self, module: Any, values: Sequence[Any]) -> Any:
        """What a module gives for these values."""
        if self.listed:
            return module([*values])
        pairs = [*zip_longest(self.words, values, fillvalue="")]
        placed = [value for word, value in pairs if not word]
        return module(*placed, **{word: value for word, value in pairs if word})


IN_TURN = Arguments()
"""Each at its place."""
