"""L18, G3 6: the emitter gives unlabelled layers and followers the names that the spec has."""

import pytest

from tests.backends.harness import build, elaborate, expected_state, text_of

BLOCKS = "block unit2(c) { conv c, 1x1, bias=false }\nblock unit(c) { conv c, 1x1, bias=false }\n"


@pytest.mark.parametrize(
    "statements",
    [
        "repeat 21 { unit 3 }\nunit2 3\nunit2 3",
        "features: seq { unit2 3; unit2 3 }\nunit2 3",
        "repeat n { unit2 3 }\nunit 3",
        "repeat n { unit2 3; relu; unit2 3 }",
        "default conv bias=false -> bn\nconvert: conv 3, 1x1\nconv_a: conv 3, 1x1",
        "default conv bias=false -> bn\nfor i in range(n) { convert${i}: conv 3, 1x1 }",
        "default conv bias=false -> bn\nfor i in range(n) { conv${i}: conv 3, 1x1 }",
        "default relu6 -> bn\nfor i in range(n) { relu6_${i}: relu6; conv 3, 1x1, bias=false }",
        "default relu6 -> bn\nfor i in range(n) { a${i}: { relu6_7: relu6 } }",
        "default conv bias=false -> relu6 -> bn\nfor i in range(n) { conv${i}: conv 3, 1x1 }",
    ],
)
def test_g3_6_keys_of_names_that_end_in_a_digit(statements):
    spec = f"{BLOCKS}net it(n = 12) {{ input 3x8x8\n{statements}\n}}\n"
    module = build(text_of(spec), "It")
    found = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    assert found == expected_state(elaborate(spec))
