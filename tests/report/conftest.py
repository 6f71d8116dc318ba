"""Diagnostics made by hand, for the tests of their renderers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.source import Source, Span

At = Callable[..., Span]

ALEXNET = Source(
    "specs/alexnet.cnn",
    "\n" * 8 + "  input 3x224x224\n\n\n" + "  conv 96, 11x11/4                       => 96x55x55\n",
)


def at(source: Source, text: str, nth: int = 0) -> Span:
    """The span of the nth occurrence of `text`."""
    start = -1
    for _ in range(nth + 1):
        start = source.text.index(text, start + 1)
    return Span(source, start, start + len(text))


@pytest.fixture
def windows_do_not_fit() -> Diagnostic:
    """The first exemplar of the errors page."""
    return Diagnostic(
        "E0301",
        "the windows do not fit: conv 96, 11x11/4 turns 3x224x224 into 96x54x54, "
        "and this line says 96x55x55",
        at(ALEXNET, "conv 96, 11x11/4"),
        labels=(
            Label(at(ALEXNET, "3x224x224"), "224 comes from here"),
            Label(at(ALEXNET, "96x55x55"), "asserted here"),
        ),
        notes=("floor((224 - 11 + 2*0) / 4) + 1 = 54, with 1 row and column left over",),
        help=("`input 3x227x227` gives 55, and so does `pad=2`",),
    )


@pytest.fixture
def hidden_character() -> Diagnostic:
    """A bidi override in a line with a tab and wide letters."""
    source = Source("net.cnn", "net a {\n\tconv 64\u202e, 3x3  # 합성곱 → relu\n}\n")
    return Diagnostic(
        "E0021",
        "a hidden character: U+202E (right-to-left override)",
        at(source, "\u202e"),
        note="it makes text read differently from what is compiled",
        labels=(Label(at(source, "relu"), "not this one"),),
        help=("delete it",),
    )


@pytest.fixture
def stride_one() -> Diagnostic:
    """A warning."""
    source = Source("net.cnn", "net a {\n  maxpool 2x2\n}\n")
    note = "write `2x2/2` to halve the map, or `2x2/1` to say that you mean it"
    return Diagnostic("W0203", "maxpool 2x2 has stride 1", at(source, "2x2"), note)
