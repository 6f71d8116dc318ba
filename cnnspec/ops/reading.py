"""What a call of PyTorch gives to `Op.read`: its arguments by PyTorch's own names, typed.

The way back from `Op.torch`, and independent of it: `nn.Conv2d(3, 64, 7, stride=2)` becomes the
names and values of PyTorch's signature, and the op says which of its own fields they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.records import record
from cnnspec.values import Beside, Padding, Window


class Unread(Exception):
    """A call that no op of the language says, in one line: a reflecting border, a missing name."""


@record(frozen=True)
class Filled:
    """`torch.full(size, value)`: what a parameter of a module itself begins as."""

    size: tuple[int, ...]
    value: float


@record(frozen=True)
class Arguments:
    """The arguments of a call of `form` (`nn.Conv2d`), PyTorch's defaults filled in.

    Each method gives one of them as the type that it must have, and raises Unread otherwise.
    """

    form: str
    values: Mapping[str, Any]

    def integer(self, name: str) -> int:
        """A whole number; a truth value is none."""
        value = self.values[name]
        if type(value) is not int:
            raise self._wrong(name, "an integer")
        return value

    def real(self, name: str) -> float:
        """A number, whole or not."""
        value = self.values[name]
        if type(value) is not int and type(value) is not float:
            raise self._wrong(name, "a number")
        return value

    def flag(self, name: str) -> bool:
        """A truth value."""
        value = self.values[name]
        if type(value) is not bool:
            raise self._wrong(name, "True or False")
        return value

    def word(self, name: str) -> str:
        """A string, such as the `mode` of an interpolation."""
        value = self.values[name]
        if type(value) is not str:
            raise self._wrong(name, "a string")
        return value

    def beside(self, name: str) -> Beside:
        """A second tensor, where an op has one."""
        value = self.values[name]
        if type(value) is not Beside:
            raise self._wrong(name, "a tensor")
        return value

    def filled(self, name: str) -> Filled:
        """A tensor of equal numbers."""
        value = self.values[name]
        if type(value) is not Filled:
            raise self._wrong(name, "torch.full(size, value)")
        return value

    def integers(self, name: str) -> tuple[int, ...]:
        """A tuple of integers, such as the order of axes."""
        value = self.values[name]
        if type(value) is not tuple or any(type(n) is not int for n in value):
            raise self._wrong(name, "integers")
        return value

    def pair(self, name: str) -> tuple[int, int]:
        """PyTorch's `int | tuple[int, int]`: rows and columns."""
        value = self.values[name]
        if type(value) is int:
            return value, value
        rows_columns = self.integers(name)
        if len(rows_columns) != 2:
            raise self._wrong(name, "an integer or two")
        return rows_columns[0], rows_columns[1]

    def padding(self, name: str) -> Padding:
        """`padding`, which is alike on opposite sides."""
        rows, columns = self.pair(name)
        return Padding(rows, rows, columns, columns)

    def window(self, kernel: str, stride: str) -> Window:
        """A kernel with its stride; a stride of None is the kernel's size, as for pools."""
        size = self.pair(kernel)
        return Window(size, size if self.values[stride] is None else self.pair(stride))

    def only(self, name: str, value: object, why: str) -> None:
        """Refuse any other value of an argument that the language has no word for."""
        found = self.values[name]
        if type(found) is not type(value) or found != value:
            raise Unread(f"{self.form} with {name}={found!r}: {why}")

    def _wrong(self, name: str, wanted: str) -> Unread:
        return Unread(f"{self.form} needs {wanted} for {name}, and {self.values[name]!r} came")
