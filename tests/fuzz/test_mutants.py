"""S7: broken specs, three ways to break them: never a traceback, always a place, in time."""

import pytest

from tests.fuzz import layout
from tests.fuzz.mutants import EMITTED, Mutant, Verdict, corpus, judge, mutant

SEEDS = 1200


@pytest.mark.parametrize("start", range(0, SEEDS, 200))
def test_s7_a_mutant_is_answered(start: int):
    verdicts = {seed: judge(mutant(seed)) for seed in range(start, start + 200)}
    assert sum(layout.check(mutant(seed).text) for seed in verdicts) > 40
    assert {s: v.traceback for s, v in verdicts.items() if v.traceback} == {}
    assert {s: v.misplaced for s, v in verdicts.items() if v.misplaced} == {}
    assert sum(v.broken for v in verdicts.values()) > 100


def test_mutants_are_of_every_kind_and_differ():
    made = [mutant(seed) for seed in range(60)]
    assert {m.kind for m in made} == {"text", "token", "tree"}
    originals = {text for _, text in corpus()}
    assert sum(m.text in originals for m in made) < 10
    assert made == [mutant(seed) for seed in range(60)]


def test_a_valid_spec_is_no_mutant():
    path, text = corpus()[0]
    assert judge(Mutant(EMITTED, "none", path, text)) == Verdict(seconds=pytest.approx(0, abs=9))


def test_a_traceback_and_a_wrong_place_are_found(monkeypatch: pytest.MonkeyPatch):
    from cnnspec.source import Span
    from tests.fuzz import mutants

    broken = Mutant(1, "none", corpus()[0][0], "net it { input 1x2x3; conv }")
    assert judge(broken).broken
    monkeypatch.setattr(mutants, "render", lambda found: "")
    with monkeypatch.context() as patch:
        patch.setattr(Span, "line", 99)
        assert "on line 99" in judge(broken).misplaced
    monkeypatch.setattr(mutants, "render", lambda found: 1 / 0)
    assert "ZeroDivisionError" in judge(broken).traceback
