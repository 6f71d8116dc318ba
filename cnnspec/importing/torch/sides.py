"""Sizes that remember whose they are: `F.interpolate(y, size=x.shape[-2:])` is `resize to=x`.

A model gets them where it asks for a shape; they are whole numbers for all else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor


class Side(int):
    """The number of rows or columns of a tensor, `of`; a sum with it remembers it too."""

    of: Tensor

    def __add__(self, other: int) -> int:
        return side(int(self) + int(other), self.of)

    __radd__ = __add__

    def __reduce__(self) -> Any:
        return int, (int(self),)


def side(number: int, of: Tensor) -> Side:
    """A number that belongs to a tensor."""
    made = Side(number)
    made.of = of
    return made


def kept(out: Any, of: Any) -> Any:
    """A shape, or one number of it, whose numbers remember the tensor."""
    if not isinstance(of, Tensor):
        return out
    if isinstance(out, torch.Size):
        return torch.Size([side(number, of) for number in out])
    return side(out, of) if type(out) is int and out != of.dim() else out


def plain(value: Any) -> Any:
    """Arguments with plain numbers."""
    if isinstance(value, Side):
        return int(value)
    if isinstance(value, torch.Size):
        return torch.Size(map(int, value))
    if type(value) in (list, tuple):
        return type(value)(map(plain, value))
    if isinstance(value, slice):
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    return value


def owners(value: Any) -> Iterator[Tensor]:
    """The tensors whose sizes stand in arguments, the last first."""
    if isinstance(value, Side):
        yield value.of
    elif isinstance(value, dict):
        yield from owners([*value.values()])
    elif isinstance(value, list | tuple):
        for one in reversed(value):
            yield from owners(one)
    elif isinstance(value, slice):
        yield from owners(value.stop)
