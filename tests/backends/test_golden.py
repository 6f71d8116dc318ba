"""The text of a few nets that between them show every derivation rule of docs/codegen.md."""

import re
from pathlib import Path

import pytest

from tests.backends.harness import CASES, text_of

GOLDEN = Path(__file__).parent / "golden"
NETS = [
    ("vgg_d", "vgg_d"),  # a list with loops, a running variable, initial weights with biases
    ("googlenet", "googlenet"),  # concat, inline seq, taps, auxiliary heads, positional calls
    ("densenet121", "densenet121"),  # a dict with loops, `if` in a loop, a default as a local
    ("inception_v3", "inception_v3"),  # windows and paddings as parameters, nested forks
    ("preact", "resnet20_preact"),  # arms of different flow
    ("tour", "tour"),  # labelled braces, outputs, a tap into a container, init by class
]


@pytest.mark.parametrize(("file", "name"), NETS, ids=[name for _, name in NETS])
def test_text(file, name, update_golden):
    text = re.sub(
        r"sha256 [0-9a-f]{12}", "sha256 000000000000", text_of(CASES / f"{file}.cnn", name)
    )
    path = GOLDEN / f"{name}.py"
    if update_golden:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
