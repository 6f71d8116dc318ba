"""Where in a body the writer stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from cnnspec.importing.expressions import Values


@dataclass
class Place:
    """A place in a body.

    `numbers` counts the ops without a label, `values` knows what numbers are called here; at the
    `top` of a net statements show their shapes.
    """

    values: Values
    numbered: bool
    numbers: Counter[str] = field(default_factory=Counter)
    top: bool = False

    def deeper(self, values: Values) -> Place:
        """The same place in a loop, with other names for numbers and no shapes."""
        return replace(self, values=values, top=False)
