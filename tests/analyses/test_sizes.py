"""Valid input sizes against brute force: the module on the meta device at every size (S8, S9)."""

from __future__ import annotations

import os

import pytest
import torch

from cnnspec import ir
from cnnspec.analyses.formula import Form, Step
from cnnspec.analyses.metrics import Metrics
from cnnspec.analyses.sizes import Sizes
from tests.backends.harness import CASES, SPECS, elaborate, load, text_of

FULL = bool(os.environ.get("CNNSPEC_FULL"))
"""Every size from 1 to 300 for every net; else all of the small nets, the ends of the others."""

UNET = """
net unet {
  input 1x32x32
  down: conv 4, 3x3, pad=1
  low: maxpool 2x2/2 -> conv 4, 3x3, pad=1 -> maxpool 2x2/2 -> conv 4, 3x3, pad=1
  concat { upsample 4; from down }
  conv 2, 1x1
}
"""
CEIL = """
net rounded {
  input 2x40x40
  maxpool 3x3/2, ceil=true -> conv 3, 3x3/2 -> avgpool 2x2/2, ceil=true -> maxpool 1x1/3, ceil=true
  flatten -> linear 4
}
"""
SQUEEZE = """
net squeezed {
  input 3x24x24
  conv 4, 5x5/3
  mul { skip; global_avgpool -> conv 2, 1x1 -> relu -> conv 4, 1x1 -> sigmoid }
  add { maxpool 2x2/2; conv 4, 2x2/2 }
  add { avgpool 1x1/2; conv 4, 3x3/2, pad=1 }
  adaptive_avgpool 3x3 -> flatten -> linear 5
}
"""
TURNED = """
net turned {
  input 3x16x16
  permute [0, 2, 1] -> conv 4, 3x5 -> permute [1, 0, 2] -> conv 2, 1x1
}
"""
TEXTS = {"unet": UNET, "rounded": CEIL, "squeezed": SQUEEZE}
SMALL = ["lenet5", "alexnet_2012", "vgg_a"]
LARGE = ["resnet20", "resnet18", "googlenet", "inception_v3", "densenet121", "resnet20_preact"]
FILES = {"alexnet_2012": "alexnet", "vgg_a": "vgg_d", "resnet20_preact": "preact"}


def source(name: str):
    if name in TEXTS:
        return TEXTS[name]
    path = SPECS / f"{name}.cnn"
    return path if path.exists() else CASES / f"{FILES.get(name, name)}.cnn"


def sizes_of(elaborated) -> Sizes:
    return Sizes(elaborated.net, ir.graph(elaborated.net))


def meta(name: str) -> torch.nn.Module:
    with torch.device("meta"):
        return getattr(load(text_of(source(name), name)), name)()


def accepts(net: torch.nn.Module, *shape: int) -> tuple[int, ...] | None:
    """The shape of the first output for an input of this shape; None where PyTorch refuses."""
    try:
        with torch.no_grad():
            result = net(torch.empty(2, *shape, device="meta"))
    except (RuntimeError, ValueError):
        return None
    first = result if isinstance(result, torch.Tensor) else result[0]
    return tuple(first.shape[1:])


def tried(sizes: Sizes, *, every: bool) -> list[int]:
    if every or FULL:
        return list(range(1, 301))
    ends = {end for found in (sizes.square(), sizes.square(training=True)) for end in
            (found.low, found.high or 300)}  # fmt: skip
    near = {end + step for end in ends for step in (-1, 0, 1)}
    return sorted(n for n in near | {1, 64, 97} if 1 <= n <= 300)


@pytest.mark.parametrize("name", [*TEXTS, *SMALL, *LARGE])
def test_s8_s9_the_module_accepts_exactly_these_sizes(name):
    sizes, net = sizes_of(elaborate(source(name), name)), meta(name)
    channels = int(sizes.net.inputs[0].shape[0])
    for training in (False, True) if sizes.has_heads else (False,):
        net.train(training)
        found = sizes.square(training=training)
        for n in tried(sizes, every=name not in LARGE):
            shape = accepts(net, channels, n, n)
            assert (shape is not None) == (n in found), (n, str(found))
            assert (shape is None) == (sizes.failure((n, n), training=training) is not None), n
            if shape is not None and not training:
                wanted = sizes.shapes[next(iter(sizes.graph.outputs.values()))]
                assert shape == tuple(x if isinstance(x, int) else x.at(n) for x in wanted), (
                    n,
                    wanted,
                )


@pytest.mark.parametrize("name", [*TEXTS, "lenet5"])
def test_height_and_width_alone(name):
    sizes, net = sizes_of(elaborate(source(name), name)), meta(name).eval()
    channels, rows, columns = map(int, sizes.net.inputs[0].shape)
    height, width = sizes.height(), sizes.width()
    for n in range(1, 61):
        assert (accepts(net, channels, n, columns) is not None) == (n in height), n
        assert (accepts(net, channels, rows, n) is not None) == (n in width), n


@pytest.mark.parametrize(
    ("name", "square", "smallest"),
    [
        ("alexnet_2012", "227 to 258", 227),
        ("inception_v3", "from 75", 75),
        ("resnet50", "from 1", 1),
        ("unet", "multiples of 4 from 4", 4),
        ("lenet5", "32 to 35", 32),
    ],
)
def test_the_sets_in_words(name, square, smallest):
    found = sizes_of(elaborate(source(name), name)).square()
    assert (str(found), found.low) == (square, smallest)


def test_inception_with_its_auxiliary_head_wants_299():
    sizes = sizes_of(elaborate(source("inception_v3"), "inception_v3"))
    assert str(sizes.square(training=True)) == "from 299"


def test_alexnet_without_its_head():
    sizes = sizes_of(elaborate(source("alexnet_2012"), "alexnet_2012"))
    assert str(sizes.square(weights=False)) == "from 67"


def test_axes_that_change_places():
    sizes = sizes_of(elaborate(TURNED, "turned"))
    assert (str(sizes.height()), str(sizes.width()), str(sizes.square())) == ("from 5", "16", "16")


def test_arms_of_different_slope_meet_at_some_sizes_only():
    net = elaborate(
        "net n { input 1x16x16\n add { maxpool 2x2/2; conv 1, 9x9 } -> conv 2, 3x3 }", "n"
    )
    found = sizes_of(net).square()
    assert [n for n in range(1, 400) if n in found] == [15, 16]


def test_a_failure_names_the_layer_and_its_arithmetic():
    sizes = sizes_of(elaborate(source("alexnet_2012"), "alexnet_2012"))
    failure = sizes.failure((224, 224))
    assert failure is not None
    assert failure.path == "linear1"
    assert failure.reason == "its weights are for 9,216 features, and 6400 arrives"
    assert dict(failure.arithmetic)["conv1"] == (
        "floor((224 - 11 + 2*0) / 4) + 1 = 54, with 1 row and column left over"
    )
    assert failure.arithmetic[-1] == ("flatten1", "256 * 5 * 5 = 6400")


def test_a_failure_behind_an_auxiliary_head():
    """The head runs in training only; a layer that keeps the size has no line of arithmetic."""
    text = """net n { input 3x12x9\n a: conv 4, 3x1 -> relu\n aux side: from a -> conv 2, 1x1
      conv 3, 1x1 -> conv 2, 1x4 -> flatten -> linear 2 }"""
    sizes = sizes_of(elaborate(text))
    assert sizes.has_heads is True
    assert sizes_of(elaborate("net n { input 3x4x4\n relu }")).has_heads is False
    failure = sizes.failure((11, 9))
    assert failure is not None and failure.path == "linear1"
    assert list(dict(failure.arithmetic)) == ["a", "conv2", "flatten1"]
    assert sizes.failure((12, 9), training=True) is None


def test_an_auxiliary_head_limits_training_only():
    text = "net n { input 3x9x8\n a: conv 4, 3x3\n relu\n aux side: from a -> conv 2, 5x5 }"
    sizes = sizes_of(elaborate(text))
    assert (str(sizes.square()), str(sizes.square(training=True))) == ("from 3", "from 7")
    assert str(sizes.height()) == str(sizes.width()) == "from 3"
    assert sizes.failure((6, 8)) is None
    failure = sizes.failure((6, 8), training=True)
    assert failure is not None and failure.path == "side"


def test_a_second_input_of_another_size_stays_as_it_is():
    text = """net n { input a: 3x8x8\n input b: 3x4x4\n input c: 6
      concat { from a -> maxpool 2x2/2; from b } -> flatten
      concat { skip; from c } -> linear 2 }"""
    sizes = sizes_of(elaborate(text))
    assert str(sizes.square()) == "8 to 9"
    assert sizes.failure((9, 9)) is None
    assert sizes.failure((10, 10)) is not None


def test_the_last_map_is_one_whose_height_is_open():
    sizes = sizes_of(elaborate(TURNED, "turned"))
    assert [sizes.graph.nodes[sizes.last_map].path] == ["conv1"]
    assert sizes.last_map < len(sizes.graph.nodes) - 1
    for text in ("input 3x4x4\n flatten -> linear 2", "input 6\n linear 2"):
        assert sizes_of(elaborate(f"net n {{ {text} }}")).last_map == 0


def test_claims_reach_the_sizes(metrics):
    m = metrics("net l() { input 1x32x32\n conv 6, 5x5 -> maxpool 2x2/2 -> flatten -> linear 2 }")
    assert (m.value("min_input_size"), m.value("max_input_size")) == (32, 33)
    m = metrics("net r() { input 1x8x8\n conv 6, 5x5 -> global_avgpool }")
    assert (m.value("min_input_size"), m.value("max_input_size")) == (5, 2**31 - 1)


CHAINS = [
    [("plus", -2), ("over", 2), ("plus", 1), ("over", 3)],
    [("over", 2), ("times", 2), ("plus", 1), ("over", 2)],
    [("over", 4), ("times", 6), ("over", 4), ("plus", -5), ("times", 3), ("over", 9)],
]


@pytest.mark.parametrize("chain", CHAINS)
def test_a_form_is_the_chain_that_it_came_from(chain):
    form = Form("H")
    for name, number in chain:
        form = getattr(form, name)(number)
    compute = {"plus": int.__add__, "over": int.__floordiv__, "times": int.__mul__}
    for size in range(60):
        value = size
        for name, number in chain:
            value = compute[name](value, number)
        assert form.at(size) == value
        assert abs(form.slope * size - value) <= form.slack
        grown = form.at(size + form.period) - value
        assert grown == form.slope * form.period


def test_formulas_are_in_lowest_terms():
    form = Form("H").plus(-11).over(4).plus(1).plus(-3).over(2).plus(1)
    assert (form.steps, str(form)) == ((Step(1, -11, 8),), "floor((H - 11) / 8)")
    assert str(Form("W").over(2).times(2)) == "2*floor(W / 2)"


def test_a_net_for_oblong_images_alone_works_on_no_square():
    net = elaborate("net it { input 1x4x6; flatten; linear 2 }").net
    sizes = Sizes(net, ir.graph(net))
    assert (str(sizes.square()), str(sizes.height()), str(sizes.width())) == ("none", "4", "6")
    assert sizes.failure((4, 6)) is None
    metrics = Metrics(net)
    assert metrics.value("min_input_size") == metrics.value("max_input_size") == 0


def test_maps_of_one_slope_that_meet_at_no_square():
    text = "net n { input 1x4x6\n add { skip; permute [0, 2, 1] -> conv 1, 3x3, pad=0x2 } }"
    sizes = sizes_of(elaborate(text))
    assert (str(sizes.square()), str(sizes.height()), str(sizes.width())) == ("none", "4", "6")


def test_a_pattern_of_one_side_is_that_of_the_square():
    sizes = sizes_of(elaborate(UNET.replace("32x32", "32x48")))
    assert str(sizes.square()) == "multiples of 4 from 4"
    assert sizes.height() == sizes.width() == sizes.square()
