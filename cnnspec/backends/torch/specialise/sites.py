"""Where a class is called, and what the IR has there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from cnnspec import ir
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow
from cnnspec.backends.torch.python.lists import holds_sym, numbers_in
from cnnspec.backends.torch.specialise.observe import plain
from cnnspec.source import Span
from cnnspec.values import Shape

T = TypeVar("T")


@dataclass(frozen=True)
class CallSite:
    """Where a class is called: what arrives there."""

    flow: Flow
    arriving: Any
    span: Span
    modules: list[ir.Module] = field(default_factory=list)
    """What the IR has for the call, a module for each module around it."""

    def settled(self) -> None:
        """Refuse what arrives where it hangs on open numbers: a class is to be written for it."""
        arrives = (self.flow.channels, self.flow.size)
        if holds_sym(self.flow.channels) or holds_sym(self.flow.size):
            what = "what arrives at a class that is written for it is open"
            raise BackendError(what, self.span, numbers=numbers_in(arrives))

    def shape(self) -> Shape:
        """The one shape that arrives in this net."""
        self.settled()
        return only({plain(m.input) for m in self.modules}, self, "the shape that arrives here")


def only(found: set[T], site: CallSite, what: str) -> T:
    """The one thing that a call is for; where calls differ the body around must be folded."""
    if len(found) != 1:
        numbers = numbers_in((site.flow.channels, site.flow.size))
        raise BackendError(f"{what} differs between calls", site.span, numbers=numbers)
    return next(iter(found))
