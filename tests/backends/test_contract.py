"""D1 to D9: where one rule of the language was written twice, the generated module says it once.

Each spec is compared with its module by `tests/fuzz/contract.py`: arguments, keys and dataflow, at
the net's own numbers and at those beside them.
"""

import pytest

from tests.fuzz import contract

TAIL = "global_avgpool -> flatten -> linear classes"


def net(body: str, above: str = "", params: str = "n = 2, classes = 3", size: str = "8x12x12"):
    return f"{above}\nnet it({params}) {{\n  input {size}\n  {body}\n  {TAIL}\n}}\n"


def same(text: str, values: int = 1) -> None:
    """The module is its spec at so many sets of numbers or more."""
    found = contract.check(text)
    assert found.valid, text
    assert found.values >= values


D1 = {
    "a number": net("conv 16, 3x3, 0 => 16x10x10; dropout 0.1",
                    "default conv pad=same\ndefault dropout 0.5"),
    "through a follower": net("a: conv 16, 3x3\nmaxpool 3x3/2, 0 => 16x5x5",
                              "default conv pad=same -> bn -> leaky_relu 0.2\n"
                              "default leaky_relu 0.01\ndefault maxpool pad=1"),
    "a window": net("conv 4, 1x1", "default conv 8, 3x3, pad=0"),
    "an open number": net("conv n, 1x1, n", "default conv 8, 3x3, 1",
                          params="n = 2, classes = 3"),
    "a follower of a follower": net("conv 4, 1x1; p: bn; conv7: conv 4, 1x1",
                                    "default conv -> bn 1e-3\ndefault bn 1e-2, 0.3 -> relu"),
    "bare": net("bare conv 4, 3x3, 0; bare bn 1e-4",
                "default conv pad=same -> relu\ndefault bn eps=0.5 -> tanh"),
}  # fmt: skip


@pytest.mark.parametrize("name", D1)
def test_d1_what_is_written_by_place_beats_a_default(name: str):
    same(D1[name], 2)


D2 = {
    "letters": net("conva: conv 16, 3x3; convb: conv 16, 3x3; convolution: conv 8, 1x1",
                   "default conv -> bn -> relu"),
    "a number": net("conv1: conv 16, 3x3; conv2d: conv 8, 1x1; conv_x: conv 8, 1x1",
                    "default conv -> bn"),
    "a dot": net("c.conv1: conv 8, 3x3; c.convex: conv 8, 1x1; c.0: conv 8, 1x1",
                 "default conv -> bn"),
    "a loop's number": net("for i in range(9) { conv${i}: conv 8, 1x1; convs${i}: conv 8, 1x1 }",
                           "default conv -> bn"),
    "an open number": net("u n", "default conv -> bn 1e-3\nblock u(n) {\n"
                          "for i in range(n) { conv${i + 1}: conv 8, 1x1; p${i}x: conv 8, 1x1 } }"),
}  # fmt: skip


@pytest.mark.parametrize("name", D2)
def test_d2_a_follower_is_called_as_the_summary_says(name: str):
    same(D2[name], 2)


D5 = {
    "both arms": net("if n > 1 { c.0: conv 8, 1x1 } else { c.0: bn }"),
    "words and numbers": net("if n > 1 { c.0: conv 8, 1x1; c.d: bn } else { c.d: conv 8, 1x1 }"),
    "one arm, and before it": net("c.0: conv 8, 1x1; if n > 1 { c.1: conv 8, 1x1 }"),
    "one arm, and behind it": net("if n > 1 { c.0: bn }; a: conv 8, 1x1; c.1: conv 8, 1x1"),
    "levels in levels": net("if n > 1 { c.0.a: bn; c.1: bn } else { c.1: conv 8, 1x1; c.0.b: bn }"),
    "in a fork": net("add { { if n > 1 { c.0: conv 8, 1x1 } else { c.0: bn } }; c.1: bn }"),
    "among numbers": net("s: seq { c.0: conv 8, 1x1; c.1: bn; add { skip; conv 8, 1x1 } }"),
    "among numbers in arms": net(
        "s: seq { if n > 1 { c.0: conv 8, 1x1 } else { c.0: bn }; add { skip; relu } }"
    ),
    "in a block": net("u n; u 1", "block u(n) { if n > 1 { c.0: conv 8, 1x1 } else { c.0: bn } }"),
    "arms in arms": net(
        "if n > 1 { if n > 2 { c.0: bn } else { c.1: bn } } else { d.0: bn; c.1: conv 8, 1x1 }"
    ),
}


@pytest.mark.parametrize("name", D5)
def test_d5_dotted_labels_under_a_condition(name: str):
    same(D5[name], 3)


D9 = {
    "two else in a row": net(
        "bn_x: bare conv 8, 3x3\n  norm: relu\n"
        "if n == 2 and in.channels == 8 { v 2, false -> conv1: upsample 1 }"
        " else { c.d: dropout 0.2 -> tanh }",
        "default conv 8, 3x3, pad=same\nblock v(n, flag = true) seq {\n"
        "  if n == 2 and in.channels == 8 { conv 8, 1x1, bias=false }\n"
        "  if n > 1 { dropout 0.2 -> sigmoid -> x1: maxpool 3x3/1, 1 } else { bn_x: dropout 0.2 }"
        "\n  if flag { relu }\n}",
    ),
    "an if in both arms": net(
        "if n > 1 { if n > 2 { a: conv 8, 1x1 } else { b: bn }; c: bn }"
        " else { d: bn; if n > 2 { a: conv 8, 1x1 } else { b: bn } }"
    ),
}


@pytest.mark.parametrize("name", D9)
def test_d9_an_if_keeps_its_else(name: str):
    same(D9[name], 3)


def test_d9_an_arm_that_no_call_takes_names_two_layers_alike():
    same(net("if n > 2 { a: conv 8, 1x1; a: bn }"))
    same(net("u 1", "block u(n) { if n > 2 { conv1: bn; conv 8, 1x1 } }"))


D6 = {
    "an alias of what arrives": net(
        "conv 8, 1x1; unit 1, 8; unit 6, 8",
        "block unit(expand, c) seq {\n  let inputs = in.channels\n"
        "  if expand != 1 { conv expand * inputs, 1x1 }\n"
        "  conv expand * inputs, 3x3, same\n  conv c, 1x1\n}",
    ),
    "an alias of an alias, behind a loop": net(
        "unit n", "block unit(n) {\n  let a = in.channels; let b = a\n"
        "  repeat n { conv in.channels + 4, 1x1 }\n  z: conv b + n, 1x1; bn\n}",
    ),
    "a value of what arrives": net(
        "unit n", "block unit(n) seq { let a = in.channels * 2; repeat n { conv a + "
        "in.channels, 1x1 }; conv a, 1x1; bn }",
    ),
    "the second arm of a fork": net(
        "unit n", "block unit(n) { concat { { repeat n { conv in.channels + 4, 1x1 } }\n"
        "  { for i in range(n) { y${i}: conv in.channels + 2, 1x1 }; bn }\n"
        "  z: conv in.channels, 1x1 }; bn }",
    ),
    "a tap behind a loop": net(
        "unit n", "block unit(n) { a: relu; repeat n { conv in.channels + 4, 1x1 }\n"
        "  concat { skip; from a -> z: conv in.channels, 1x1 }; bn }",
    ),
    "in an arm that a condition takes": net(
        "unit n, true; unit 1, false",
        "block unit(n, wide) {\n  let a = in.channels\n  if n > 1 { repeat n { conv a + "
        "in.channels, 1x1 } }\n  y: conv a, 1x1; if wide { z: conv 2 * a, 1x1 }; bn\n}",
    ),
    "in the turns of a loop": net(
        "unit n", "block unit(n) seq { for i in range(n) { let a = in.channels\n"
        "  if i == 0 { conv a + 4, 1x1 }; conv a, 1x1; conv a + 2, 1x1 }; conv 8, 1x1 }",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", D6)
def test_d6_a_let_keeps_its_value(name: str):
    same(D6[name])


D7 = {
    "same": net("unit 8, 3x3; unit 8, 3x3, pad=0; unit 8, 1x1",
                "block unit(c, window, pad = same) { conv c, window, pad=pad -> relu }"),
    "all left out": net("unit; unit 4, 1x1, 1; unit window=5x5",
                        "block unit(c = 8, window = 3x3, pad = same) { conv c, window, pad=pad }"),
    "never left out": net("unit 8, 3x3, 1x1; unit 8, 3x3, 1x0",
                          "block unit(c, window, pad = same) { conv c, window, pad=pad -> relu }"),
    "sizes that are no window": net("unit 1x1, 1x2; unit 1x0, 2x1; unit 2x2, 1x1",
                                    "block unit(p, d) { conv 8, 3x3, p, dilation=d }"),
    "a number": net("unit 8, 3x3; unit 8, 3x3, pad=same",
                    "block unit(c, window, pad = 0) { conv c, window, pad=pad -> relu }"),
    "behind and before others": net(
        "unit 8, s=2; unit 8, 1x1, 1, false; unit 8, pad=1",
        "block unit(c, window = 3x3, pad = same, bias = true, s = 1)"
        " { conv c, window, pad, bias=bias; maxpool kernel(s, s) }",
    ),
    "a stride": net("unit 8; unit 8, 3x3/2; unit 8, 1x1/2, 0",
                    "block unit(c, window = 3x3/1, pad = same) { conv c, window, pad }"),
    "a truth value": net("unit; unit false; unit flag=true",
                         "block unit(flag = true) { if flag { bn }; conv 8, 1x1, bias=flag }"),
}  # fmt: skip


@pytest.mark.parametrize("name", D7)
def test_d7_a_default_is_there_where_a_call_leaves_it_out(name: str):
    same(D7[name])


D8 = {
    "two depths": net(
        "one: stage 1; two: stage 2; stage n",
        "block stage(depth) { for i in range(depth) {\n"
        "  if depth == 1 { unit${i}: conv 16, 3x3, same } else { unit${i}: conv 48, 3x3, same }"
        "\n} }",
    ),
    "an arm that keeps": net(
        "one: stage 1; two: stage 2; stage n",
        "block stage(depth) seq {\n"
        "  for i in range(depth) { if depth > 1 { conv 48, 1x1 } }; conv 8, 1x1\n}",
    ),
    "no turn": net("unit 1; unit 2; unit n",
                   "block unit(n) { repeat n - 1 { conv 16, 1x1 } }"),
    "no turn in a net": net("repeat n - 1 { conv 16, 1x1, 0 }; bn"),
    "a first turn that differs": net(
        "stage 2; stage 3",
        "block stage(depth) { for i in range(depth) { u${i}: conv 4 if i == 0 else 8, 1x1 }\n"
        "  conv 8, 1x1 }",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", D8)
def test_d8_channels_behind_a_loop_are_its_own(name: str):
    same(D8[name])


LOOPS = {
    "by a let": net(
        "for i in range(n) { let k = i + n; a${k}: conv 8, 1x1 }; let m = n; b${m}: bn"
    ),
    "in a loop": net("repeat 9 { repeat 9 { bn }; bn }; repeat n { repeat 3 { gn 2 } }"),
    "a function without a number": net("for i in range(9) { if n > 1 { relu } else { tanh }"
                                       "; relu; conv 8, 1x1 }"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOPS)
def test_n1_numbers_in_loops(name: str):
    same(LOOPS[name])


def test_n1_a_number_of_two_open_loops_is_folded():
    same(net("repeat n { repeat n { conv 8, 1x1 } }"))


HEADS = {
    "in braces that are a class": "head: { add { skip; conv 8, 1x1 }; softmax }",
    "in a seq that is a class": "head: seq { add { skip; conv 8, 1x1 }; softmax }",
    "in levels in levels": "a: seq { b: { relu; add { skip; conv 8, 1x1 }; sigmoid } }",
    "in a seq": "a: seq { b: seq { conv 3, 1x1 }; softmax }",
    "in braces without a label": "{ conv 3, 1x1; softmax }",
    "of an output that is a class": "a: bn; output o: { from a; conv 4, 1x1 -> sigmoid }",
    "in one arm": "conv 3, 1x1; if n > 1 { softmax }",
    "in both arms": "conv 3, 1x1; if n > 1 { softmax } else { sigmoid }",
    "not in a block": "h",
    "not where it is tapped": "a: softmax; output o: conv 3, 1x1; from a",
}


@pytest.mark.parametrize("name", HEADS)
def test_l16_a_head_is_not_written(name: str):
    block = "block h() { conv 3, 1x1; softmax }"
    same(f"{block}\nnet it(n = 2) {{\n  input 8x12x12\n  {HEADS[name]}\n}}\n")


@pytest.mark.parametrize("end", ["softmax; if n > 1 { relu }", "repeat n { softmax }"])
def test_l16_a_head_that_hangs_on_a_number_is_folded(end: str):
    same(f"net it(n = 2) {{ input 8x12x12\n conv 3, 1x1; {end} }}")
