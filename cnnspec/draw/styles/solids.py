"""A net's stops as volumes, with what stands under each where it stands alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnnspec.draw.page.labels import op_words
from cnnspec.draw.parts.parts import Plan, Row
from cnnspec.draw.styles.stream import Stop
from cnnspec.draw.styles.volume import Volume
from cnnspec.values import Shape


def solids(plan: Plan, stops: Sequence[Stop]) -> list[Volume]:
    """A volume for every stop."""
    return [_volume(plan, stop, stops) for stop in stops]


def named(found: list[Volume], labels: Mapping[str, str]) -> list[Volume]:
    """Say an author's labels under the volumes in which their parts begin.

    An input's stands for its name; any other goes before the op.
    """
    for path, text in labels.items():
        first = next((one for one in found if begins(one, path)), None)
        if first is not None:
            first.said[1 : 1 + (first.kind == "image")] = [text]
    return found


def begins(volume: Volume, path: str) -> bool:
    """Whether a volume holds a layer at a path or in it."""
    return any(one == path or one.startswith(f"{path}.") for one in volume.paths)


def kind_of(row: Row, shape: Shape, source: Shape) -> str:
    """What decides a volume's colour: `up` for all that makes a map larger and fills it."""
    op = row.layer.op
    maps = len(shape) == len(source) == 3
    larger = maps and shape[1] * shape[2] > source[1] * source[2]
    if op.grows or (larger and row.kind == "cell" and op.zeros() is None):
        return "up"
    return row.kind if row.kind in ("conv", "pool", "linear") else "other"


def _volume(plan: Plan, stop: Stop, stops: Sequence[Stop]) -> Volume:
    if stop.row is None:
        name = stop.paths[0] if "." not in stop.paths[0] else plan.input
        return Volume(stop, "image", (_dims(stop.shape), name[:20]))
    source = stops[stop.feeds[0]].shape if stop.feeds else ()
    kind = kind_of(stop.row, stop.shape, source)
    volume = Volume(stop, kind, [text for text in _said(stop, stop.row) if text])
    window = getattr(stop.row.layer.op, "window", None)
    volume.window = window.kernel if window and stop.row.kind == "conv" else None
    return volume


def _said(stop: Stop, row: Row) -> list[str]:
    """What it gives, its op, and what else is said of that."""
    head, *rest = op_words(row.layer)
    stride = row.layer.op.stride_label().removeprefix("/")
    words = [f"stride {stride}"] * bool(stride) + rest[1:] + [stop.head] * bool(stop.head)
    op = head.replace("max ", "").replace("avg ", "")
    said = ", ".join(words + ["shared"] * bool(row.shares))
    return [_dims(stop.shape), op, said, *stop.leaves]


def _dims(shape: Shape) -> str:
    return "×".join(str(int(size)) for size in shape)
