"""What a sum takes away again is not written, and nothing else of it is rewritten."""

import random

import pytest

from cnnspec.backends.torch import emit
from cnnspec.backends.torch.python.symbols import Var, binary, either, substitute
from tests.backends.harness import elaborate

C, N = Var("c"), Var("n")
LATER, REAL = Var("n", version=1), Var("r", real=True)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (C - N + N, "c"),
        (2 * N - N, "n"),
        (N - 2 * N, "-n"),
        (C + 3 - (C + 1), "2"),
        (0 * N, "0"),
        ((N // 2) * 2 - N // 2, "n // 2"),
        (either(C - N + N, Var("s"), C), "c"),
        (4 * C, "4 * c"),
        (C + C, "c + c"),
        (C - N + LATER, "c - n + n"),
        (REAL - REAL, "r - r"),
        (0 * REAL, "0 * r"),
    ],
)
def test_what_is_taken_away_again(value: object, written: str):
    assert str(value) == written


def test_random_sums_keep_their_value():
    draw = random.Random(5)
    for _ in range(400):
        value, number, at = 0, 0, {"c": draw.randint(1, 9), "n": draw.randint(1, 9)}
        for _ in range(draw.randint(1, 9)):
            sign, factor = draw.choice("+-*"), draw.randint(-2, 3)
            word = draw.choice(["c", "n", ""])
            value = binary(sign, value, factor if not word else factor * Var(word))
            term = factor * at.get(word, 1)
            number = {"+": number + term, "-": number - term, "*": number * term}[sign]
        assert substitute(value, at) == number


def test_parts_of_the_channels_are_written_as_a_person_writes_them():
    """The mixed convolution of MixNet, one kernel for each part."""
    code = emit(
        elaborate(
            """
            block mixed(kernels) {
              let part = in.channels // len(kernels)
              concat {
                for i, k in enumerate(kernels) {
                  {
                    slice i * part, (i + 1) * part
                    conv part, kernel(k, k), pad=k // 2, groups=part
                  }
                }
              }
            }
            net it { input 4x9x9; mixed [3, 5]; conv 8, 1x1; mixed [3, 7] }
            """,
            "it",
        )
    )
    assert "self.slice1 = Slice(0, part)" in code
    assert "self.slice2 = Slice(part, 2 * part)" in code
    assert "part - " not in code and "- part" not in code
