"""G3 13: a block's name meets only class names, and its class is none of anything else."""

import keyword

import pytest

from cnnspec.syntax.words import GENERATED, MODULE_ATTRIBUTES, RESERVED
from tests.backends.harness import build, elaborate, expected_state, text_of

NAMES = sorted(
    {*MODULE_ATTRIBUTES, *GENERATED, *keyword.kwlist, *keyword.softkwlist, "it", "It", "module"}
    - RESERVED
    - {name for name in MODULE_ATTRIBUTES if name.startswith("_")}
)


@pytest.mark.parametrize("some", [NAMES[start::4] for start in range(4)])
def test_g3_13_a_block_may_have_any_name_of_a_module_or_of_python(some):
    for name in (n for n in some if n not in ("_", "it")):
        spec = (
            f"block {name}(c) {{ conv c, 1x1, bias=false }}\n"
            f"block outer(unit) {{ unit 3; inner: unit 4 }}\n"
            f"net net_of_{name.lower()} {{ input 3x8x8; {name} 3; {name} 5; outer {name} }}\n"
        )
        elaborated = elaborate(spec)
        made = build(text_of(spec), net_class(text_of(spec)))
        state = {key: tuple(value.shape) for key, value in made.state_dict().items()}
        assert state == expected_state(elaborated), name


def net_class(text: str) -> str:
    """The last class of a generated file is the net's."""
    return text.rpartition("\nclass ")[2].partition("(")[0]
