"""What other people's nets brought to light: growth.md G3, its rows 3, 4, 6, 13, 17, 19 and 20."""

import pytest

from tests.language.harness import body, check, fault, paths, place, said

# --- 6: names that end in a digit -------------------------------------------------------------


def test_g3_6_the_first_relu6_is_not_the_sixty_first_relu():
    found = paths(body("repeat 61 { relu }\nrelu6\nrelu6"))
    assert found[59:] == ["relu60", "relu61", "relu6_1", "relu6_2"]


def test_g3_6_blocks_are_numbered_alike():
    declared = "block unit(c) { conv c, 1x1 }\nblock unit1(c) { conv c, 1x1 }\n"
    found = paths(declared + body("repeat 11 { unit 8 }\nunit1 8\nunit1 8"))
    assert found[10:] == ["unit11.conv1", "unit1_1.conv1", "unit1_2.conv1"]


@pytest.mark.parametrize(
    ("default", "label", "names"),
    [
        ("default conv -> relu6", "conv1: conv 8, 1x1", ["conv1", "relu6_1"]),
        ("default conv -> relu6", "conv1_2: conv 8, 1x1", ["conv1_2", "relu6_1_2"]),
        ("default conv -> relu6", "conv: conv 8, 1x1", ["conv", "relu6"]),
        ("default conv -> relu6", "conv_a: conv 8, 1x1", ["conv_a", "relu6_a"]),
        ("default conv -> relu6", "proj: conv 8, 1x1", ["proj", "proj_relu6"]),
        ("default conv -> relu6", "convert: conv 8, 1x1", ["convert", "convert_relu6"]),
        ("default conv -> relu6", "a.conv1: conv 8, 1x1", ["a.conv1", "a.relu6_1"]),
        ("default relu6 -> bn", "relu6_1: relu6", ["relu6_1", "bn1"]),
        ("default relu6 -> bn", "relu61: relu6", ["relu61", "bn1"]),
        ("default relu6 -> bn", "relu6_a: relu6", ["relu6_a", "bn_a"]),
        ("default relu6 -> bn", "relu6: relu6", ["relu6", "bn"]),
        ("let i = 3\ndefault conv -> relu6", "conv${i}: conv 8, 1x1", ["conv3", "relu6_3"]),
    ],
)
def test_g3_6_followers_exchange_names_that_end_in_a_digit(default, label, names):
    assert paths(body(f"{default}\n{label}")) == names
