"""What a proof says when it does not succeed, and the counters that make every proof end (S23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cnnspec.ops.reading import Filled
from cnnspec.source import Span
from cnnspec.values import Beside

STEPS_MAX: Final = 1_000_000
"""Statements, turns of loops and elements of lists: DenseNet-264 takes 5,736."""
DEPTH_MAX: Final = 80
"""How deep functions of a module may call each other; blocks of a spec nest to 64."""
LENGTH_MAX: Final = 1_000_000
"""The longest list or string."""
NUMBER_MAX: Final = 2**63 - 1


class Unproved(Exception):
    """The module does not do what the spec says, or the proof cannot see that it does.

    `line` is a line of the module (0 where no line is to blame).  `within` names the classes that
    were being built or gone through, innermost first.  Where one place differs, `path` names it,
    `spec` and `module` say what each has there and `span` is the place in the spec.
    """

    def __init__(
        self,
        said: str,
        line: int = 0,
        *,
        path: str = "",
        spec: str = "",
        module: str = "",
        span: Span | None = None,
    ) -> None:
        super().__init__(said)
        self.said, self.line = said, line
        self.path, self.spec, self.module, self.span = path, spec, module, span
        self.within: list[str] = []

    @property
    def message(self) -> str:
        """One line that says what differs, or what cannot be seen, and in which block."""
        if not self.said:
            where = self.path or "the net"
            return f"{where}: the spec has {self.spec}, the module {self.module}"
        return f"{self.said}, in {self.path}" if self.path else self.said

    def inside(self, path: str, cls: str) -> Unproved:
        """The same fault seen from around the block at `path`, an instance of `cls`."""
        self.path = f"{path}.{self.path}" if self.path else path
        self.within.append(cls)
        return self

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


def differs(path: str, spec: str, module: str, line: int = 0, span: Span | None = None) -> Unproved:
    """The fault for one place that the spec and the module say differently."""
    return Unproved("", line, path=path, spec=spec, module=module, span=span)


@dataclass(slots=True)
class Meter:
    """Where the interpretation stands, and how much it has used up."""

    line: int = 0
    steps: int = 0
    depth: int = 0

    def fault(self, message: str) -> Unproved:
        """A fault at the current line."""
        return Unproved(message, self.line)

    def spend(self, steps: int) -> None:
        """Count work; raises Unproved when it is too much."""
        self.steps += steps
        if self.steps > STEPS_MAX:
            raise self.fault(f"not proved within {STEPS_MAX:,} steps: does it end?")

    def enter(self, name: str) -> None:
        """Count a call of a function of the module."""
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self.fault(f"{name} is called more than {DEPTH_MAX} functions deep")

    def bounded(self, value: Any) -> Any:
        """A number, list or string that was just computed, unless it is too large."""
        kind = type(value)
        if kind is int:
            if not -NUMBER_MAX <= value <= NUMBER_MAX:
                raise self.fault("a number beyond 2^63 - 1")
        elif kind in (list, tuple, str):
            self.spend(len(value))
            if len(value) > LENGTH_MAX:
                raise self.fault(f"a {kind.__name__} of more than {LENGTH_MAX:,} elements")
        return value

    def exact(self, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """The types of plain values, for keys that tell 1 from True; None for other values."""
        self.steps += len(values)
        kinds = [*map(type, values)]
        if PLAIN.issuperset(kinds):
            return tuple(kinds)
        self.spend(0)
        return self._nested(values)

    def _nested(self, values: Sequence[Any]) -> tuple[Any, ...] | None:
        kinds: list[Any] = []
        for value in values:
            kind = type(value)
            if kind is tuple:
                inner = self.exact(value)
                if inner is None:
                    return None
                kinds.append(inner)
            elif kind in PLAIN or kind in (Beside, Filled):
                kinds.append(kind)
            else:
                return None
        return tuple(kinds)


PLAIN: Final = frozenset({int, float, bool, str, type(None)})
