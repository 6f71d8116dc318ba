"""What tests of the difference share: two nets by their bodies, changes and steps as words."""

from __future__ import annotations

from cnnspec.analyses.diff import Diff, diff
from tests.backends.harness import elaborate


def compared(a: str, b: str) -> Diff:
    """Two nets on 4x32x32 by their bodies, or by whole texts."""
    texts = (t if "net " in t else f"net n {{ input 4x32x32\n {t} }}" for t in (a, b))
    one, other = (elaborate(text).net for text in texts)
    return diff(one, other)


def lines(found: Diff) -> list[str]:
    """`changed relu -> tanh: relu1 | tanh1`: what, and the places in both nets."""
    return [
        f"{c.kind} {c.what}: " + ", ".join(f"{p.a} | {p.b}".strip() for p in c.places)
        for c in found.changes
    ]


def steps(found: Diff) -> list[tuple[str, str, str, str]]:
    return [(s.kind, s.a, s.b, s.path) for s in found.steps]
