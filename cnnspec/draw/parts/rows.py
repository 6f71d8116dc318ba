"""Conv, norm and activation as one row: any subset, in the order of execution."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from cnnspec.draw.parts.parts import Band, Chain, Frame, Mark, Part, Row, Split
from cnnspec.ir import Layer

Placed = tuple[Layer, str]
"""A layer and its whole path."""

Token = Placed | Part


def fuses(layer: Layer) -> bool:
    """Whether the op is drawn as a cell of another op's row: norms but LRN, and activations."""
    return layer.op.kind == "activation" or (layer.op.kind == "norm" and not layer.op.aside)


def leads(tokens: Sequence[Token]) -> bool:
    """Pre-activation: the norms and activations of this row of tokens stand before their conv."""
    first = next(iter(tokens), None)
    return isinstance(first, tuple) and fuses(first[0])


def fuse(tokens: Sequence[Token], exposed: Collection[str] = ()) -> list[Part]:
    """Join neighbouring layers into rows; parts that are there already stay as they are.

    A layer whose path is `exposed` ends its row: something else reads it.
    """
    fuser = _Fuser(leads(tokens), exposed)
    for token in tokens:
        fuser.take(token)
    fuser.close()
    return fuser.parts


def _in_order(layers: Sequence[Layer]) -> bool:
    """At most one norm, then at most one activation."""
    kinds = [layer.op.kind for layer in layers]
    return kinds in ([], ["norm"], ["activation"], ["norm", "activation"])


class _Fuser:
    """Holds the row, or the split, that may still grow."""

    def __init__(self, leading: bool, exposed: Collection[str]) -> None:
        self.leading, self.exposed = leading, exposed
        self.parts: list[Part] = []
        self.row: Row | None = None
        self.split: Split | None = None

    def take(self, token: Token) -> None:
        match token:
            case (Layer() as layer, str(path)):
                self.layer(layer, path)
            case Split():
                self.close()
                self.split, self.row = token, token.join
            case Row() | Frame() | Band() | Chain() | Mark():
                self.close()
                self.parts.append(token)

    def layer(self, layer: Layer, path: str) -> None:
        if self.row is not None and self.row.paths[-1] in self.exposed:
            self.close()
        row = self.row
        if fuses(layer):
            if row is None or not self.grows(row, layer):
                self.close()
                self.row = Row(layer.name, (layer,), (path,), -1)
                return
            self.row = replace(row, layers=(*row.layers, layer), paths=(*row.paths, path))
        elif (
            row is not None
            and row.main < 0
            and self.leading
            and layer.op.kind in ("conv", "linear")
        ):
            main = len(row.layers)
            self.row = Row(layer.name, (*row.layers, layer), (*row.paths, path), main)
        else:
            self.close()
            self.row = Row(layer.name, (layer,), (path,), 0)

    def grows(self, row: Row, layer: Layer) -> bool:
        """Whether a norm or an activation still has a place in the row."""
        if row.main < 0:
            return _in_order((*row.layers, layer))
        if row.kind == "join":
            return not row.tail and layer.op.kind == "activation"
        return row.kind in ("conv", "linear") and not self.leading and _in_order((*row.tail, layer))

    def close(self) -> None:
        """Put away what was growing."""
        if self.split is not None and self.row is not None:
            self.parts.append(replace(self.split, join=self.row))
        elif self.row is not None:
            self.parts.append(self.row)
        self.row = self.split = None
