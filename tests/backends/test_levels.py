"""Levels in levels: labels in a `seq`, braces in containers, taps and shared layers across them.

Each net equals the graph to the bit, keeps its free numbers, and is traced and scripted.
"""

import pytest

from cnnspec.backends.torch import emit
from tests.backends.harness import text_of
from tests.backends.test_constructs import equals_the_graph, equals_when_compiled, spec
from tests.backends.test_open_numbers import compare
from tests.fuzz import nets

CONTAINERS = {
    "labels in a seq": spec(
        "a: seq { b: conv 4, 3x3; relu; c: conv 3, 1x1 }\nunit 4",
        "block unit(c) seq { b: conv c, 3x3; relu; conv c, 1x1 }",
    ),
    "braces in a seq": spec("a: seq { b: { conv 4, 3x3; relu }; { conv 3, 1x1 } }"),
    "braces in braces": spec(
        "a: { b: { repeat n { conv 4, 3x3; relu }; c: conv 4, 1x1 }; conv 3, 1x1 }", params="n = 2"
    ),
    "a loop in a seq in a seq": spec(
        "a: seq { seq { repeat n { conv 4, 3x3; relu } }; conv 3, 1x1 }", params="n = 2"
    ),
    "braces at a dotted label": spec(
        "inner.0: { conv 8, 3x3; relu }\ninner.1: seq { repeat n { conv 8, 1x1 } }", params="n = 2"
    ),
    "braces in an open loop": spec(
        "for i in range(n) { b${i}: { conv i + 4, 3x3; relu; conv 8, 1x1 } }", params="n = 2"
    ),
    "a loop in a seq in an open loop": spec(
        "for i in range(n) { b${i}: seq { repeat n { conv 8, 3x3; relu } } }", params="n = 2"
    ),
    "braces that read three numbers": spec(
        "unit 4, 5, 6\nunit 4, 6, 7",
        "block unit(a, b, c) {\n"
        "  stem: { conv a, 1x1; add { skip; conv a, 3x3 }; conv b, 1x1; conv c, 1x1 }\n  relu\n}",
    ),
    "braces that read a list": spec(
        "unit [4, 5]",
        "block unit(ws) {\n"
        "  stem: { conv ws[0], 1x1; add { skip; conv ws[0], 3x3 }; conv ws[1], 1x1 }\n}",
    ),
    "braces that read a real number": spec(
        "unit 4, 0.5",
        "block unit(c, p) { stem: { conv c, 1x1; add { skip; conv c, 3x3 -> dropout p } } }",
    ),
    "loops under a condition": spec(
        "unit 2, 1\nunit 2, 2",
        "block unit(n, s) {\n  if s == 1 { for i in range(n) { a${i}: conv 8, 3x3 }\n"
        "    add { skip; m: conv 8, 1x1 } }\n"
        "  else { for i in range(n) { b${i}: conv 8, 3x3 }; mul { skip; m: conv 8, 1x1 } }\n"
        "  for i in range(n) { c${i}: conv 8, 3x3 }\n}",
    ),
}

TAPS = {
    "a path that a written-out loop makes": spec(
        "for i in range(3) { layer${i}: conv 4, 3x3 }\n"
        "for i in range(2) { concat { skip; from layer${i} } }"
    ),
    "a fork": spec("a: add { skip; conv 8, 1x1 }\nconv 4, 3x3\nconcat { skip; from a }"),
    "into a block in a seq": spec(
        "a: seq { unit 4; relu }\nconcat { skip; from a[0].conv1 }",
        "block unit(c) { conv c, 3x3 -> relu -> conv c, 1x1 }",
    ),
    "into a seq in a seq": spec(
        "a: seq { seq { conv 4, 3x3; relu }; relu }\nconcat { skip; from a[0][1] }"
    ),
    "into a seq behind a value": spec(
        "a: seq { let h = 2 * classes; conv h, 3x3; relu }\nb: unit 4\nc: part 4\n"
        "concat { from a[0] -> relu; from b[0]; from c[0]; skip }",
        "block unit(c, twice = 2 * c) seq { conv twice, 3x3; relu; conv c, 1x1 }\n"
        "block part(c) seq { let h = c * 2; conv h, 3x3; relu; conv c, 1x1 }",
    ),
    "out of braces": spec("stem: conv 4, 3x3\na: { conv 4, 3x3; from stem -> conv 3, 1x1 }"),
    "out of braces twice": spec(
        "stem: conv 4, 3x3\na: {\n  conv 4, 3x3; concat { skip; from stem }\n"
        "  conv 4, 3x3; concat { skip; from stem }\n}"
    ),
    "out of braces in a seq": spec(
        "stem: conv 4, 3x3\na: seq {\n  conv 4, 3x3; { conv 4, 1x1 }\n"
        "  b: { conv 4, 3x3; concat { skip; from stem } }; relu\n}"
    ),
    "out of braces to braces": spec(
        "z: conv 4, 3x3\na: seq {\n  conv 4, 3x3\n"
        "  b: { z: conv 3, 3x3; c: { conv 4, 1x1; concat { skip; from z } } }; relu\n}"
    ),
    "out of braces through braces": spec(
        "z: conv 4, 1x1\n"
        "a: { conv 4, 3x3; b: seq { conv 4, 1x1; c: { add { skip; from z }; relu } } }"
    ),
    "out of braces by a loop in them": spec(
        "for i in range(2) { layer${i}: conv 4, 3x3 }\nscale: seq { conv 4, 3x3; relu }\n"
        "a: {\n  conv 4, 3x3; for i in range(2) { concat { skip; from layer${i} } }\n"
        "  concat { skip; from scale[0] }\n}"
    ),
    "out of braces by the loop around them": spec(
        "for i in range(3) { layer${i}: conv 4, 3x3 }\nscale: seq { conv 4, 3x3; conv 4, 1x1 }\n"
        "for i in range(1, 3) {\n  a${i}: {\n    conv 4, 3x3\n"
        "    concat { skip; from layer${i}; from layer${i - 1} -> relu6; from scale[i - 1] }\n"
        "  }\n}"
    ),
    "out of braces by a function of the loop around them": spec(
        "for i in range(3) { layer${i}: conv 4, 3x3 }\n"
        "for i in range(1, 3) { a${i}: { conv 4, 3x3; add { skip; from layer${min(i, 1)} } } }"
    ),
}

SHARED = {
    "a slice": spec("a: slice 0, 8\nshare a\nconv 3, 1x1"),
    "a seq that a tap looks into": spec(
        "a: seq { conv 8, 3x3; relu }\nshare a\nconcat { skip; from a[0] }"
    ),
}

NETS = CONTAINERS | TAPS | SHARED
NOT_SCRIPTED = {
    "braces in an open loop", "a loop in a seq in an open loop", "loops under a condition",
    "into a block in a seq",
}  # fmt: skip
"""A computed name in `getattr`; a Sequential whose own `forward` nothing calls."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", NETS)
def test_level(name, tmp_path):
    equals_the_graph(NETS[name])
    compare(NETS[name], "tested")
    file = tmp_path / f"level{list(NETS).index(name)}.py"
    equals_when_compiled(NETS[name], file, scripted=name not in NOT_SCRIPTED)


def test_a_seq_with_labels_looks_its_children_up_by_name():
    text = text_of(CONTAINERS["labels in a seq"])
    assert 'self["b"] = nn.Conv2d(in_channels, c, 3, padding=1)' in text
    assert 'x = F.relu(self["b"](x), inplace=True)\n        x = self["2"](x)\n' in text


def test_many_arguments_of_braces_are_written_by_name():
    text = text_of(CONTAINERS["braces that read three numbers"])
    assert "self.stem = Stem(in_channels, a=a, b=b, c=c)" in text


def test_a_real_number_stays_real_in_braces():
    text = text_of(CONTAINERS["braces that read a real number"])
    assert text.count("c: int, p: float) -> None:") == 2


def test_a_level_without_a_layer_is_an_empty_sequential():
    text = equals_the_graph(spec("a: { if in.channels > 8 { conv 8, 1x1 } }\nconv 8, 1x1"))
    assert "self.a = nn.Sequential()\n" in text


SHARED_IN_OUTPUTS = """
default conv pad=same
block tower(c) { repeat 2 { conv c, 3x3 -> relu } }
net it(classes = 3) {
  input 3x32x32
  c3: conv 8, 3x3/2
  c4: conv 8, 3x3/2
  head: tower 8
  output p3: from c3 -> conv 8, 1x1 -> share head -> conv 4, 1x1 -> sigmoid
  output p4: from c4 -> a: conv 8, 1x1 -> share head -> share a -> add { skip; from a } -> softmax
  output p5: from c4 -> relu -> share head
  aux h1: from c4 -> relu -> share head -> global_avgpool -> flatten -> linear classes
  conv classes, 1x1
}
"""


def test_l17_an_output_s_chain_uses_layers_of_the_net_again():
    """The net calls the layers one by one; what is the output's own stands in its container."""
    net = nets.elaborate(SHARED_IN_OUTPUTS)
    nets.compare(net, (3, 32, 32))
    text = emit(net)
    assert "classes: int = 3" in text
    assert 'p3: Tensor = self.p3["conv2"](y)' in text
    assert text.count("= self.head(y)") == 4
