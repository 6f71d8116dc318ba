"""A class takes what it reads: a parameter of the other way of an `if` is no argument of it."""

import ast

import pytest

from cnnspec.backends.torch import emit
from tests.fuzz.nets import compare, elaborate

NETS = {
    "the other way": """
block unit(c, d = 1, wide = false) {
  if wide { conv c, 5x5, same; conv c, 3x3, same } else { conv c, 3x3, same, dilation=d }
  bn -> relu
}
net it { input 3x16x16; unit 8; unit 8, 2; unit 8, wide=true; unit 4, 3, true }
""",
    "one level down": """
block unit(c, d, wide = false) { if wide { conv c, 5x5, same } else { conv c, 3x3, dilation=d } }
block stage(c, d, wide) { unit c, d, wide; unit c, d=d, wide=wide }
net it { input 3x32x32; one: stage 4, 2, false; two: stage 8, 3, true; conv 10, 1x1 }
""",
    "windows and lists": """
block unit(window, cs, wide = false) {
  if wide { conv 8, 1x1 } else { conv cs[0], window, same; conv cs[1], 1x1 }
}
net it { input 3x16x16; unit 3x3/2, [4, 8]; unit 5x5, [6, 8]; unit 3x3/2, [2, 2], wide=true }
""",
    "channels of a map that gives its size": """
net it {
  input 3x17x17
  stem: conv 8, 3x3/2, same
  up: { conv 4, 3x3, same; resize to=image; conv 2, 1x1 }
  for i in range(2) { out${i}: { conv 4, 3x3, same; add { skip; conv 4, 1x1 } } }
}
""",
}


@pytest.mark.parametrize("name", NETS)
def test_every_parameter_of_a_class_is_read(name: str):
    net = elaborate(NETS[name])
    code = emit(net)
    for made in ast.walk(ast.parse(code)):
        if isinstance(made, ast.FunctionDef):
            read = {node.id for node in ast.walk(made) if isinstance(node, ast.Name)}
            assert {arg.arg for arg in made.args.args} - {"self"} <= read, made.name
    compare(net, net.net.inputs[0].shape)


def test_the_class_of_the_other_way_takes_its_channels_alone():
    code = emit(elaborate(NETS["the other way"]))
    assert "class UnitWide(nn.Sequential):" in code and "UnitWide(8, 8)" in code
    assert "def __init__(self, in_channels: int, c: int, d: int = 1)" in code
    assert "def __init__(self, in_channels: int, c: int) -> None" in code
