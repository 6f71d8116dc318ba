"""L27: connections(path) of dense blocks (DenseNet, section 3)."""

import pytest

DENSE = """
block layer(k) {{ concat {{ skip; bn -> relu -> conv k, 3x3, pad=1 }} }}
net dense() {{ input 8x8x8
  conv 8, 3x3, pad=1
  block1: seq {{ repeat {n} {{ layer 4 }} }}
  conv 8, 1x1
  block2: seq {{ repeat 2 {{ layer 4 }} }}
}}
"""


@pytest.mark.parametrize("n", [1, 2, 6, 12])
def test_a_dense_block_has_half_l_times_l_plus_one(metrics, n):
    assert metrics(DENSE.format(n=n)).value("connections", "block1") == n * (n + 1) // 2


def test_blocks_add_up_since_a_transition_makes_one_piece(metrics):
    assert metrics(DENSE.format(n=3)).value("connections") == 6 + 3


def test_an_inception_module_skips_nothing(metrics):
    text = "net i() { input 8x8x8\n concat { conv 4, 1x1; conv 4, 3x3, pad=1 } }"
    assert metrics(text).value("connections") == 0


def test_a_residual_block_concatenates_nothing(metrics):
    text = "net r() { input 8x8x8\n add { skip; conv 8, 3x3, pad=1 } }"
    assert metrics(text).value("connections") == 0
