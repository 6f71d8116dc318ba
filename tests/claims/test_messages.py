"""L26 to L28: the whole text of what is said about a claim."""

from __future__ import annotations

import pytest

from cnnspec.diagnostics import Diagnostic
from tests.language.harness import check

NET = 'source here = paper("T")\nnet it {{ input 100; linear 1000\n  claim {claim}\n}}\n'
"""A net of 101,000 parameters and 100,000 MACs."""

PARTS = "the largest parts: linear1 101.00K"
CITED = (
    "if the figure is mistyped here, write `101_000`",
    'if the source is wrong, record it with its cause: `but 101_000 because misprint "..."`',
)
CAUSES = ("a cause is `rounding`, `misprint`, `unit`, or what fits it",)


def only(text: str) -> Diagnostic:
    (found,) = check(text).found
    return found


def whole(claim: str) -> tuple[str, ...]:
    """All that is said: message, note, notes, help."""
    found = only(NET.format(claim=claim))
    return (found.message, found.note, *found.notes, *found.help)


FAILURES = {
    "params = 5": (
        "claim fails: params is 101,000, and the claim says 5",
        *("", "the difference is 100,995 (2019900.0 %)", PARTS),
        "if the net is right, write `claim params = 101_000`",
    ),
    "macs = 5": (
        "claim fails: macs is 100,000, and the claim says 5",
        *("", "the difference is 99,995 (1999900.0 %)", "the largest parts: linear1 100.00K"),
        "if the net is right, write `claim macs = 100_000`",
    ),
    "params = 100K within 999": (
        "claim fails: params is 101,000, and the claim says 100K",
        "",
        "100K stands for 99,001 to 100,999; the difference is 1,000 (1.0 %)",
        PARTS,
    ),
    "params <= 100K": ("claim fails: params is 101,000, and the claim says <= 100K", "", PARTS),
    "params != 101K": ("claim fails: params is 101,000, and the claim says != 101K", "", PARTS),
    "weights = 2": (
        "claim fails: weights is 100,000, and the claim says 2",
        *("", "the difference is 99,998 (4999900.0 %)"),
        "if the net is right, write `claim weights = 100_000`",
    ),
    "params / macs = 2": (
        "claim fails: params / macs is 1.01, and the claim says 2",
        *("", "the difference is 0.99 (49.5 %)"),
        "if the net is right, write `claim params / macs = 1.01`",
    ),
    "macs / params = 2": (
        "claim fails: macs / params is 0.9901, and the claim says 2",
        *("", "the difference is 1.0099 (50.5 %)"),
        "if the net is right, write `claim macs / params ~ 0.990099`",
    ),
    "shape(linear1) = 1x2": (
        "claim fails: shape(linear1) is 1000, and the claim says 1x2",
        *("", "if the net is right, write `claim shape(linear1) = 1000`"),
    ),
    "params ~ 77K from here": (
        "claim fails: params is 101,000, and the claim says 77K",
        *("", "77K stands for 76,500 to 77,500; the difference is 24,000 (31.2 %)", PARTS),
        *CITED,
    ),
    'params = 77K from here "Table 2"': (
        'claim fails: params is 101,000, and the claim says that "Table 2" prints 77K',
        *("", "the difference is 24,000 (31.2 %)", PARTS, *CITED),
    ),
}


@pytest.mark.parametrize("claim", FAILURES)
def test_l26_what_a_failure_says(claim: str):
    assert whole(claim) == FAILURES[claim]


@pytest.mark.parametrize("claim", [c for c in FAILURES if FAILURES[c][-1].startswith("if the net")])
def test_l26_what_a_failure_says_to_write_holds(claim: str):
    written = FAILURES[claim][-1].split("`")[1]
    assert not check(NET.format(claim=written.removeprefix("claim "))).found


def test_l26_a_failure_names_the_four_largest_parts():
    net = (
        "net it {{ input 1000; a: linear 1, bias=false; b: linear 999, bias=false\n"
        "  c: linear 1000000, bias=false; relu; d: linear 1, bias=false\n"
        "  e: linear 1000, bias=false; linear 1000, bias=false; claim params = {}\n}}"
    )
    found = only(net.format(5))
    assert found.notes[1] == "the largest parts: c 999.00M, d 1.00M, linear1 1.00M, a 1.00K"
    small = "net it { input 999; relu; linear 1, bias=false; linear 2; claim params = 5 }"
    assert only(small).notes[1] == "the largest parts: linear1 999, linear2 4"
    large = "net it { input 1000; linear 1000000, bias=false; claim macs = 5 }"
    assert only(large).notes[1] == "the largest parts: linear1 1.00G"


@pytest.mark.parametrize(
    ("claim", "agrees"),
    [
        ("params ~ 101K", "rounds to"),
        ("params = 101K", "agrees with"),
        ("params ~ 101K within 5", "agrees with"),
    ],
)
def test_l28_a_disagreement_that_no_longer_holds(claim: str, agrees: str):
    assert whole(f'{claim} but 101_000 because misprint "x"') == (
        "a recorded disagreement no longer holds: the claim is true now",
        f"measured 101,000, which {agrees} 101K",
        "delete from `but` on",
    )


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        ("rounding", ("77K is not 101,000 with its last digits cut off",)),
        ("unit", ("no confusion of units turns 101,000 into 77K",)),
        (
            "macs - 1",
            (
                "macs - 1 is 99,999",
                "77K stands for 76,500 to 77,500; the difference is 22,999 (29.9 %)",
            ),
        ),
    ],
)
def test_l28_why_a_cause_does_not_hold(cause: str, why: tuple[str, ...]):
    assert whole(f'params ~ 77K but 101_000 because {cause} "x"') == (
        *("the cause does not explain the printed 77K", "this cause does not hold"),
        *why,
        *CAUSES,
    )


@pytest.mark.parametrize(
    ("claim", "recorded", "measured", "write"),
    [
        ("params / macs ~ 2.0", "1.4", "1.01", "1.01"),
        ("params / macs ~ 2.0", "1 + 1", "1.01", "1.01"),
        ("1000 * params / macs / 3 ~ 2.0", "3", "336.7", "336.667"),
        ("shape(linear1) = 10", "3x4", "1000", "1000"),
        ("params = 7", "101", "101,000", "101_000"),
    ],
)
def test_l28_the_recorded_figure_is_held_to_its_digits(
    claim: str, recorded: str, measured: str, write: str
):
    said = {"1 + 1": "2"}.get(recorded, recorded)
    assert whole(f'{claim} but {recorded} because misprint "x"') == (
        f"the recorded disagreement says {said}, and {measured} is measured",
        *("", f"write `but {write}` if the new figure is right"),
    )


def test_l28_digits_cut_off_are_the_evidence_for_rounding():
    claim = 'params ~ 0.99K but 997 because rounding "cut"'
    (verdict,) = check(f"net it {{ input 997; linear 1, bias=false; claim {claim} }}").verdicts[
        "it"
    ]
    assert verdict.evidence == "the printed digits truncate"


@pytest.mark.parametrize(
    ("claim", "note", "help"),
    [
        ("zzz.params = 3", "", ('a net of another file is imported: `import zzz from "zzz.cnn"`',)),
        ("othr.params = 3", "did you mean `other`?", ()),
    ],
)
def test_l27_a_word_that_is_no_net(claim: str, note: str, help: tuple[str, ...]):
    text = f"net other {{ input 8; linear 1 }}\nnet it {{ input 8; linear 2; claim {claim} }}"
    found = only(text)
    assert (found.code, found.note, found.help) == ("E0405", note, help)


def test_l27_a_keyword_is_no_metric_and_no_figure():
    assert whole("same = 3") == ("a claim compares numbers, and here is `same`", "")
    assert whole("valid = 3")[0] == "there is no metric called `valid`"
