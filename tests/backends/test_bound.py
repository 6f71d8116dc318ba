"""L35: blocks with arguments bound, as classes; ResNeXt and Wide ResNet are torchvision's."""

import pytest
import torch

from tests.backends.harness import build, text_of
from tests.backends.test_constructs import equals_the_graph, spec

RESNETS = """
default conv pad=same, bias=false -> bn

block shortcut(c, stride) seq {
  if stride != 1 or in.channels != c { conv c, 1x1/stride }
}

block bottleneck(c, stride, groups = 1, width = 64) {
  let inner = c * width // 64 * groups
  add {
    conv inner, 1x1 -> relu -> conv inner, 3x3/stride, groups=groups -> relu -> conv 4*c, 1x1
    downsample: shortcut 4*c, stride
  }
  relu
}

block stage(depth, unit, c, stride) seq { unit c, stride; repeat depth - 1 { unit c, 1 } }

net resnet(unit, depths = [1, 2, 1, 1], classes = 10) {
  input 3x64x64
  conv 64, 7x7/2 -> relu -> maxpool 3x3/2, pad=1
  for i, depth in enumerate(depths) {
    layer${i+1}: stage depth, unit, 64 * 2^i, 1 if i == 0 else 2
  }
  global_avgpool -> flatten
  fc: linear classes
}

net resnext = resnet(bottleneck(groups=8, width=4))
net wide    = resnet(bottleneck(width=128))
"""


@pytest.mark.parametrize(("name", "words"), [
    ("resnext", {"groups": 8, "width_per_group": 4}), ("wide", {"width_per_group": 128}),
])  # fmt: skip
def test_l35_a_family_of_one_block_is_torchvision_s(torchvision_models, name, words):
    ours = build(text_of(RESNETS, name), name).eval()
    models = torchvision_models.resnet
    theirs = models.ResNet(models.Bottleneck, [1, 2, 1, 1], num_classes=10, **words).eval()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(ours(x), theirs(x))
    assert text_of(RESNETS, name).count("class ") == 4


UNIT = (
    'block unit(c, s = 1, kind = "A", g = 1) {\nconv c, 3x3/s, groups=g\n'
    'if kind == "A" { relu } else { tanh } }\n'
)
BOUND = {
    "numbers and words": (
        spec("two unit(kind=\"B\", g=2)\ntwo unit(g=4)\nlet u = unit(c=8)\nu 1\ntwo unit",
             UNIT + "block two(unit) { unit 8, 2; unit 8 }"),
        "g=4",
    ),
    "what an open number binds": (
        spec("wrap 2\nwrap 4", UNIT + "block call(unit) { unit 8 }\n"
             "block wrap(n) { call unit(g=n) }"),
        "Written for n = 2",
    ),
    "in the middle": (
        spec("call unit(s=2)", UNIT + "block call(unit) { unit 8, \"B\", 2 }"), "s=2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOUND)
def test_l35_bound_arguments(name):
    source, written = BOUND[name]
    assert written in equals_the_graph(source)


def test_l35_classes_are_named_by_what_is_bound():
    units = 'call unit(s=2, kind="B")\ncall unit(g=2)'
    text = text_of(spec(units, UNIT + "block call(u) { u 8 }"))
    assert "class UnitBS2Call(" in text and "class UnitG2Call(" in text
