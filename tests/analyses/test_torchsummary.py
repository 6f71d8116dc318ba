"""The size lines of torchsummary, against the figures of a book and known outputs."""

import pytest

BOOK = """
net lenet5_book() {
  default conv -> relu
  input 3x224x224
  conv 16, 5x5 -> maxpool 2x2/2 -> conv 32, 5x5 -> maxpool 2x2/2
  flatten -> linear 512 -> linear 2 -> softmax
}
"""


def test_the_books_lenet(metrics):
    printed = [f"{mb:.2f}" for mb in metrics(BOOK).sizes]
    assert printed == ["0.57", "19.47", "175.62", "195.67"]


def test_a_residual_block_counts_its_output_once_more(metrics):
    text = """
    block unit() { add { conv 4, 3x3, pad=1; skip }
      relu }
    net r() { input 4x8x8
      body: seq { unit }
    }"""
    assert metrics(text).sizes.forward_backward_mb == pytest.approx(3 * 256 * 8 / 2**20)


def test_g3_5_a_shared_layer_is_called_twice_and_its_weights_count_once(metrics):
    text = "net s() { input 4x8x8\n head: conv 4, 1x1\n share head }"
    assert metrics(text).sizes.params_mb == 20 * 4 / 2**20
    assert metrics(text).sizes.forward_backward_mb == 2 * 2 * 256 * 4 / 2**20


def test_g3_5_the_towers_of_a_siamese_net_have_their_weights_once(metrics):
    text = """
    block tower() { unit: seq { conv 8, 3x3, pad=1; relu }; conv 2, 1x1 }
    net siamese {
      input left: 8x8x8
      input right: 8x8x8
      twin: tower
      output a: from left -> share twin
      output b: from right -> share twin }"""
    m = metrics(text)
    assert m.sizes.params_mb == m.value("params") * 4 / 2**20


def test_what_is_called_and_what_is_a_function(metrics):
    """Joins, `flatten` and auxiliary heads are no calls; a block is one where it is no row."""
    text = """
    block row() seq { conv 4, 1x1; relu }
    block forked() seq { add { conv 4, 1x1; skip } }
    block braces() { { conv 4, 1x1; relu } }
    block inner() { { add { conv 4, 1x1; skip } } }
    net n { input 4x8x8
      a: row
      forked
      braces
      inner
      output side: from a -> conv 2, 1x1
      aux early: from a -> flatten -> linear 2
      flatten -> linear 3 }"""
    maps = 2 + 1 + 2 + (1 + 1)  # `inner` has a forward pass of its own
    called = maps * 256 + 2 * 64 + 3
    params = 4 * 20 + 10 + 771
    sizes = metrics(text).sizes
    assert sizes.forward_backward_mb == 2 * 4 * called / 2**20
    assert sizes.params_mb == 4 * params / 2**20
    assert sizes.input_mb == 4 * 256 / 2**20
    assert sizes.total_mb == pytest.approx(4 * (256 + 2 * called + params) / 2**20)


def test_resnet18_as_torchsummary_prints_it(metrics):
    """62.79 MB forward/backward and 44.59 MB params: torchvision's, printed by torchsummary."""
    text = """
    default conv pad=same, bias=false -> bn
    block shortcut(c, s) seq { if s != 1 { conv c, 1x1/s } }
    block basic(c, s) {
      add { conv c, 3x3/s -> relu -> conv c, 3x3; downsample: shortcut c, s }
      relu
    }
    block stage(c, s) seq { basic c, s; basic c, 1 }
    net resnet18() { input 3x224x224
      conv 64, 7x7/2 -> relu -> maxpool 3x3/2, pad=1
      layer1: stage 64, 1
      layer2: stage 128, 2
      layer3: stage 256, 2
      layer4: stage 512, 2
      global_avgpool -> flatten
      fc: linear 1000
    }"""
    sizes = metrics(text).sizes
    assert f"{sizes.forward_backward_mb:.2f} {sizes.params_mb:.2f}" == "62.79 44.59"
