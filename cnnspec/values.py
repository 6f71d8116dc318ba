"""The values of the language (L21): what expressions evaluate to and ops are made of."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final, NamedTuple

from cnnspec.records import record

Shape = tuple[int, ...]
"""[channels, height, width] of a feature map, or [features] of a vector; no batch axis."""
Sizes = tuple[tuple[str, Shape], ...]
"""Shapes of inputs in order, each with the input's name, or "" where its place says which it is."""

INT_MAX: Final = 2**63 - 1
"""Integers are exact up to here (S5)."""
SIZE_MAX: Final = 2**31 - 1
"""The largest channel count, height, width, window or count (S5)."""


def dims(shape: Shape) -> str:
    """A shape as the language writes it: `64x112x112`, `120`."""
    return "x".join(str(int(n)) for n in shape)


class Size(int):
    """A height or width that depends on a symbolic input size (L24).

    It counts with the value given for the symbol and remembers that it was symbolic, also
    through the arithmetic of an op's shape rule.
    """

    symbol: str

    def __new__(cls, value: int, symbol: str) -> Size:
        size = super().__new__(cls, value)
        size.symbol = symbol
        return size

    def __add__(self, other: int) -> Size:
        return Size(int(self) + int(other), self.symbol)

    def __sub__(self, other: int) -> Size:
        return Size(int(self) - int(other), self.symbol)

    def __rsub__(self, other: int) -> Size:
        return Size(int(other) - int(self), self.symbol)

    def __mul__(self, other: int) -> Size:
        return Size(int(self) * int(other), self.symbol)

    def __floordiv__(self, other: int) -> Size:
        return Size(int(self) // int(other), self.symbol)

    def __neg__(self) -> Size:
        return Size(-int(self), self.symbol)

    __radd__ = __add__
    __rmul__ = __mul__


class Dims(NamedTuple):
    """Sizes written with x: `3x3`, `64x112x112`. As a window its stride is 1 (L7)."""

    sizes: tuple[int, ...]

    def __str__(self) -> str:
        return dims(self.sizes)


class Window(NamedTuple):
    """A kernel and its stride, rows before columns; `written` when a `/` gave the stride (L7)."""

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    written: bool = False

    def __str__(self) -> str:
        rows, columns = self.stride
        stride = f"{rows}" if rows == columns else f"{rows}x{columns}"
        kernel = "x".join(str(n) for n in self.kernel)
        return f"{kernel}/{stride}" if self.written or self.stride != (1, 1) else kernel


class Padding(NamedTuple):
    """Rows and columns added around a map (L8); `same` is kept until the window is known."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def symmetric(self) -> bool:
        """Equal on opposite sides, as PyTorch's own `padding` argument needs it."""
        return self.top == self.bottom and self.left == self.right

    def __str__(self) -> str:
        if not self.symmetric:
            return f"[{self.top}, {self.bottom}, {self.left}, {self.right}]"
        return str(self.top) if self.top == self.left else f"{self.top}x{self.left}"


class Keyword(NamedTuple):
    """A word that is a value by itself: `same`, `tf_same`."""

    word: str

    @property
    def symmetric(self) -> bool:
        """True: as padding, a word needs no layer of zeros before the op."""
        return True

    def __str__(self) -> str:
        return self.word


SAME: Final = Keyword("same")
TF_SAME: Final = Keyword("tf_same")
"""TensorFlow's SAME: as much padding as gives ceil(H / S), the odd one at the bottom and right."""
KEYWORDS: Final = {word.word: word for word in (SAME, TF_SAME)}


@record(frozen=True)
class Record:
    """A named bundle of arguments: `he_normal(fan="out")`, `sgd(lr=0.1)`, `paper("...")`."""

    name: str
    args: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()

    def get(self, key: str, default: Any = None) -> Any:
        """The keyword argument `key`, or `default`."""
        return dict(self.keywords).get(key, default)

    def __str__(self) -> str:
        words = [show(a) for a in self.args] + [f"{k}={show(v)}" for k, v in self.keywords]
        return f"{self.name}({', '.join(words)})"


@record(frozen=True)
class Beside:
    """What stands at a path of the net, as an argument of an op.

    Which path is no matter to the op: what stands there is its second input.  `of` is the op of
    the layer there, for an op that goes back over it (`unpool`).
    """

    of: Any = None

    def __str__(self) -> str:
        return "LABEL"


BESIDE = Beside()


class Printed(NamedTuple):
    """A number as a source prints it: `21.8M` stands for everything that rounds to it (L26)."""

    text: str
    value: Fraction
    unit: Fraction
    """One unit in the last printed digit."""

    @staticmethod
    def parse(text: str) -> Printed:
        """Read digits with `_`, a decimal point, an exponent and a K M G B suffix (L4)."""
        scale = {"K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9}.get(text[-1], 1)
        digits = (text[:-1] if scale != 1 else text).replace("_", "")
        mantissa, _, exponent = digits.lower().partition("e")
        factor = Fraction(10) ** int(exponent or 0) * scale
        decimals = len(mantissa.partition(".")[2])
        return Printed(text, Fraction(mantissa) * factor, Fraction(10) ** -decimals * factor)


Value = Any
"""int, float, bool, str, None, tuple (a list), Dims, Window, Keyword, Record, or a block."""


def show(value: Value) -> str:
    """A value as the language writes it, for messages and captions."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case float():
            return repr(value).replace("e-0", "e-")
        case Dims() | Window() | Padding() | Keyword() | Record():
            return str(value)
        case tuple():
            return "[" + ", ".join(show(v) for v in value) + "]"
        case _:
            return str(value)


def type_name(value: Value) -> str:
    """The language's word for the type of a value, with its article, for messages."""
    match value:
        case None:
            return "none"
        case bool():
            return "a truth value"
        case int():
            return "an integer"
        case float():
            return "a real"
        case str():
            return "a string"
        case Dims() | Window():
            return "a window"
        case Keyword():
            return f"`{value}`"
        case Record():
            return f"`{value.name}(...)`"
        case Beside():
            return "a label"
        case tuple() | range():
            return "a list"
        case _:  # what elaboration declares says its own word
            return getattr(value, "kind", "a block")


def key(value: Value) -> object:
    """A hashable key that tells `1` from `true` and `1.0`, and an open size from a fixed one."""
    if type(value) is tuple:
        return tuple(map(key, value))
    return type(value), value
