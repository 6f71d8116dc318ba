"""Where in a body the writer stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import count

from cnnspec.elaborate.paths import stem
from cnnspec.importing.expressions import Values


@dataclass
class Place:
    """A place in a body.

    `numbers` counts the ops without a label, `values` knows what numbers are called here; at the
    `top` of a net statements show their shapes.  `labels` are all that the body has, so that no
    automatic name (L18) is one of them.
    """

    values: Values
    numbered: bool
    numbers: Counter[str] = field(default_factory=Counter)
    top: bool = False
    labels: frozenset[str] = frozenset()

    def deeper(self, values: Values) -> Place:
        """The same place in a loop, with other names for numbers and no shapes."""
        return replace(self, values=values, top=False)

    def automatic(self, op: str) -> str:
        """The name that the next op without a label gets: `conv2`, `relu6_1`."""
        return f"{stem(op)}{self.numbers[op] + 1}"

    def apart(self, op: str) -> str:
        """A label for an op without one, where another has the name that it would get."""
        if self.numbered or self.automatic(op) not in self.labels:
            return ""
        between = "_" if stem(op) == op else "x"  # what no automatic name has
        words = (f"{op}{between}{number}" for number in count(self.numbers[op] + 1))
        return next(word for word in words if word not in self.labels)
