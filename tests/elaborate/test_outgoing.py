"""What an `output` does with the value that it leaves the flow with (L15, L18)."""

from cnnspec import ir
from cnnspec.backends.torch import emit
from tests.backends.harness import elaborate

TWO_TAPS = """
net twice {
  input 3x16x16
  a: conv 8, 3x3, pad=1
  b: conv 8, 3x3, pad=1
  output x: from a -> conv 4, 1x1 -> from b -> conv 5, 1x1
  c: conv 8, 3x3, pad=1
}
"""


def test_no_layer_between_two_taps_is_lost():
    found = elaborate(TWO_TAPS)
    (branch,) = (item for item in found.net.body.items if isinstance(item, ir.Branch))
    inner = branch.items[-1].module
    channels = [i.op.channels for i in inner.items if isinstance(i, ir.Layer)]
    assert channels == [4, 5]
    assert emit(found).count("nn.Conv2d(") == 5  # and the proof holds
