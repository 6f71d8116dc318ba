"""What flows, what is named, and what a class takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from cnnspec.backends.torch.python.symbols import Code, Sym, substitute
from cnnspec.backends.torch.python.writing import write
from cnnspec.syntax import tree as t
from cnnspec.values import Shape

Size = tuple[Code, ...] | None
"""(height, width), as numbers where every call agrees, else as expressions; `()` is a vector."""


Words = tuple[str, ...]
"""A path, word by word."""


@dataclass(frozen=True)
class Flow:
    """What stands at a place of the data flow.

    `channels` is the expression to write there, `closed` the same in the block's parameters alone
    (None where there is none).  `size` is None where nothing gives it; `scale` is what the input's
    height was divided by, None where it is no plain ratio.
    """

    channels: Code
    closed: Code
    size: Size
    scale: Code
    example: Shape | None = None
    """The shape seen here, where there is one: for comments."""

    @property
    def vector(self) -> bool:
        """Whether this is a vector rather than a map."""
        return self.size == ()


@dataclass(frozen=True)
class Name:
    """A name in a level: words and expressions in turn, `denselayer` and `i + 1`."""

    parts: tuple[str | Sym, ...]
    unclear: str = field(default="", compare=False)
    """Why the number in it is not known; no matter for a layer that needs no attribute."""
    numbers: frozenset[str] = field(default=frozenset(), compare=False)
    """The open numbers that it hangs on then."""

    @cached_property
    def fixed(self) -> str | None:
        """The name as text, or None where a loop variable is in it."""
        return "".join(self.parts) if all(isinstance(p, str) for p in self.parts) else None  # type: ignore[arg-type]

    @property
    def words(self) -> list[str]:
        """The words of a dotted label, each with what is open in it in braces."""
        words = [""]
        for part in self.parts:
            first, *rest = part.split(".") if isinstance(part, str) else [Name((part,)).text]
            words[-1] += first
            words += rest
        return words

    @property
    def text(self) -> str:
        """The name with what is open in braces: `conv0`, `denselayer{i + 1}`."""
        return "".join(p if isinstance(p, str) else f"{{{write(p)}}}" for p in self.parts)

    def code(self) -> str:
        """The name as a Python string: `"conv0"`, `f"denselayer{i + 1}"`."""
        if self.fixed is not None:
            return f'"{self.fixed}"'
        parts = (
            p.replace("{", "{{").replace("}", "}}") if isinstance(p, str) else f"{{{write(p)}}}"
            for p in self.parts
        )
        return f'f"{"".join(parts)}"'


@dataclass(frozen=True)
class Param:
    """A constructor parameter of a generated class."""

    name: str
    annotation: str
    default: str = ""

    def __str__(self) -> str:
        default = f" = {self.default}" if self.default else ""
        return f"{self.name}: {self.annotation}{default}"


@dataclass
class Result:
    """What a block gives for what arrives: channels in its parameters, and the change of size."""

    channels: Code
    scale: Code
    size: Size = None

    def of(self, values: dict[str, Code]) -> Result:
        """The same with a call's arguments put in."""
        channels, scale, size = (
            None if v is None else substitute(v, values)
            for v in (self.channels, self.scale, self.size)
        )
        return Result(channels, scale, size)


@dataclass
class Import:
    """A value from the level around: what `forward` calls it, and the path as it is written."""

    variable: str
    path: t.Path
    flow: Flow
    up: int = 1
    """How many levels out it stands."""

    @property
    def channels(self) -> str:
        """What the constructor calls the channels that come with it."""
        return write(self.flow.channels)
