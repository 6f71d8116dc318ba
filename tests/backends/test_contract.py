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
