"""S6: doubling any list-like construct doubles the calls that a check makes, and little more.

Calls are counted, not timed: the same numbers on every machine. `benchmarks/doubling.py` times.
"""

import pytest

from cnnspec import diagnostics
from tests.fuzz.doubling import CASES, FILES, calls, check, fmt, net

FACTOR = 2.3
SHORT = 6
"""The lengths are cut for the suite: what is quadratic shows long before a second is over."""

KNOWN = {
    "unknown names among many": "words are compared for a suggestion, up to COMPARED_MAX in a run",
    "unknown paths": "the same",
}
"""Constructs that cost more at these lengths, and why."""


def test_s6_suggestions_end(monkeypatch: pytest.MonkeyPatch):
    compared = []
    monkeypatch.setattr(diagnostics, "_closest", lambda word, known: compared.append(len(known)))
    _, make = CASES["unknown names among many"]
    workspace = check(make(1000))
    assert len(workspace.diagnostics.errors) == 1000
    assert sum(compared) < diagnostics.COMPARED_MAX + 1100


@pytest.mark.parametrize("name", [name for name in CASES if name not in KNOWN])
def test_s6_doubling(name: str):
    count, make = CASES[name]
    count = max(count // SHORT, 20)
    calls(make(count))  # what is imported or remembered once
    small, large = (calls(make(n)) for n in (count, 2 * count))
    assert large <= FACTOR * small, f"{small} calls, then {large}"


@pytest.mark.parametrize("name", CASES)
def test_g3_21_doubling_fmt(name: str):
    count, make = CASES[name]
    count = max(count // SHORT, 20)
    calls(make(count), run=fmt)
    small, large = (calls(make(n), run=fmt) for n in (count, 2 * count))
    assert large <= FACTOR * small, f"{small} calls, then {large}"


@pytest.mark.parametrize("name", FILES)
def test_s6_doubling_files(name: str, tmp_path):
    count, make = FILES[name]
    count //= 4
    path = str(tmp_path / "net.cnn")
    calls(make(count, tmp_path), path)
    small, large = (calls(make(n, tmp_path), path) for n in (count, 2 * count))
    assert large <= FACTOR * small, f"{small} calls, then {large}"


def test_a_quadratic_construct_would_be_seen():
    def looked(count: int) -> int:
        return calls(net("".join(f"a: seq {{ {'relu; ' * i} }}\n" for i in range(count))))

    assert looked(40) > FACTOR * looked(20)
