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
    assert not found.refused, found.refused
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
    text = net("if n > 2 { a: conv 8, 1x1; a: bn }")
    assert "two layers would have the path `a`" in contract.check(text).refused
    text = net("u 1", "block u(n) { if n > 2 { conv1: bn; conv 8, 1x1 } }")
    assert "two layers would have the path `conv1`" in contract.check(text).refused
