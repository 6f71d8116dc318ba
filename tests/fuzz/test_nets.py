"""Random valid nets against PyTorch: shapes, state, parameters, multiply-adds, values."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnspec.ops import ops
from tests.fuzz import grid, layout, relations
from tests.fuzz.nets import Mismatch, check, elaborate
from tests.fuzz.oracle import JOINS, MODULES, SECOND
from tests.fuzz.strategies import Spec, specs

quick = settings(
    deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
"""The same nets every time; `make fuzz` draws others."""


@settings(quick, max_examples=150)
@given(specs())
def test_a_net_is_what_pytorch_makes_of_it(spec: Spec):
    check(spec)
    assert layout.check(spec.text)


@settings(quick, max_examples=40)
@given(specs(), st.integers(0, 99))
def test_one_net_in_many_spellings(tmp_path: Path, spec: Spec, seed: int):
    relations.check(spec, seed, tmp_path)


def test_every_op_has_its_oracle():
    assert {*MODULES, *JOINS, *SECOND} == set(ops())


def test_s8_s9_windows_are_accepted_as_pytorch_accepts_them():
    both = [(case.ours(), case.theirs(), case.text) for case in list(grid.cases())[::11]]
    assert [text for ours, theirs, text in both if ours != theirs] == []
    accepted = sum(theirs is not None for _, theirs, _ in both)
    assert len(both) // 4 < accepted < len(both) * 3 // 4


def small(text: str, unrolled: str = "") -> Spec:
    return Spec(f"net it {{ input 2x5x5; {text} }}", f"net it {{ input 2x5x5; {unrolled} }}",
                (2, 5, 5), False, "", (), "")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "fact", "wrong", "what"),
    [
        ("conv", "macs", lambda op, x, y: 1, "macs"),
        ("bn", "params", lambda op, x: {}, "state by the ops"),
        ("bn", "buffers", lambda op, x: {"running": (1,)}, "state by the ops"),
        ("conv", "shape", lambda op, *xs: (3, 4, 4), "shape of conv1"),
    ],
)
def test_a_wrong_fact_is_found(name, fact, wrong, what, monkeypatch: pytest.MonkeyPatch):
    spec = small("conv 3, 3x3, bias=false -> bn")
    check(spec)
    monkeypatch.setattr(ops()[name], fact, wrong)
    with pytest.raises(Mismatch, match=what):
        check(spec)


def test_a_wrong_module_is_found(monkeypatch: pytest.MonkeyPatch):
    from tests.fuzz import nets

    spec = small("conv 3, 3x3 -> tanh")
    check(spec)
    emit = nets.emit
    monkeypatch.setattr(nets, "emit", lambda net: emit(net).replace("tanh", "sigmoid"))
    with pytest.raises(Mismatch, match="values of logits"):
        check(spec)


def test_a_refused_net_is_found():
    with pytest.raises(Mismatch, match="E0301"):
        elaborate(small("conv 3, 3x3 => 3x4x4").text)


def test_l11_a_loop_that_forgets_a_turn_is_found():
    relations.unrolled(small("repeat 3 { relu }", "relu; relu; relu"))
    with pytest.raises(Mismatch, match="unrolled"):
        relations.unrolled(small("repeat 3 { relu }", "relu; relu"))


def test_a_figure_that_cannot_be_computed_is_found(monkeypatch: pytest.MonkeyPatch):
    from cnnspec.analyses.metrics import Metrics

    monkeypatch.setattr(Metrics, "node", lambda self, path: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        check(small("conv 3, 3x3"))
