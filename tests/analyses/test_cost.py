"""L27, S11: params, weights and macs, of a net and of what a path names."""

import pytest

from cnnspec.analyses.cost import Cost, layer_cost

LENET = """
net lenet(classes = 2) {
  default conv -> relu
  input 1x32x32
  conv 6, 5x5 -> maxpool 2x2/2 -> conv 16, 5x5 -> maxpool 2x2/2 -> flatten
  classifier: seq { linear 120; linear 84; linear classes }
}
"""

TWO_HEADS = """
net heads() {
  input 3x8x8
  stem: conv 4, 3x3, bias=false
  bn
  global_avgpool -> flatten
  fc: linear 10
  aux aux1: from stem -> flatten -> linear 5
}
"""


def test_lenet_by_hand(metrics):
    m = metrics(LENET)
    assert m.value("params") == 61_026
    assert m.value("macs") == 117_600 + 240_000 + 48_000 + 10_080 + 168
    assert m.value("flops") == 2 * m.value("macs")
    assert m.value("weights") == 61_026 - (6 + 16 + 120 + 84 + 2)


@pytest.mark.parametrize(
    ("path", "params"),
    [("conv1", 156), ("classifier", 58_454), ("classifier.0", 48_120), ("classifier.2", 170)],
)
def test_params_of_a_path(metrics, path, params):
    assert metrics(LENET).value("params", path) == params


def test_norm_counts_in_params_but_not_in_weights_or_macs(metrics):
    m = metrics(TWO_HEADS)
    assert m.value("params") == 108 + 8 + 50
    assert m.value("weights") == 108 + 40
    assert m.value("macs") == 108 * 36 + 40


def test_aux_heads_are_out_of_params_and_in_params_all(metrics):
    m = metrics(TWO_HEADS)
    aux = 4 * 6 * 6 * 5 + 5
    assert m.value("params", "all") == m.value("params_all") == 166 + aux
    assert m.value("trainable") == 166 + aux
    assert m.value("params", "aux1") == aux


def test_shared_weights_count_once_and_macs_again(metrics):
    once = "net a() { input 4x8x8\n head: conv 4, 3x3, pad=1\n relu\n }"
    twice = "net a() { input 4x8x8\n head: conv 4, 3x3, pad=1\n relu\n share head\n }"
    assert metrics(twice).value("params") == metrics(once).value("params") == 148
    assert metrics(twice).value("macs") == 2 * metrics(once).value("macs")
    assert metrics(twice).value("layers") == 2


def test_a_block_is_measured_once_however_often_it_is_called(metrics):
    text = """
    block unit(c) { add { conv c, 3x3, pad=1; skip } }
    net deep() { input 8x4x4
      body: seq { repeat 500 { unit 8 } }
    }
    """
    m = metrics(text)
    assert m.value("params") == 500 * 584
    assert m.value("layers") == 500
    assert len(m._costs._seen) <= 3


def test_aux_heads_in_the_arms_of_a_fork(metrics):
    m = metrics(
        "net f() { input 4x8x8\n"
        " add { { conv 4, 1x1; aux a: conv 2, 1x1 }; { conv 4, 1x1; aux b: conv 3, 1x1 } } }"
    )
    assert m.value("params") == 2 * (4 * 4 + 4)
    assert m.value("params_all") == 40 + (4 * 2 + 2) + (4 * 3 + 3)
    assert (m.value("weights"), m.value("macs")) == (32, 32 * 64)


def test_an_input_is_no_layer(metrics):
    text = "net t() {{ input x: 4x8x8; input y: 4x8x8\n add {{ from x -> {}; from y -> {} }} }}"
    conv = "conv 4, 1x1"
    assert metrics(text.format(conv, conv)).value("layers") == 1
    assert metrics(text.format(f"{conv} -> {conv}", conv)).value("layers") == 2
    none = metrics(text.format("relu", "relu"))
    assert none.value("layers") == 0
    assert layer_cost(none.graph.nodes[0].layer) == Cost()
