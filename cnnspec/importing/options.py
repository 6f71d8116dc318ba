"""How a model is read."""

from __future__ import annotations

from dataclasses import dataclass

from cnnspec.importing.sizes import Given, sizes
from cnnspec.values import Sizes


@dataclass(frozen=True)
class Options:
    """How a model is read; without a size it is the one that it is made for.

    `aux` keeps the heads that exist in training only, `flat` writes one block for each instance,
    `verify` runs the module beside the model, `drop_unused` leaves out weights that nothing uses.
    """

    size: Given | None = None
    name: str = ""
    aux: bool = True
    flat: bool = False
    verify: bool = True
    drop_unused: bool = False

    @property
    def sizes(self) -> Sizes:
        """The shapes of the inputs that are asked for, with their names."""
        return sizes(self.size or ())
