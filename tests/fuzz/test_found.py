"""What random nets and broken specs have found: the smallest text of each, against PyTorch."""

import pytest

from tests.fuzz.nets import check
from tests.fuzz.strategies import Spec

NETS = {
    "share of a layer without parameters": "a: relu; share a; conv 2, 1x1",
    "share of a pool": "a: maxpool 3x3/1, pad=1; share a; conv 2, 1x1",
    "a norm behind permute": "permute [1, 0, 2]; bn; conv 4, 3x3, groups=2, pad=1; ln",
    "a window with a default": "unit 4; unit 3, w=5x5",
    "a window with a default and a stride": "down 4; down 3, w=1x1",
    "a whole number as a real": "for n in [2, 3] { scale value=n }",
    "a tap that leads out of a seq": "a: relu; conv 2, 1x1; from a; conv 2, 1x1",
    "channels behind a loop over an argument": "widths [3, 5] => 5x6x8; conv 2, 1x1",
    "an oblong window with same": "unit 4, w=3x5; unit 3, w=3x3",
    "a tap of an arm in a later arm": "add { a: tanh; add { skip; from a } }; conv 2, 1x1",
    "an if as an arm": "add { conv 2, 1x1; if in.channels != 2 { conv 2, 1x1 } else { skip } }",
    "a share of a block that shares": "two: again; conv 2, 1x1; share two; conv 2, 1x1",
    "a tap inside a seq of a block in a seq": "seq { row 1 -> conv 2, 1x1 }",
    "a size inside a seq of a block in a seq": "seq { sized 1 -> conv 2, 1x1 }",
    "a size that is read here and in a seq": "x: tanh -> resize to=x; seq { crop to=x; bn }",
    "places read here and in a seq": "p: maxpool 2x2/2 -> unpool p; from p -> seq { unpool p; bn }",
    "a share of a share's block": "out: outer; maxpool 2x2/2; share out; conv 2, 1x1",
}
BLOCKS = """block unit(c, w = 3x3) { conv c, w, pad=same -> relu }
block down(c, w = 3x3/2) { conv c, w, pad=same -> relu }
block again() { c: conv 2, 3x3, pad=same -> relu; share c }
block row(n) { seq { x: leaky_relu -> from x -> relu }; conv 2, 1x1 }
block sized(n) { seq { x: leaky_relu -> crop to=x }; conv 2, 1x1 }
block outer() { one: again -> relu; share one }
block widths(list) { for i, n in enumerate(list) { conv${i+1}: conv n, 1x1 } }
"""


def spec(text: str) -> Spec:
    return Spec(f"{BLOCKS}net it {{ input 2x6x8; {text} }}\n", "", (2, 6, 8), False, "", (), "")


@pytest.mark.parametrize("name", NETS)
def test_found(name: str):
    check(spec(NETS[name]))
