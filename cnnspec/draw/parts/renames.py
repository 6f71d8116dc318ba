"""Parts under other names: whole names for the gutter, and whose weights a layer uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cnnspec.draw.parts.parts import Band, Chain, Frame, Part, Row, Split
from cnnspec.ir import Layer


def numbered(part: Part, prefix: str, *, stretch: bool = False) -> Part:
    """A row that is a number in its container under both names: `features.3`.

    So are the blocks of a `stretch` of a stage, whose first is not the stage's first: `layer3.6–9`.
    """
    container = prefix.removesuffix(".").rpartition(".")[2]
    if container and isinstance(part, Row) and part.name.isdigit():
        return replace(part, name=f"{container}.{part.name}")
    if container and stretch and isinstance(part, Frame) and part.name.isdigit() and part.path:
        last = f"–{int(part.name) + part.count - 1}" if part.count > 1 else ""
        return replace(part, given=f"{container}.{part.name}{last}")
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


def ranged(parts: tuple[Part, ...], rates: Iterable[float]) -> tuple[Part, ...]:
    """The inside of equal blocks, its drop paths saying the rates of all: `drop path 0.1–0.2`."""
    found = sorted(set(rates))
    if len(found) < 2:
        return parts
    said = f"drop path {found[0]:.3g}–{found[-1]:.3g}"
    return tuple(_ranged(part, said) for part in parts)


def _ranged(part: Part, said: str) -> Part:
    match part:
        case Row() if part.layer.op.varies:
            return replace(part, said=said)
        case Split():
            arms = tuple(tuple(_ranged(inner, said) for inner in arm) for arm in part.arms)
            return replace(part, arms=arms)
        case Frame() | Band() | Chain():
            return replace(part, parts=tuple(_ranged(inner, said) for inner in part.parts))
    return part


def rates(layers: Iterable[Layer]) -> Iterator[float]:
    """The rates of drop paths, and of what else may differ among repeats."""
    return (getattr(layer.op, layer.op.varies) for layer in layers if layer.op.varies)


def renamed(part: Part, prefix: str) -> Part:
    """The part with its whole name for the gutter."""
    if isinstance(part, Split):
        return replace(part, join=replace(part.join, name=prefix + part.join.name))
    if isinstance(part, Chain):
        return replace(part, parts=tuple(renamed(inner, prefix) for inner in part.parts))
    if isinstance(part, Frame) and part.given:
        return replace(part, name=prefix + part.name, given=prefix + part.given)
    return replace(part, name=prefix + part.name)
