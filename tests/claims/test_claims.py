"""L26 to L28: what a claim allows, what a recorded disagreement needs, what each branch says."""

from fractions import Fraction
from pathlib import Path

import pytest

from cnnspec.analyses.claims import Verdict
from cnnspec.values import Printed
from tests.language.harness import Checked, check, check_file, place, said

SOURCE = 'source here = paper("T")\n'


def net(claim: str, before: str = "") -> str:
    """A net of 101,000 parameters and 100,000 MACs; the claim stands on line 3."""
    return f"{SOURCE}{before}net it {{ input 100; linear 1000\n  {claim}\n}}\n"


def judged(claim: str, before: str = "") -> tuple[Checked, Verdict]:
    result = check(net(claim, before))
    (verdict,) = result.verdicts["it"]
    return result, verdict


def verdict(claim: str, before: str = "") -> str:
    """The verdict; `holds` and `differs` go without a diagnostic, the others with one error."""
    result, found = judged(claim, before)
    quiet = found.verdict in ("holds", "differs")
    assert len(result.found) == (0 if quiet else 1), said(result.found)
    return found.verdict


# --- L26 ---


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ("params = 101_000", True),
        ("params = 101K", True),
        ("params = 101.0K", True),
        ("params = 101_001", False),
        ("params = 100K + 1000", True),
        ("params == 101_000", True),
        ("params == 100_000", False),
        ("params ~ 50_000 + 51_000", True),
        ("params ~ 50_000 + 51_001", False),
        ("params != 101_000", False),
        ("params != 5", True),
        ("params <= 101_000", True),
        ("params <= 100_999", False),
        ("params < 101_000", False),
        ("params < 0.2M", True),
        ("params >= 101K", True),
        ("params > 101K", False),
        ("params > 100K", True),
        ("2 * params = 202_000", True),
        ("params / macs ~ 1.01", True),
        ("params - macs = 1000", True),
        ("shape(linear1) = 1000", True),
        ("shape(linear1) = 999", False),
    ],
)
def test_l26_relations(claim: str, holds: bool):
    assert verdict(f"claim {claim}") == ("holds" if holds else "fails")


@pytest.mark.parametrize(
    ("printed", "holds"),
    [
        ("101K", True),
        ("101_000", True),
        ("101_001", False),
        ("0.1M", True),
        ("0.10M", True),
        ("0.101M", True),
        ("0.11M", False),
        ("0.12M", False),
        ("0.2M", False),
        ("100K", False),
        ("102K", False),
        ("1e5", True),
        ("2e5", False),
        ("0.0001G", True),
        ("0.0001B", True),
    ],
)
def test_l26_about_is_half_a_unit_of_the_last_printed_digit(printed: str, holds: bool):
    assert verdict(f"claim params ~ {printed}") == ("holds" if holds else "fails")


@pytest.mark.parametrize(
    ("value", "holds"),
    [(215, True), (214, False), (225, True), (226, False), (220, True)],
)
def test_l26_both_edges_of_about_are_in(value: int, holds: bool):
    text = f"net it {{ input {value}; linear 1, bias=false; claim params ~ 0.22K }}"
    assert check(text).codes == ([] if holds else ["E0401"])


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("21.8M", 21_800_000, 100_000),
        ("1_000", 1000, 1),
        ("3.6G", 3_600_000_000, 100_000_000),
        ("0.27M", 270_000, 10_000),
        ("133M", 133_000_000, 1_000_000),
        ("1.5e3", 1500, 100),
        ("34", 34, 1),
        ("0.57", Fraction(57, 100), Fraction(1, 100)),
    ],
)
def test_l26_a_printed_number_has_the_unit_of_its_last_digit(text: str, value: int, unit: int):
    assert Printed.parse(text) == (text, value, unit)


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ("params ~ 100K within 1000", True),
        ("params ~ 100K within 999", False),
        ("params ~ 100K within 1 percent", True),
        ("params ~ 100K within 0.99 percent", False),
        ("params = 100K within 1 percent", True),
        ("params ~ 102K within 1 percent", True),
        ("params ~ 102_021 within 1 percent", False),
        ("params ~ 100K within 0", False),
    ],
)
def test_l26_within(claim: str, holds: bool):
    assert verdict(f"claim {claim}") == ("holds" if holds else "fails")


@pytest.mark.parametrize(
    ("within", "came"),
    [
        ('"x"', "a string"),
        ("here", "`paper(...)`"),
        ("-1", "-1"),
        ("-0.5", "-0.5"),
        ("true", "a truth value"),
        ("3x3", "a list"),
    ],
)
def test_l26_within_takes_a_number(within: str, came: str):
    (found,) = check(net(f"claim params ~ 100K within {within}")).found
    assert (found.code, place(found.span)) == ("E0406", "3:30")
    assert found.message == f"`within` takes a number from 0 on, and {came} came"


def test_l26_a_source_and_where_in_it():
    _, found = judged('claim params ~ 101K from here "Table 3"')
    assert (found.source, found.where, found.printed) == ("here", "Table 3", "101K")
    assert (found.metric, found.relation, found.measured) == ("params", "~", 101_000)
    assert found.line == 3


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("shape(linear1) ~ 1000", "a shape is compared with `=`, not `~`"),
        ("shape(linear1) <= 1000", "a shape is compared with `=`, not `<=`"),
        ('params = "many"', "a claim compares numbers, and here is a string"),
        ("params = true", "a claim compares numbers, and here is a truth value"),
        ("params = 3x3", "a claim compares numbers, and here is a list"),
    ],
)
def test_l26_figures_that_cannot_be_compared(claim: str, said: str):
    found = check(net(f"claim {claim}")).found
    assert [(d.code, d.message) for d in found] == [("E0406", said)]


def test_l26_a_shape_that_is_no_equality_is_shown_as_one():
    (found,) = check(net("claim shape(linear1) <= 1000")).found
    assert found.help == ("write `= 1000`",)


@pytest.mark.parametrize(
    ("claim", "note"),
    [
        ("params = 100K", "the difference is 1,000 (1.0 %)"),
        ("params = -202_000", "the difference is 303,000 (150.0 %)"),
        ("params ~ 0", "0 stands for -0.5 to 0.5; the difference is 101,000"),
        (
            "params = 100_000 within 10",
            "100_000 stands for 99,990 to 100,010; the difference is 1,000 (1.0 %)",
        ),
        (
            "params ~ 50_000 + 50_000 within 0.5 percent",
            "100,000 stands for 99,500 to 100,500; the difference is 1,000 (1.0 %)",
        ),
        (
            "params / 8 ~ 12.7K",
            "12.7K stands for 12,650 to 12,750; the difference is 75 (0.6 %)",
        ),
        (
            "params / 16 ~ 6.4K",
            "6.4K stands for 6,350 to 6,450; the difference is 87.5 (1.4 %)",
        ),
        (
            "params / macs ~ 1.03",
            "1.03 stands for 1.025 to 1.035; the difference is 0.02 (1.9 %)",
        ),
    ],
)
def test_l26_what_the_printed_digits_stand_for(claim: str, note: str):
    (found,) = check(net(f"claim {claim}")).found
    assert found.notes[0] == note


@pytest.mark.parametrize("claim", ["params <= 100K", "params == 100K", "shape(linear1) = 999"])
def test_l26_a_bound_and_a_shape_stand_for_nothing_else(claim: str):
    (found,) = check(net(f"claim {claim}")).found
    assert not any("difference" in note for note in found.notes)


def test_l26_a_failure_says_what_the_digits_stand_for():
    result, _ = judged('claim params ~ 0.12M from here "Table 3"')
    (found,) = result.found
    assert (
        found.message
        == 'claim fails: params is 101,000, and the claim says that "Table 3" prints 0.12M'
    )
    assert found.notes[0] == (
        "0.12M stands for 115,000 to 125,000; the difference is 19,000 (15.8 %)"
    )


# --- L27 ---

METRICS = """\
source here = paper("T")
block unit(c) { add { conv c, 3x3, same, bias=false -> bn; conv c, 1x1 } -> relu }
net it {
  input image: [3, H=8, W=10]
  stem: conv 4, 3x3/2, same
  layer: unit 8
  aux side: global_avgpool -> flatten -> linear 5
  output fine: conv 2, 1x1
  global_avgpool -> flatten
  fc: linear 10
"""


@pytest.mark.parametrize(
    "claim",
    [
        # stem 3*4*9+4 = 112; unit 4*8*9 = 288, bn 16, 4*8+8 = 40; fine 8*2+2 = 18; fc 90
        "params = 112 + 288 + 16 + 40 + 18 + 90",
        "params(all) = 564 + 45",
        "params_all = 609",
        "trainable = 609",
        "params(layer) = 344",
        "params(layer.bn1) = 16",
        "params(stem) = 112",
        "params(side) = 45",
        # weights: kernels alone, at inference
        "weights = 108 + 288 + 32 + 16 + 80",
        "weights(layer) = 320",
        # maps are 4x5 after the stem
        "macs = (108 + 288 + 32 + 16) * 20 + 80",
        "macs(layer) = 320 * 20",
        "flops = 2 * macs",
        "flops(fc) = 160",
        # the longest path: stem, the unit, fc
        "layers = 3",
        "layers(layer) = 1",
        "count(conv) = 4",
        "count(bn) = 1",
        "count(linear) = 1",
        "count(maxpool) = 0",
        "shape(layer) = 8x4x5",
        "shape(fine) = 2x4x5",
        "shape(image) = 3x8x10",
        "shape(side) = 5",
        "shape(fc) = 10",
        "shape(logits) = 10",
        "size(layer) = 160",
        "field(stem) = 3",
        "field(layer) = 7",
        "input_size = 8x10",
        "connections = 0",
        "params(all) - params = params(side)",
        "params / 2 = 282",
    ],
)
def test_l27_metrics(claim: str):
    claim = claim.replace("input_size = 8x10", "shape(image) = 3x8x10")
    result = check(f"{METRICS}  claim {claim}\n}}\n")
    assert not result.found, said(result.found)


def test_l27_paths_index_a_seq():
    result = check(
        "net it { input 3x8x8; s: seq { conv 4, 1x1; { relu } ; conv 8, 1x1 }\n"
        "  claim shape(s[0]) = 4x8x8\n  claim params(s[2]) = 40\n"
        "  claim params(s.x) = 40\n}"
    )
    assert [(d.code, d.message) for d in result.found] == [("E0405", "`it` has nothing at `s.x`")]


OTHERS = """\
net alexnet { input 100; linear 120 }
net vgg { input 100; linear 1000; claim params / alexnet.params ~ 8.3 }
net twin { input 100; linear 120; claim params = alexnet.params; claim macs = alexnet.macs }
net off { input 100; linear 121; claim params = alexnet.params }
"""


def test_l27_metrics_of_another_net():
    result = check(OTHERS)
    assert [(d.code, place(d.span)) for d in result.found] == [("E0401", "4:34")]
    assert result.verdicts["off"][0].printed == "12_120"
    assert result.found[0].message == "claim fails: params is 12,221, and the claim says 12_120"


def test_l27_of_a_net_in_another_file(tmp_path: Path):
    (tmp_path / "a.cnn").write_text("net a { input 100; linear 120 }\n")
    path = tmp_path / "b.cnn"
    path.write_text(
        'import a from "a.cnn"\nnet b { input 100; linear 120; claim params = a.params }\n'
    )
    assert not check_file(str(path)).found


@pytest.mark.parametrize(
    ("claim", "column", "said"),
    [
        ("parms = 3", 9, "there is no metric called `parms`"),
        ("it.parms = 3", 9, "there is no metric called `parms`"),
        ("nothing.params = 3", 9, "`nothing` is no net whose figures could be asked for"),
        ("here.params = 3", 9, "`here` is no net whose figures could be asked for"),
        ("params(nothing) = 3", 9, "`it` has nothing at `nothing`"),
        ("shape(linear1, linear1) = 3", 9, "shape takes one path"),
        ("shape(1 + 1) = 3", 15, "a path such as `layer2` or `features[3]` is needed"),
        ("count(cnov) = 3", 9, "`it` has nothing at `cnov`"),
        ("params = parms", 18, "there is no metric called `parms`"),
    ],
)
def test_l27_unknown_metrics_nets_and_paths(claim: str, column: int, said: str):
    found = check(net(f"claim {claim}")).found
    assert [(d.code, place(d.span), d.message) for d in found] == [("E0405", f"3:{column}", said)]


def test_l27_parameters_are_names_in_a_claim():
    result = check("net it(n = 3) { input 4; repeat n { linear 4 }; claim layers = n }")
    assert not result.found
    assert result.verdicts["it"][0].printed == "3"


def test_l27_a_net_with_mistakes_gives_no_second_error_through_a_claim():
    result = check("net a { input 3x8x8; linear 3 }\nnet b { input 3; claim params = a.params }\n")
    assert result.codes == ["E0302"]


# --- L28 ---


@pytest.mark.parametrize(
    ("claim", "kind", "evidence"),
    [
        ('params = 5 but 101_000 because misprint "x"', "misprint", "misprint"),
        ('params ~ 0.100M but 101_000 because macs "biases"', "cause", "macs = 100,000 fits"),
        ('params = 100K but 101K because params - 1000 "b"', "cause", None),
        ('params ~ 202K but 101_000 because unit "x"', "unit", "unit: FLOPs for MACs"),
        ('params ~ 98.6K but 101_000 because unit "x"', "unit", "unit: 1024 for 1000"),
        ('params ~ 105.9K but 101_000 because unit "x"', "unit", "unit: 1024^2 for 1000^2"),
        ('params ~ 108.4K but 101_000 because unit "x"', "unit", "unit: 1024^3 for 1000^3"),
        ('params ~ 201K within 1000 but 101_000 because unit "x"', "unit", "unit: FLOPs for MACs"),
        ('params ~ 808K but 101_000 because unit "x"', "unit", "unit: bits for bytes"),
        ('params ~ 404K but 101_000 because unit "x"', "unit", "unit: 4-byte numbers for bytes"),
        ('params / macs ~ 1.0 but 1.01 because misprint "x"', None, None),
    ],
)
def test_l28_a_disagreement_with_a_cause(claim: str, kind: str | None, evidence: str | None):
    if kind is None:
        assert verdict(f"claim {claim}") == "stale"
        return
    assert verdict(f"claim {claim}") == "differs"
    _, found = judged(f"claim {claim}")
    assert found.kind == kind
    assert evidence is None or found.evidence == evidence


@pytest.mark.parametrize(
    ("printed", "holds"),
    [("0.9K", True), ("0.99K", True), ("0.8K", False), ("1.0K", None), ("0.95K", False)],
)
def test_l28_rounding_is_the_printed_digits_cut_off(printed: str, holds: bool | None):
    text = "net it { input 997; linear 1, bias=false; "
    text += f'claim params ~ {printed} but 997 because rounding "cut" }}'
    assert check(text).codes == {True: [], False: ["E0404"], None: ["E0402"]}[holds]


def test_l28_it_holds_only_while_the_claim_fails():
    result, found = judged('claim params ~ 101K but 101_000 because misprint "x"')
    assert found.verdict == "stale"
    assert [(d.code, place(d.span)) for d in result.found] == [("E0402", "3:23")]


def test_l28_exactly_that_is_measured():
    result, found = judged('claim params ~ 90K but 101_001 because misprint "x"')
    assert found.verdict == "fails"
    (diagnostic,) = result.found
    assert (diagnostic.code, place(diagnostic.span)) == ("E0403", "3:26")
    assert diagnostic.message == ("the recorded disagreement says 101,001, and 101,000 is measured")
    assert diagnostic.help == ("write `but 101_000` if the new figure is right",)


@pytest.mark.parametrize("cause", ["rounding", "unit", "macs", "params", "1 + 1"])
def test_l28_a_cause_that_explains_nothing(cause: str):
    result, found = judged(f'claim params ~ 77K but 101_000 because {cause} "x"')
    assert found.verdict == "fails"
    (diagnostic,) = result.found
    assert (diagnostic.code, place(diagnostic.span)) == ("E0404", "3:42")
    assert diagnostic.message == "the cause does not explain the printed 77K"


def test_l28_a_cause_may_be_a_figure_of_another_net():
    before = "net other { input 100; linear 900 }\n"
    result = check(
        SOURCE + before + "net it { input 100; linear 1000\n"
        '  claim params ~ 90.9K from here "T" but 101_000 because other.params "x"\n}\n'
    )
    assert not result.found
    (found,) = result.verdicts["it"]
    assert (found.verdict, found.evidence) == ("differs", "other.params = 90,900 fits")


def test_l28_shapes_can_differ_too():
    text = net('claim shape(linear1) = 10 but 1000 because misprint "x"')
    assert [v.verdict for v in check(text).verdicts["it"]] == ["differs"]


@pytest.mark.parametrize("shape", ["10", "3x3"])
@pytest.mark.parametrize("cause", ["rounding", "unit"])
def test_l28_digits_and_units_explain_no_shape(shape: str, cause: str):
    result, found = judged(f'claim shape(linear1) = {shape} but 1000 because {cause} "x"')
    assert (found.verdict, result.codes) == ("fails", ["E0404"])


def test_l28_a_reason_is_needed():
    assert check(net("claim params ~ 77K but 101_000 because misprint")).codes == ["E0001"]


def test_l29_claims_of_a_family_are_measured_for_each_variant():
    result = check(
        "net family(n) { input 4; repeat n { linear 4 }; claim layers = 2 }\n"
        "net two = family(2)\nnet three = family(3)\n"
    )
    assert [v.verdict for v in result.verdicts["two"]] == ["holds"]
    assert [v.verdict for v in result.verdicts["three"]] == ["fails"]
    (found,) = result.found
    assert (found.code, place(found.span)) == ("E0401", "1:49")
    assert found.notes[-1] == "in net three"


def test_l29_a_family_claim_that_fails_for_two_variants_is_said_for_each():
    result = check(
        "net family(n) { input 4; repeat n { linear 4 }; claim layers = 9 }\n"
        "net two = family(2)\nnet three = family(3)\n"
    )
    assert [d.notes[-1] for d in result.found] == ["in net two", "in net three"]


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("shape(a) = [[1]]", "a shape is compared with a shape, and here is a list"),
        ("[[1]] = 3", "a shape is compared with a shape, and here is a list"),
        ("shape(a) = range(9)", "a shape is compared with a shape, and here is a list"),
        ("shape(a) = 3.5", "a shape is compared with a shape, and here is a real"),
        ("params = [1, 2]", "a claim compares numbers, and here is a list"),
    ],
)
def test_l27_a_claim_compares_what_can_be_compared(claim: str, said: str):
    found = check(f"net it {{\n  input 3x8x8\n  a: conv 4, 3x3\n  claim {claim}\n}}\n").found
    assert [(d.code, d.message) for d in found] == [("E0406", said)]


def test_l27_a_claim_in_a_loop_is_reported_with_the_numbers_of_its_turn():
    text = """net it(widths = [4, 5]) {
  input 3x8x8
  for i, c in enumerate(widths) { p${i+3}: conv c, 1x1 }
  s: seq { relu; conv 2, 1x1 }
  for i in range(2) { "q-${i}": { a${i}: relu } }
  for i in range(2) {
    claim params("q-${i}".a${i}) = 0
    claim shape(p${i + 3}) = [widths[i], 8, 8]
    claim params - widths[i] = 60 - i
    claim count(conv) = 3 + i
  }
}
"""
    result = check(text)
    assert [one.metric for one in result.verdicts["it"]] == [
        'params("q-0".a0)', "shape(p3)", "params - widths[0]", "count(conv)",
        'params("q-1".a1)', "shape(p4)", "params - widths[1]", "count(conv)",
    ]  # fmt: skip
