"""What numbers, windows and booleans choose in a block, and the order in which heads register.

Each net beside PyTorch: state, values, and the keys in order.
"""

import pytest

from cnnspec import ir
from cnnspec.backends.torch import emit
from cnnspec.statedict import entries
from tests.fuzz import contract, nets

CHOSEN = {
    "a window by the turn": """
      block stage(w, w2, n) {
        for i in range(n) { conv 4, w if i == 0 else w2, same -> relu }
      }
      net it(n = 2) { input 3x12x12; stage 3x3, 1x1, n; stage 5x5, 3x3, 3 }
    """,
    "a window with a stride by the turn": """
      block stage(w, w2, n) { for i in range(n) { conv 4, w if i == 0 else w2, 1 } }
      net it { input 3x12x12; stage 3x3/2, 3x3, 2; stage 3x3, 3x3/2, 3 }
    """,
    "booleans of a table's rows": """
      block unit(c, wide, gated) {
        if wide { conv 2 * c, 1x1 }
        conv c, 3x3, same
        if gated { mul { skip; { global_avgpool; conv c, 1x1 -> sigmoid } } }
      }
      net it {
        input 3x8x8
        for c, wide, gated in [[4, true, false], [4, false, false], [6, true, true]] {
          unit c, wide, gated
        }
      }
    """,
    "stateless layers without a label behind a condition": """
      block unit(c, early) {
        if early { relu }
        relu; maxpool 3x3/1, 1; conv c, 1x1
        if not early { relu }
        relu -> dropout 0.1
      }
      net it(c = 4) { input 3x8x8; unit c, true; unit 5, false }
    """,
    "nothing in one way of braces": """
      block unit(c, norm) {
        add { { conv c, 3x3, same; if norm { bn } else { skip } }; { conv c, 1x1; relu } }
      }
      net it(c = 4) { input 3x8x8; unit c, true; unit 5, false }
    """,
    "nothing in one way of a body, and in a seq a child": """
      block unit(c, norm) {
        conv c, 3x3, same
        if norm { bn } else { skip }
        if norm { skip } else { relu }
        s: seq { conv c, 1x1; if norm { bn } else { skip }; relu }
      }
      net it(c = 4) { input 3x8x8; unit c, true; unit 5, false }
    """,
    "nothing in one way of a fork": """
      block unit(c, stride) {
        add { conv c, 3x3/stride, 1; if stride != 1 { conv c, 1x1/stride } else { skip } }
      }
      net it(c = 4) { input 4x8x8; unit c, 1; unit 6, 2 }
    """,
}


@pytest.mark.parametrize("text", CHOSEN.values(), ids=CHOSEN)
def test_i4_b4_what_arguments_choose_compiles(text):
    net = nets.elaborate(text)
    nets.compare(net, tuple(map(int, net.net.inputs[0].shape)))
    contract.check(text)


HEADS = """
net it(classes = 4) {
  input 3x16x16
  one: conv 4, 3x3
  two: conv 5, 3x3
  aux early: from one -> conv 6, 1x1 -> global_avgpool -> flatten -> linear classes
  three: conv 6, 3x3
  aux late: from two -> global_avgpool -> flatten -> fc: linear classes
  last: conv classes, 1x1
}
"""


def test_i4_b8_heads_stand_in_the_state_dict_where_the_net_has_them():
    net = nets.elaborate(HEADS)
    nets.compare(net, (3, 16, 16))
    found = list(nets.module_of(emit(net)).state_dict())
    assert found == [entry.name for entry in entries(ir.graph(net.net))]
    heads = list(dict.fromkeys(key.partition(".")[0] for key in found))
    assert heads == ["one", "two", "early", "three", "late", "last"]
