"""How a model is read."""

from __future__ import annotations

from dataclasses import dataclass

from cnnspec.values import Shape


@dataclass(frozen=True)
class Options:
    """How a model is read; a size of None is the one that it is made for.

    `aux` keeps the heads that exist in training only, `flat` writes one block for each instance,
    `verify` runs the module beside the model, `drop_unused` leaves out weights that nothing uses.
    """

    size: Shape | None = None
    name: str = ""
    aux: bool = True
    flat: bool = False
    verify: bool = True
    drop_unused: bool = False
