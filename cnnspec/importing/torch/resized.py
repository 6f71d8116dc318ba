"""Comparing at a small size what was made for a large one: `F.interpolate(y, size=(520, 520))`.

A model resizes to what it sees, say to its input's size; a spec says the numbers.  At a smaller
size the module's resizes are brought to what the model's gave, the first to the first, and so on.
Whether its own numbers are right is then seen on the meta device, at the size that they are for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnspec.importing.prove import LISTED, Unequal
from cnnspec.importing.torch.called import tensors
from cnnspec.importing.torch.capture import BATCH, named
from cnnspec.importing.torch.copied import copied
from cnnspec.importing.torch.leaves import once
from cnnspec.importing.trace import Trace, steps
from cnnspec.ops.op import Op
from cnnspec.values import Shape


class Resizes:
    """The sizes of what was resized, before and after, in the order of the calls."""

    def __init__(self) -> None:
        self.sizes: list[tuple[Shape, Shape]] = []

    def noted(self) -> Any:
        """In here the model runs."""
        resize = functional.interpolate

        def note(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
            out = resize(input, *args, **kwargs)
            self.sizes.append((tuple(input.shape[2:]), tuple(out.shape[2:])))
            return out

        return _replaced(note)

    def repeated(self) -> Any:
        """In here the module runs."""
        resize, left = functional.interpolate, iter([after for _, after in self.sizes])

        def repeat(input: Tensor, size: Any = None, *args: Any, **kwargs: Any) -> Tensor:
            given = next(left, None)
            return resize(input, size and (given or size), *args, **kwargs)

        return _replaced(repeat)


@contextmanager
def _replaced(interpolate: Callable[..., Tensor]) -> Iterator[None]:
    kept = functional.interpolate
    functional.interpolate = interpolate
    try:
        yield
    finally:
        functional.interpolate = kept


def declared(module: nn.Module, trace: Trace) -> None:
    """Raise Unequal where a module made for the size of a trace gives other shapes at it."""
    found: dict[str, list[Shape]] = {}
    own = copied(module, "meta").train(trace.trained)
    for path, one in own.named_modules():
        one.register_forward_hook(_keeps(found.setdefault(path, [])))
    resizes = Resizes()
    with once(own, {}), resizes.noted(), torch.no_grad():
        out = named(own(*(torch.empty(BATCH, *one.shape, device="meta") for one in trace.inputs)))
    kept = (one for one in steps(trace.root) if one.stateful)  # others have other names
    wanted = [(one.path, one.output.shape) for one in kept]
    differ = [path for path, shape in wanted if path and shape not in found.get(path, [shape])]
    outputs = sorted(tuple(one.shape[1:]) for one in out.values())
    if outputs != sorted(value.shape for value in trace.outputs.values()):
        differ.append("an output")
    if _changes(resizes.sizes) != _changes(_said(trace)):
        differ.append("a resize")
    if differ:
        sizes = " and ".join(str(one.shape) for one in trace.inputs)
        raise Unequal(f"{', '.join(differ[:LISTED])}: another shape at {sizes}")


def _said(trace: Trace) -> list[tuple[Shape, Shape]]:
    """What a trace says that is resized, before and after."""
    made = [one for one in steps(trace.root) if isinstance(one.op, Op) and one.op.resamples]
    return [(step.inputs[0].shape[1:], step.output.shape[1:]) for step in made]


def _changes(sizes: list[tuple[Shape, Shape]]) -> set[tuple[Shape, Shape]]:
    return {(before, after) for before, after in sizes if before != after}


def _keeps(shapes: list[Shape]) -> Callable[..., None]:
    return lambda module, args, out: shapes.extend(tuple(one.shape[1:]) for one in tensors(out))
