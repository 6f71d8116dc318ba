"""Parts under other names: whole names for the gutter, and whose weights a layer uses."""

from __future__ import annotations

from dataclasses import replace

from cnnspec.draw.tree import Band, Chain, Frame, Part, Row, Split


def numbered(part: Part, prefix: str) -> Part:
    """A row that is a number in its container under both names: `features.3`."""
    container = prefix.removesuffix(".").rpartition(".")[2]
    if container and isinstance(part, Row) and part.name.isdigit():
        return replace(part, name=f"{container}.{part.name}")
    return part


def sharing(part: Part, own: str, path: str) -> Part:
    """The part with the layers whose weights its rows use: `path` for `own`."""
    match part:
        case Row() if any(layer.op.params(layer.inputs[0]) for layer in part.layers):
            return replace(part, shares=path + part.paths[max(part.main, 0)].removeprefix(own))
        case Split():
            arms = tuple(tuple(sharing(inner, own, path) for inner in arm) for arm in part.arms)
            return replace(part, arms=arms)
        case Frame() | Band() | Chain():
            return replace(part, parts=tuple(sharing(inner, own, path) for inner in part.parts))
    return part


def renamed(part: Part, prefix: str) -> Part:
    """The part with its whole name for the gutter."""
    if isinstance(part, Split):
        return replace(part, join=replace(part.join, name=prefix + part.join.name))
    if isinstance(part, Chain):
        return replace(part, parts=tuple(renamed(inner, prefix) for inner in part.parts))
    return replace(part, name=prefix + part.name)
