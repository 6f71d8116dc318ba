"""Values that stay open: functions, conditions, lists, windows and paddings of a block's arguments.

Each net equals the graph to the bit, keeps its free numbers, and is traced and scripted.
"""

import re

import pytest

from cnnspec.backends.torch.python.symbols import Var
from cnnspec.backends.torch.write.assemble import MAKE_DIVISIBLE
from cnnspec.elaborate.functions import multiple
from tests.backends.harness import text_of
from tests.backends.test_constructs import equals_the_graph, equals_when_compiled, spec
from tests.backends.test_open_numbers import compare

TWICE = "unit 4, 1\nunit 4, 2"

FUNCTIONS = {
    "a width rounded as MobileNet's authors do": spec(
        "unit c, 8\nunit 5 * c, 3\nunit c + 1, 7\nconv 3, 1x1",
        "block gate(to) {\n  let c = in.channels\n"
        "  let few = round(c // 4, to=to)\n"
        "  mul { skip; { global_avgpool; conv few, 1x1 -> relu; conv c, 1x1 -> sigmoid } }"
        "\n}\nblock unit(c, to) { conv round(c, to=to), 3x3; gate to }",
        params="c = 12",
    ),
    "an element that a number picks": spec(
        "unit 4, 0\nunit 4, 1", "block unit(c, k) { conv [c, 6][k], 1x1; conv [4, 6][k], 1x1 }"
    ),
    "length, smallest and largest of a list": spec(
        "unit [4, 5]\nconv 3, 1x1",
        "block unit(list) {\n  conv len(list), 1x1; conv min(list), 1x1; conv max(list), 3x3\n"
        "  conv len([list[0], 4]) + list[1], 1x1\n}",
    ),
    "length of a range": spec(
        "unit 3\nunit 4", "block unit(n) { conv len(range(n)), 1x1; conv len(range(1, n)), 3x3 }"
    ),
    "pairs of a list that is counted": spec(
        "unit [3, 4]\nconv 3, 1x1",
        "block unit(l) {\n  conv enumerate(l)[1][1], 1x1; conv len(enumerate(l)), 1x1\n"
        "  for i, pair in enumerate(enumerate(l)) { conv pair[1] + i, 1x1 }\n}",
    ),
    "smallest and largest of an argument": spec(
        "unit 6\nconv in.channels + 1, 1x1\nunit 3\nconv in.channels + 1, 1x1",
        "block unit(c) { conv max(in.channels, 2), 1x1; conv min(c, 4), 3x3 }",
    ),
    "a sign": spec(
        "unit 4\nunit 5", "block unit(c) { add { conv -(1 - c) + 1, 1x1; conv c, 3x3 } }"
    ),
    "a table of many rounds": spec(
        "trunk: seq { for c in [4, 5, 6, 7, 8, 9, 4, 5, 6] { conv c, 3x3; relu } }\nconv 3, 1x1"
    ),
    "a loop over a list": spec(
        "widths [3, 5]\nconv 3, 1x1",
        "block widths(list) seq { for n in list { conv n, 1x1; relu }; relu => [list[1], 8, 8] }",
    ),
    "arms and values that stand among them": spec(
        "let h = 3\nunit 4\nconcat {\n  conv h, 1x1; repeat 2 { conv 2, 3x3 }\n"
        "  let h = 2; require h == 2; default conv pad=same -> relu; conv h, 3x3\n}",
        "block unit(c) {\n  let h = c + 1\n  concat {\n    conv h, 1x1; let h = c + 2\n"
        "    conv h, 3x3; let k = in.channels; conv k, 1x1\n  }\n}",
    ),
    "a slice from an argument on": spec(
        "unit 2\nunit 1", "block unit(c) { slice c, 7; conv 8, 1x1 }"
    ),
    "a label that an argument makes": spec(
        "unit 3\nunit 2",
        "block unit(c) {\n  let d = c + 1\n  l${c}: conv c, 3x3; m${d}: conv c, 1x1\n"
        "  add { skip; n${in.channels}: conv in.channels, 1x1 }\n}",
    ),
    "names of over fifty letters": spec(
        "unit 3, 2",
        "block unit(number_of_feature_maps_of_the_first_of_both_inputs,"
        " number_of_feature_maps_of_the_other_input) {\n"
        "  let width = number_of_feature_maps_of_the_first_of_both_inputs"
        " + number_of_feature_maps_of_the_other_input\n  conv width, 1x1; conv width, 3x3\n}",
    ),
}

CONDITIONS = {
    "not of several": spec(
        TWICE,
        "block unit(c, s) seq {\n"
        "  if not (s == 1 and c == 4) { conv c, 1x1 } else { conv c, 3x3; relu }\n"
        "  if not (s == 1 and c == 4) and c > 2 { relu }\n  conv c, 1x1\n}",
    ),
    "not of several around a fork": spec(
        TWICE,
        "block unit(c, s) {\n  if not (s == 1 and c == 4) { add { skip; conv in.channels, 1x1 } }\n"
        "  else { conv c, 3x3; relu }\n  conv c, 1x1\n}",
    ),
    "a condition on channels that a loop changes": spec(
        "unit 2\nconv 3, 1x1",
        "block unit(n) seq {\n  repeat n { conv in.channels // 2, 1x1 }\n"
        "  if in.channels == 2 { conv 4, 1x1 } else { conv 6, 1x1 }\n  conv 3, 1x1\n}",
    ),
    "an arm of a sum that chooses its width": spec(
        "unit 4, 1, 4\nunit 4, 2, 4",
        "block unit(c, s, d) {\n"
        "  add { { if s == 1 { conv c, 3x3; relu } else { conv d, 1x1 } }; conv c, 1x1 }\n}",
    ),
    "an arm that may be the identity": spec(
        "unit 8, 1\nunit 8, 2",
        "block unit(c, s) { add { { if s == 1 { a: conv c, 3x3; relu } }; conv c, 1x1 } }",
    ),
    "a value against itself": spec(
        "unit 4", "block unit(c) { if c == c { conv c, 3x3 } else { relu } }"
    ),
    "an empty else": spec(
        TWICE, "block unit(c, s) seq { conv c, 1x1; if s == 1 { conv c, 3x3; relu } else { } }"
    ),
    "arms of a chain that only compute": spec(
        TWICE + "\nunit 4, 3",
        "block unit(c, s) seq {\n  conv c, 1x1\n  if s == 1 { let h = c * 2 }\n"
        "  else if s == 2 { let k = c + 2 } else { conv c, 3x3; relu }\n"
        "  if s == 2 { relu } else { let h = c * 2 }\n  for i in range(s) { let h = c * i }\n}",
    ),
    "an arm of a module that only computes": spec(
        TWICE,
        "block unit(c, s) {\n  add { skip; conv in.channels, 1x1 }\n"
        "  if s == 1 { let h = c * 2 } else { conv c, 3x3; relu }\n}",
    ),
    "two folded values of which one differs": spec(
        "unit 4, true, true\nunit 4, false, true\nunit 6, true, true",
        "block unit(c, normed, act) seq { conv c, 3x3; if normed { bn }; if act { relu } }",
    ),
    "a pool whose number a condition decides": spec(
        "unit 1\nunit 2",
        "block unit(s) {\n  if s == 1 { maxpool kernel(s, s) }\n  maxpool kernel(s, s), pad=0\n"
        "  add { skip; conv 8, 1x1 }\n}",
    ),
}

ARGUMENTS = {
    "padding and dilation": spec(
        "unit 4, 1, 1\nunit 4, 2, 2",
        "block unit(c, p, d) { conv c, 3x3, pad=p, dilation=d -> conv c, 2x2, pad=[p, 1, 0, 1] }",
    ),
    "a kernel of two numbers": spec(
        "unit 4, 1\nunit 4, 3",
        "block unit(c, k) { conv c, kernel(k, 1) -> relu; conv c, kernel(1, k) }",
    ),
    "a real number": spec(
        "unit 4, 0.5\nunit 4, 1\ndropout p",
        "block unit(c, p) { conv c, 3x3 -> dropout p -> relu }",
        params="p = 0.5",
    ),
    "two windows": spec(
        "unit 4, 3x3, 5x5\nunit 4, 1x1/2, 1x1",
        "block unit(c, k, l) { conv c, k, pad=0 -> conv c, l, pad=0 }",
    ).replace("8x8x8", "8x18x18"),
    "a window beside numbers that are called as its parts": spec(
        "unit 4, 3x3/2, 2, same\nunit 4, 5x5, 1, 2",
        "block unit(c, k, stride, p, padding = 1) {\n"
        "  conv c, k, pad=p -> conv c, 3x3/stride, pad=padding\n}",
    ),
    "a window before a number": spec(
        "unit 3x3/2, 4\nunit 1x1, 5", "block unit(k, c) { conv c, k, pad=0 -> relu }"
    ),
    "an oblong window of a net": spec("conv n, k, pad=0", params="k = 1x3, n = 2"),
    "a padding that two blocks hand on": spec(
        "outer 4, 3x3, same\nouter 4, 3x3, 1",
        "block outer(c, k, pad) { inner c, k, pad }\n"
        "block inner(c, k, pad) { conv c, k, pad=pad -> relu }",
    ),
    "a padding where sizes differ": spec(
        "output a: unit 4, 1, 0\nmaxpool 2x2/2\nunit 4, 0, 1",
        "block unit(c, p, q) { conv c, 3x3, pad=p; conv c, 3x3/2, pad=1 -> relu }",
    ),
    "a block on vectors": spec(
        "flatten\nhead 4\nhead 3", "block head(c) { linear 2 * c -> relu -> linear c }"
    ),
    "a block that only an arm without calls has": spec(
        "unit 4, 1\nunit 6, 1",
        "block unit(c, s) { if s == 1 { conv c, 3x3 } else { other c, 3x3, s=s } }\n"
        "block other(c, k, s, h = 2, d = c // 2) {\n"
        "  conv c, k/s, same; conv h * d, 1x1; add { skip; conv h * d, 1x1 }\n}",
    ),
    "two loops that change the channels": spec(
        "unit 2\nconv 3, 1x1",
        "block unit(n) seq {\n  repeat n { conv in.channels // 2, 1x1 }\n"
        "  repeat n { conv in.channels + 2, 1x1 }\n  conv 3, 1x1\n}",
    ),
    "a shape by an argument behind a loop": spec(
        "unit 4, 2\nconv 3, 1x1",
        "block unit(c, n) seq {\n  for i in range(n) { conv in.channels // 2, 1x1; relu }\n"
        "  relu   => [c // 2, 8, 8]\n  conv c, 1x1\n}",
    ),
    "a parameter with the name of a layer": spec(
        "for i in range(n) { b${i}: conv 8, 3x3 }\nn: conv 4, 1x1", params="n = 2"
    ),
}

NETS = FUNCTIONS | CONDITIONS | ARGUMENTS
LOOPS_IN_FORWARD = {
    "a label that an argument makes",
    "a parameter with the name of a layer",
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", NETS)
def test_open_value(name, tmp_path):
    equals_the_graph(NETS[name])
    compare(NETS[name], "tested")
    file = tmp_path / f"open_value{list(NETS).index(name)}.py"
    equals_when_compiled(NETS[name], file, scripted=name not in LOOPS_IN_FORWARD)


def test_an_empty_arm_stays_only_where_another_hangs_on_it():
    text = text_of(CONDITIONS["arms of a chain that only compute"])
    assert re.search(r"if s == 1:\n +pass\n +elif s == 2:\n +pass\n +else:\n", text)
    assert text.count("pass\n") == 2
    assert "for i in" not in text


def test_arguments_behind_a_window_are_given_by_name():
    text = text_of(ARGUMENTS["two windows"])
    assert "Unit(8, 4, 3, l_kernel=5, stride=1)" in text
    assert "Unit(4, 4, 1, stride=2, l_kernel=1)" in text


def test_a_window_of_a_net_is_no_parameter_of_its_function():
    assert "def tested(n: int = 2) -> Tested:" in text_of(ARGUMENTS["an oblong window of a net"])


def test_an_open_value_is_neither_true_nor_false():
    with pytest.raises(TypeError, match="`c` is not known when code is generated"):
        bool(Var("c"))


def test_the_function_in_the_file_rounds_as_the_language_does():
    space = {}
    exec(MAKE_DIVISIBLE, space)
    for value in range(0, 400):
        for step in (1, 2, 3, 4, 5, 7, 8, 16, 30):
            assert space["make_divisible"](value, step) == multiple(value, step), (value, step)
    assert [multiple(n, 8) for n in (0, 4, 11, 12, 17, 18, 20)] == [8, 8, 16, 16, 16, 24, 24]


def test_one_class_has_all_widths_and_the_function_stands_in_the_file_once():
    text = text_of(FUNCTIONS["a width rounded as MobileNet's authors do"])
    assert text.count("def make_divisible(") == text.count("class Gate") == 1
    assert "make_divisible(in_channels // 4, to_)" in text
    assert text.index("def make_divisible") < text.index("class Gate")
    assert "make_divisible" not in text_of(spec("conv round(30 // 4, to=4), 1x1"))


def test_a_real_number_is_rounded_before_it_is_written():
    """Python's arithmetic is not the language's there: what is rounded is folded."""
    text = text_of(spec("unit 10\nunit 20", "block unit(c) { conv round(c / 4, to=4), 1x1 }"))
    assert "make_divisible" not in text
    assert "nn.Conv2d(in_channels, 4, 1)" in text
