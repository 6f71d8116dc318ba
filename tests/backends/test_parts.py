"""L36: parts of lists in generated classes."""

import pytest
import torch
from torch import nn

from tests.backends.harness import build, text_of
from tests.backends.test_constructs import equals_the_graph, spec

ELEVEN = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]"
PARTS = {
    "a loop over what is left": (
        "a [3, 4, 5, 6, 7, 8]\na [6, 7, 8, 9, 1, 2]",
        "block a(widths) { conv widths[0], 1x1\n"
        "for i, w in enumerate(widths[1:]) { u${i}: conv w, 3x3 }\n"
        "end: conv 8, 1x1 }",
        "enumerate(widths[1:])",
    ),
    "a part as an argument, and a part of it": (
        "a [3, 4, 5]\na [6, 7, 8]",
        "block b(list) { conv sum(list[-1:]), 1x1; conv list[:1][0], 1x1 }\n"
        "block a(widths) { conv 4, 1x1; b widths[1:]; b widths[:2][1:] }",
        "B2(widths[1], widths[1:2])",
    ),
    "ends of what is long": (f"for i, w in enumerate({ELEVEN}[2:-1]) {{ u${{i}}: conv w, 1x1 }}",
                             "", "self.u7 ="),
    "an end that is open": (
        "a 1\na 2",
        f"block a(n) {{ for w in {ELEVEN}[n:5] {{ conv w, 1x1 }} }}",
        "Written for n = 2",
    ),
    "a part of an open range": (
        "a 2\na 3", "block a(n) { for i in range(n)[1:] { conv i + 1, 1x1 } }", "Written for n = 3",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_l36_parts_of_lists(name):
    body, blocks, written = PARTS[name]
    assert written in equals_the_graph(spec(body, blocks))


MOBILENET = """
default conv bias=false, pad=same -> bn -> relu

## MobileNet (Howard et al. 2017, Table 1): each width after the first is a separable convolution.
net mobilenet(widths = [8, 16, 32, 32, 64, 64, 128], strides = [1, 2, 1, 2, 1, 2], classes = 10) {
  input 3x64x64

  stem: conv widths[0], 3x3/2
  for i, c, s in zip(range(6), widths[1:], strides) {
    "sep-${i+1}": { dw: conv in.channels, 3x3/s, groups=in.channels; pw: conv c, 1x1 }
  }
  global_avgpool -> flatten
  fc: linear classes
}
"""


class Separable(nn.Sequential):
    def __init__(self, c: int, out: int, s: int) -> None:
        super().__init__()
        self.dw = nn.Conv2d(c, c, 3, s, 1, groups=c, bias=False)
        self.dw_bn, self.dw_relu = nn.BatchNorm2d(c), nn.ReLU()
        self.pw = nn.Conv2d(c, out, 1, bias=False)
        self.pw_bn, self.pw_relu = nn.BatchNorm2d(out), nn.ReLU()


def test_l36_mobilenet_is_the_papers():
    widths, strides = [8, 16, 32, 32, 64, 64, 128], [1, 2, 1, 2, 1, 2]
    theirs = nn.Sequential()
    theirs.add_module("stem", nn.Conv2d(3, 8, 3, 2, 1, bias=False))
    theirs.add_module("stem_bn", nn.BatchNorm2d(8))
    theirs.add_module("relu", nn.ReLU())
    for i, (c, out, s) in enumerate(zip(widths[:-1], widths[1:], strides, strict=True)):
        theirs.add_module(f"sep-{i + 1}", Separable(c, out, s))
    theirs.add_module("pool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    theirs.add_module("fc", nn.Linear(128, 10))
    ours = build(text_of(MOBILENET), "mobilenet").eval()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(ours(x), theirs.eval()(x))
