"""L27: the metrics that claims name, and what is unknown (L31)."""

import pytest

from cnnspec.analyses.metrics import METRICS, UnknownMetric, UnknownPath

NET = """
net tower() {
  input image: [3, H=32, W=32]
  stem: seq { conv 8, 3x3/2, pad=1; bn; relu }
  wide: concat {
    left: conv 4, 1x1
    right: seq { conv 4, 3x3, pad=1 -> relu -> conv 4, 3x3, pad=1 }
  }
  output coarse: conv 2, 1x1
  global_avgpool -> flatten
  fc: linear 10 -> softmax
}
"""


def test_layers_takes_the_longest_arm(metrics):
    assert metrics(NET).value("layers") == 4


def test_layers_of_a_path(metrics):
    assert metrics(NET).value("layers", "stem") == 1
    assert metrics(NET).value("layers", "right") == 2


def test_l14_layers_honours_a_tap_that_leads_out_of_an_inner_level(metrics):
    text = """net it {
      input 3x8x8
      stem: conv 4, 3x3
      wide: conv 4, 1x1
      mid: { conv 4, 1x1; deep: seq { conv 4, 1x1; from wide; conv 4, 1x1 }; from stem -> relu }
      aux side: conv 4, 1x1 -> from stem -> conv 2, 1x1
      conv 2, 1x1
    }"""
    found = metrics(text)
    assert found.value("layers") == 2
    assert found.value("layers", "side") == 1
    assert found.value("layers", "mid") == 0
    assert metrics(text.replace("; from stem -> relu", "")).value("layers") == 4


def test_layers_honours_a_tap(metrics):
    text = """net tapped() { input 1x8x8
      a: conv 2, 3x3
      inner: { b: conv 2, 3x3; conv 2, 1x1; conv 2, 1x1 }
      from inner.b
      conv 2, 1x1
    }"""
    assert metrics(text).value("layers") == 3


def test_aux_is_not_on_the_longest_path_but_an_output_is(metrics):
    text = """net n() {{ input 1x8x8
      a: conv 2, 3x3
      {kind} far: from a -> conv 2, 1x1 -> conv 2, 1x1 -> conv 2, 1x1
      conv 2, 1x1
    }}"""
    assert metrics(text.format(kind="aux")).value("layers") == 2
    assert metrics(text.format(kind="output")).value("layers") == 4


@pytest.mark.parametrize(("op", "n"), [("conv", 5), ("relu", 2), ("concat", 1), ("lrn", 0)])
def test_count(metrics, op, n):
    assert metrics(NET).value("count", op) == n


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("", (10,)),
        ("logits", (10,)),
        ("image", (3, 32, 32)),
        ("stem", (8, 16, 16)),
        ("stem.0", (8, 16, 16)),
        ("right.2", (4, 16, 16)),
        ("wide", (8, 16, 16)),
        ("coarse", (2, 16, 16)),
    ],
)
def test_shape(metrics, path, shape):
    found = metrics(NET).value("shape", path)
    assert found == shape
    assert all(type(n) is int for n in found)


def test_input_size_and_size(metrics):
    assert metrics(NET).value("input_size") == 32
    assert metrics(NET).value("size", "stem") == 8 * 16 * 16


def test_an_unknown_metric_lists_the_known(metrics):
    with pytest.raises(UnknownMetric) as error:
        metrics(NET).value("parms")
    assert "params" in error.value.known


@pytest.mark.parametrize(
    ("name", "path", "known"),
    [("params", "stm", "stem"), ("shape", "stem.7", "stem.0"), ("count", "cnv", "conv")],
)
def test_an_unknown_path_lists_what_is_there(metrics, name, path, known):
    with pytest.raises(UnknownPath) as error:
        metrics(NET).value(name, path)
    assert known in error.value.known


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_has_a_value(metrics, name):
    path = "conv" if name == "count" else ""
    assert metrics(NET).value(name, path) is not None


def test_a_dotted_label_names_a_container(metrics):
    text = """net fpn() { input 4x8x8
      inner.0.0: conv 4, 1x1
      outer.0: conv 4, 3x3, pad=1
      inner.1.0: conv 4, 1x1
    }"""
    assert metrics(text).value("params", "inner") == 2 * 20
    assert metrics(text).value("params", "inner.0.0") == 20


def test_an_unknown_op_lists_those_of_the_net(metrics):
    with pytest.raises(UnknownPath) as error:
        metrics("net n { input 3x8x8\n conv 2, 1x1 -> relu }").value("count", "cnv")
    assert error.value.known == ("conv", "relu")


def test_without_logits_the_last_output_counts(metrics):
    text = """net n { input 3x8x8\n a: conv 4, 3x3
      output one: conv 2, 1x1\n output two: from a -> conv 3, 1x1
      output three: from a -> conv 5, 3x3 }"""
    assert metrics(text).value("shape") == (5, 4, 4)


def test_the_shape_of_a_dotted_label_is_that_of_its_last(metrics):
    text = """net n { input 3x8x8
      a.0: conv 2, 1x1\n a.1: conv 4, 3x3\n b: relu\n a.2: conv 5, 3x3\n conv 6, 1x1 }"""
    assert metrics(text).value("shape", "a") == (5, 4, 4)


@pytest.mark.parametrize("path", ["a.weight", "inner.b.0", "inner.c"])
def test_nothing_is_inside_a_layer(metrics, path):
    found = metrics("net n { input 3x8x8\n a: conv 2, 1x1\n inner: { b: conv 2, 1x1 } }")
    with pytest.raises(UnknownPath) as error:
        found.value("shape", path)
    assert error.value.known == (("a", "inner") if path == "a.weight" else ("inner.b",))


def test_oblong_sizes_and_strides(metrics):
    found = metrics("net n { input 3x8x12\n conv 2, 3x3 -> upsample 2 -> conv 2, 1x1 }")
    assert found.value("input_size") == (8, 12)
    assert found.value("field_stride", "conv2") == 0.5
    stride = metrics("net n { input 3x8x8\n conv 2, 3x3/2 }").value("field_stride")
    assert (stride, type(stride)) == (2, int)


def test_padding_has_no_share_of_a_field_that_is_everything(metrics):
    text = "net n { input 3x8x8\n conv 2, 3x3, pad=1 -> global_avgpool -> flatten -> linear 2 }"
    assert metrics(text).value("field_padding", "linear1") == 0


def test_images_a_second_are_those_of_batches_of_128_in_bfloat16(metrics):
    """An H100 moves 3.35e12 bytes a second; a 1x1 convolution this thin is bound by that."""
    found = metrics("net n { input 3x8x8\n conv 2, 1x1, bias=false }")
    images, weights = 2 * 128 * (3 + 2) * 64, 2 * 6
    assert found.value("img_s_inference") == pytest.approx(
        128 * 3.35e12 / (images + weights), rel=1e-9
    )
    # Backwards: the gradient and the image are read, the weights are read and their gradient made.
    assert found.value("img_s_training", "h100") == pytest.approx(
        128 * 3.35e12 / (2 * images + 3 * weights), rel=1e-9
    )


def test_the_input_size_of_a_net_on_vectors_is_its_shape(metrics):
    assert metrics("net v() { input 12\n linear 3 }").value("input_size") == (12,)
