"""Functions that change the shape: views, exchanges of axes, reductions, parts of the channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from cnnspec.importing.made import op
from cnnspec.importing.torch.called import Called
from cnnspec.importing.trace import Raw
from cnnspec.ops.op import Op
from cnnspec.ops.reading import Unread
from cnnspec.values import BESIDE, Window


def view(called: Called) -> None:
    """A flatten, the same shape, or a view that a later pass must explain."""
    came, out = called.first, called.out
    if out.shape == came.shape:
        called.same()
    elif out.dim() == 2 and out.shape[0] == came.shape[0]:
        called.record(op("flatten"))
    else:
        called.record(Raw("view", (tuple(came.shape), tuple(out.shape))))


def permute(called: Called) -> None:
    """An exchange of all axes."""
    order = called.given(1, "dims")
    order = tuple(order) if isinstance(order, list | tuple) else tuple(called.args[1:])
    called.record(axes(tuple(axis % called.first.dim() for axis in order)))


def axes(order: tuple[int, ...]) -> Op | Raw:
    """An exchange of axes, the batch's first and in its place."""
    if len(order) == 4 and order[0] == 0:
        return op("permute", order=tuple(axis - 1 for axis in order[1:]))
    return Raw("axes", order)


def transpose(called: Called) -> None:
    """An exchange of two axes."""
    order = list(range(called.first.dim()))
    a, b = called.given(1, "dim0"), called.given(2, "dim1")
    order[a], order[b] = order[b], order[a]
    called.record(axes(tuple(order)))


def pool(name: str, plain: str) -> Callable[[Called], None]:
    """A reduction over rows and columns is a global pool, with or without the two axes."""

    def handle(called: Called) -> None:
        dim = called.given(1, "dim", called.kwargs.get("axis"))
        came = called.first
        if dim is None:
            raise Unread(f"{called.name} over everything has no op")
        over = sorted(d % came.dim() for d in (dim if isinstance(dim, list | tuple) else [dim]))
        keep = bool(called.given(2, "keepdim", False))
        if over == [2, 3] and came.dim() == 4:
            if keep:
                called.record(op(name))
            else:
                middle = came.new_empty((*came.shape[:2], 1, 1))
                called.record(op(name), out=middle)
                called.record(op("flatten"), middle)
        elif over == [1] and keep and came.dim() == 4:
            called.record(op(plain))
        else:
            raise Unread(f"{called.name} over the axes {dim} has no op")

    return handle


def split(called: Called) -> None:
    """Each part of a split is a slice of the channels."""
    dim = called.given(2, "dim", 0)
    if dim % called.first.dim() != 1:
        raise Unread(f"{called.name} along axis {dim} has no op")
    start = 0
    for part in called.out:
        stop = start + part.shape[1]
        called.record(op("slice", start=start, stop=stop), out=part)
        start = stop


def item(called: Called) -> None:
    """An index that takes a range of channels is a slice, one that takes the middle a crop.

    One that takes every nth row and column is a pool of single pixels.
    """
    index = called.args[1]
    index = index if isinstance(index, tuple) else (index,)
    if len(index) == 4 and index[:2] == (slice(None), slice(None)):
        if called.keeps_size():
            called.same()
        else:
            called.record(*_cropped(called, index[2:]))
        return
    full = [part for place, part in enumerate(index) if place != 1]
    if len(index) < 2 or any(part not in (slice(None), Ellipsis) for part in full):
        raise Unread("an index into a tensor that takes no channels has no op")
    channels = index[1]
    if not isinstance(channels, slice) or channels.step not in (None, 1):
        raise Unread("an index into a tensor that takes no range of channels has no op")
    start, stop, _ = channels.indices(called.first.shape[1])
    called.record(op("slice", start=start, stop=stop))


def _cropped(called: Called, index: Sequence[Any]) -> tuple[Any, ...]:
    """The middle of a map, as large as another where its size was asked for; or every nth pixel."""
    came = called.first.shape[2:]
    ranges = [
        (0, 0, 0) if not isinstance(part, slice) else part.indices(size)
        for part, size in zip(index, came, strict=True)
    ]
    steps = ranges[0][2], ranges[1][2]
    whole = all(one[:2] == (0, size) for one, size in zip(ranges, came, strict=True))
    if whole and steps != (1, 1):  # what a window of one pixel takes
        return op("avgpool", window=Window((1, 1), steps)), called.first
    sizes = tuple(stop - start for start, stop, _ in ranges)
    middle = [((size - kept) // 2, 1) for size, kept in zip(came, sizes, strict=True)]
    if middle != [(start, step) for start, _, step in ranges]:
        raise Unread("an index into a map that takes other pixels than those in the middle")
    like = called.sized_as()
    if like is None:
        return op("crop", size=sizes), called.first
    return op("crop", to=BESIDE), called.first, like


def adaptive(kind: str) -> Callable[[Called], None]:
    """Reads an adaptive pool of a kind: "avgpool" or "maxpool"."""

    def handle(called: Called) -> None:
        size = called.given(1, "output_size")
        called.record(adaptive_pool(kind, size, called.first.shape[2:]))

    return handle


def adaptive_pool(kind: str, size: Any, arriving: Sequence[int]) -> Op:
    """An adaptive pool; None keeps the size that arrives, and 1 is a global pool."""
    rows, columns = size if isinstance(size, list | tuple) else (size, size)
    pair = (arriving[0] if rows is None else rows, arriving[1] if columns is None else columns)
    return op(f"global_{kind}") if pair == (1, 1) else op(f"adaptive_{kind}", size=pair)


def over(name: str, x: Tensor) -> dict[str, str]:
    """The last axis of a map with the channels behind, or the features of a vector."""
    if x.dim() not in (2, 4):
        raise Unread(f"{name} on a tensor of {x.dim()} axes has no op")
    return {"over": "last"} if x.dim() == 4 else {}
