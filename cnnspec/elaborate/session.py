"""What the elaboration of one net shares: counters, the memory of calls, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.diagnostics import Diagnostic, Diagnostics, Label, SpecError, fail
from cnnspec.elaborate.calls import Calls
from cnnspec.elaborate.evaluate import Evaluator
from cnnspec.elaborate.foresee import Foresight
from cnnspec.elaborate.limits import CALLS_MAX, Limits
from cnnspec.records import field, record, replace
from cnnspec.source import Span
from cnnspec.values import Shape, Size

if TYPE_CHECKING:
    from cnnspec import ir
    from cnnspec.elaborate.again import Again
    from cnnspec.elaborate.scope import BlockValue, Scope
    from cnnspec.syntax import tree as t


SHAPES = {"E0301", "E0302", "E0304", "E0306", "E0307", "E0308", "E0310", "E0311", "E0312"}
"""Errors that an input with its channels last makes in the layers below it."""


@record(frozen=True)
class Remembered:
    """A block elaborated once: its module (None after errors) and how many layers it has."""

    module: ir.Module | None
    layers: int


@record
class Frame:
    """One block being elaborated: what was called, how, and from where."""

    block: BlockValue
    text: str
    span: Span
    key: object
    """Its arguments and what arrives: what is called so again inside has no end."""


@record
class Session:
    """One net's elaboration."""

    diagnostics: Diagnostics
    limits: Limits = field(default_factory=Limits)
    memory: dict[object, Remembered] = field(default_factory=dict)
    open_sizes: bool = False
    """Whether an input has a size that stays open (L24)."""
    frames: list[Frame] = field(default_factory=list)
    resized: bool = False
    """Whether the input has another size than the spec says: then `=>` says nothing about it."""
    leaves: bool = False
    """Whether a `from`, or a second input, leaves the flow behind: then layers can be unused."""
    turned: Diagnostic | None = None
    """What was said of an input with its channels last (W0210), until an error follows from it."""
    fragments: list[tuple[ir.Item, ...]] = field(default_factory=list)
    """Layers of blocks and arms in which something was wrong: what an editor shows of them."""
    again: Again | None = None
    """Shared layers at other sizes, where there are some."""
    poisonings: int = 0
    """How often something was wrong, or followed from it: then there is no net."""

    def __post_init__(self) -> None:
        self.evaluator = Evaluator(self.limits)
        self.calls = Calls(self.evaluator)
        self.foresight = Foresight()

    def foresee(self, turns: int, loop: t.For | t.Repeat, scope: Scope, span: Span) -> None:
        """Refuse a loop before it begins when its turns are sure to go over a limit."""
        if turns > 1:
            cost = self.foresight.turn(loop, scope).times(turns)
            self.foresight.allow(turns)
            self.limits.foresee(turns, cost.layers, cost.expressions, span)

    def enter(self, frame: Frame) -> None:
        """Begin a block; one that calls itself must come to an end (L22, L37)."""
        around = [f for f in self.frames if f.block.block is frame.block.block]
        if any(f.key == frame.key for f in around):
            raise self.endless(frame, "calls itself with the same arguments on the same shape")
        if len(self.frames) >= CALLS_MAX:
            if around:
                raise self.endless(frame, f"calls itself, {CALLS_MAX} levels deep")
            raise fail("E0019", f"too large: calls nested deeper than {CALLS_MAX}", frame.span)
        self.frames.append(frame)

    def endless(self, frame: Frame, what: str) -> SpecError:
        """E0115: nothing ends a block that calls itself."""
        names = [f.block.name for f in [*self.frames, frame]]
        start = names.index(frame.block.name)
        chain = names[start : start + 1 + names[start + 1 :].index(frame.block.name) + 1]
        return fail(
            "E0115",
            f"block `{frame.block.name}` {what}",
            frame.span,
            labels=(Label(frame.block.block.name_span, "inside this block"),),
            notes=(" -> ".join(chain),),
            help=("an argument that gets smaller ends it: `if n > 1 { unit n - 1 }`",),
        )

    def caused(self, found: Diagnostic) -> Diagnostic:
        """The first error of a shape after an input with its channels last: that is its cause."""
        if self.turned is None or found.code not in SHAPES:
            return found
        turned, self.turned = self.turned, None
        labels = [label for label in found.labels if label.span != turned.span]
        labels.append(Label(turned.span, "the cause: channels come first"))
        return replace(found, labels=tuple(labels), help=turned.help)

    def trace(self) -> tuple[str, ...]:
        """The chain of calls that led here, innermost first, folded when long."""
        lines: list[str] = []
        for frame in reversed(self.frames):
            source = frame.span.source.name
            place = f"{source}:{frame.span.line}:{frame.span.column}"
            lines.append(f"{'from' if lines else 'in'} {frame.text}, called at {place}")
        if len(lines) > 4:
            lines = [*lines[:2], f"... {len(lines) - 3} more calls", lines[-1]]
        return tuple(lines)


def shape_key(shape: Shape) -> object:
    """The key of an arriving shape: which of its sizes are symbolic counts too (L24)."""
    return tuple([(int(n), n.symbol if isinstance(n, Size) else "") for n in shape])
