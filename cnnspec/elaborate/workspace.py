"""One run of the compiler: files read once, nets elaborated once, diagnostics collected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import Diagnostics

if TYPE_CHECKING:
    from cnnspec import ir
    from cnnspec.source import Source, Span
    from cnnspec.syntax import tree
    from cnnspec.values import Record, Shape, Value


@dataclass(eq=False)
class Unit:
    """A file that was read: its tree and the names that it declares and imports."""

    source: Source
    file: tree.File
    nets: dict[str, tree.Net | tree.Variant] = field(default_factory=dict)
    """The nets that this file declares, in order."""


@dataclass(frozen=True, eq=False)
class BoundClaim:
    """A claim with the scope that its names are looked up in."""

    claim: tree.Claim
    scope: Any


@dataclass(frozen=True, eq=False)
class Elaborated:
    """A net with what its declaration says around the flow."""

    net: ir.Net
    unit: Unit
    declaration: tree.Net | tree.Variant
    family: tree.Net
    family_unit: Unit
    args: dict[str, Value]
    """The value of every parameter of the family, in order."""
    free: dict[str, Value]
    """Parameters that the variant leaves free, with their defaults."""
    recipe: dict[str, object]
    """Plain data by module.md M7; empty where the spec names none."""
    claims: tuple[BoundClaim, ...]
    source: Record | None
    """The first source its claims cite, else the first that its file declares or imports."""


class Workspace:
    """Reads and elaborates; what is wrong lands in `diagnostics`, nothing is raised."""

    def __init__(self) -> None:
        self.diagnostics = Diagnostics()

    def read(self, path: str) -> Unit | None:
        """Read a file (`-` is standard input) with its imports; None when it cannot be parsed.

        Raises OSError when the file cannot be read.
        """
        raise NotImplementedError

    def elaborate(
        self,
        unit: Unit,
        name: str,
        *,
        set: dict[str, Value] | None = None,
        input: Shape | None = None,
    ) -> Elaborated | None:
        """Elaborate a net of `unit`; None for a family without values (L25) or after errors."""
        raise NotImplementedError


def fail_span(source: Source) -> Span:
    """The place of a defect of the file as a whole: its first character."""
    from cnnspec.source import Span

    return Span(source, 0, min(1, len(source.text)))
