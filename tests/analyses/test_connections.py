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


LAYER = """
block layer(k) {{ concat {{ skip; conv k, 3x3, pad=1 }} }}
block unit() {{ concat {{ skip; conv 4, 1x1 }} -> concat {{ skip; conv 4, 1x1 }} }}
block nested() {{ b: layer 2; conv 4, 1x1; s: seq {{ from b -> layer 2 }} }}
block inner() {{ u: layer 2; conv 1, 1x1; from u -> layer 2 }}
net n() {{ input 4x8x8\n {0} }}
"""


@pytest.mark.parametrize(
    ("body", "connections"),
    [
        ("layer 2; layer 2", 1 + 2),
        # every arm with work in it is a layer, and adds one piece
        ("concat { skip; conv 2, 1x1; relu }; concat { skip; conv 1, 1x1; relu; tanh }", 2 + 3 * 3),
        # empty braces are a skip too
        ("concat { {}; conv 2, 1x1 }; concat { {{}}; conv 2, 1x1 }", 1 + 2),
        ("concat { { relu }; conv 2, 1x1 }; concat { { {}; relu }; conv 2, 1x1 }", 0),
        # a sum makes one piece of many
        ("layer 2; add { skip; conv 6, 1x1 }; layer 2", 1 + 1),
        # an output hangs on what arrives, and the flow goes on without it
        ("layer 2; output o: layer 2; layer 2", 1 + 2 + 2),
        # `from` arrives with the pieces of what it names
        ("a: conv 4, 1x1; layer 2; layer 2; from a -> layer 2", 1 + 2 + 1),
        ("layer 2; b: layer 2; conv 4, 1x1; from b -> layer 2", 1 + 2 + 3),
        ("b: concat { skip; conv 4, 1x1 }; conv 4, 1x1; from b -> layer 2", 1 + 2),
        ("b: layer 2; conv 4, 1x1; from b.concat1 -> layer 2", 1 + 2),
        ("b: layer 2; conv 4, 1x1; s: seq { from b -> layer 2 }", 1 + 2),
        ("b: conv 4, 1x1; nested", 1 + 2),
        ("b: layer 2; conv 4, 1x1; s: seq { t: seq { from b -> layer 2 } }", 1 + 2),
        ("layer 2; output o: layer 2; conv 4, 1x1; from o -> layer 2", 1 + 2 + 3),
        ("layer 2; from image -> layer 2", 1 + 1),
        ("conv 2, 1x1; inner; inner", (1 + 2) + (3 + 4)),
        # `share` connects again, with what arrives there
        ("a: unit; conv 4, 1x1; share a; conv 4, 1x1", (1 + 2) + (1 + 2)),
        ("a: unit; conv 4, 1x1; b: share a; conv 4, 1x1; from b -> layer 2", 3 + 3 + 3),
        ("a: conv 4, 1x1; layer 2; conv 4, 1x1; b: share a; layer 2; from b -> layer 2", 1 + 1 + 1),
    ],
)
def test_pieces_along_the_flow(metrics, body, connections):
    assert metrics(LAYER.format(body)).value("connections") == connections


def test_a_part_begins_with_one_piece_also_where_a_from_leads_out_of_it(metrics):
    tail = "s: seq { t: seq { from b -> layer 2; layer 2 } }"
    m = metrics(LAYER.format(f"b: layer 2; conv 4, 1x1; {tail}"))
    assert m.value("connections") == 1 + 2 + 3
    assert m.value("connections", "s") == m.value("connections", "s.t") == 1 + 2
    assert m.value("connections", "s.t.1") == 1
