"""The receptive field against brute force: which input pixels move one output pixel."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnspec import ir
from cnnspec.analyses.metrics import Metrics
from tests.backends.harness import CASES, SPECS, elaborate, load, text_of

# A net, an input size, and layers of the generated module, both kinds of branch among them.
QUICK = [
    ("lenet5", 32, ["conv1", "conv2"]),
    ("resnet20", 32, ["layer1.0", "layer2.0.downsample", "layer3.0.conv2"]),
    ("resnet50", 64, ["layer1.0", "layer2.0.conv2"]),
    ("resnet50_paper", 64, ["layer2.0.conv1"]),
    ("alexnet_2012", 99, ["conv2"]),
    ("googlenet", 64, ["inception3a"]),
    ("inception_v3", 75, ["Mixed_5b"]),
    ("densenet121", 64, ["features.transition1"]),
    ("vgg_d", 48, ["features.9"]),
]


def spec(name: str):
    path = SPECS / f"{name}.cnn"
    return path if path.exists() else CASES / f"{name.removesuffix('_2012')}.cnn"


@pytest.fixture
def linear_ops(monkeypatch):
    """Every op lets a gradient through from each pixel in its window, none of them cancelling."""

    def mean(x, kernel, stride=None, padding=0, dilation=1, ceil_mode=False, **_):
        return F.avg_pool2d(x, kernel, stride, padding, ceil_mode)

    for name in ("relu", "local_response_norm"):
        monkeypatch.setattr(F, name, lambda x, *_, **__: x)
    monkeypatch.setattr(F, "max_pool2d", mean)


def positive(net: nn.Module) -> nn.Module:
    """The net on the CPU with means for convolutions: every pixel of a window counts."""
    net = net.to_empty(device="cpu").double()
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            tensor.fill_(1 / tensor[0].numel() if tensor.dim() == 4 else "mean" not in name)
    return net.eval()


class Reached(Exception):
    """The layer in question has run: the rest of the net is not needed."""


def output_of(net: nn.Module, path: str, x: torch.Tensor) -> torch.Tensor:
    kept = []

    def keep(module, inputs, output):
        kept.append(output)
        raise Reached

    handle = net.get_submodule(path).register_forward_hook(keep)
    with pytest.raises(Reached):
        net(x)
    handle.remove()
    return kept[0]


def reached(y: torch.Tensor, x: torch.Tensor, row: int, column: int) -> list[tuple[int, int]]:
    """First and last row, first and last column with a gradient."""
    (gradient,) = torch.autograd.grad(y[0, :, row, column].sum(), x, retain_graph=True)
    moved = gradient[0].abs().sum(0) > 0
    return [
        (int(hits.nonzero().min()), int(hits.nonzero().max()))
        for hits in (moved.any(1), moved.any(0))
    ]


@pytest.mark.parametrize(("name", "size", "paths"), QUICK, ids=[name for name, *_ in QUICK])
def test_l27_gradients_of_one_output_pixel_agree(linear_ops, name, size, paths):
    elaborated = elaborate(spec(name), name)
    shape = (int(elaborated.net.inputs[0].shape[0]), size, size)
    with torch.device("meta"):
        net = getattr(load(text_of(spec(name), name)), name)()
    net = positive(net)
    metrics = Metrics(elaborated.net)
    for path in paths:
        x = torch.ones(1, *shape, dtype=torch.float64, requires_grad=True)
        y = output_of(net, path, x)
        axes = metrics.seen[metrics.node(path)].axes
        assert axes is not None
        rows, columns = y.shape[2:]
        for row, column in [(0, 0), (rows // 2, columns // 2), (rows - 1, columns - 1)]:
            wanted = [
                (max(low, 0), min(high, size - 1))
                for low, high in (axes[0].at(row), axes[1].at(column))
            ]
            assert reached(y, x, row, column) == wanted, (path, row, column)


def paths_to(graph: ir.Graph, index: int) -> list[list[ir.Node]]:
    """Every way from the input to a node, as the nodes on it."""
    node = graph.nodes[index]
    if not node.inputs:
        return [[]]
    return [[*way, node] for i in node.inputs for way in paths_to(graph, i)]


def extent(way: list[ir.Node]) -> int:
    """The field along one way, in rows: `size += (F - 1) * stride`."""
    size, stride = 1, 1
    for node in way:
        rows, _ = node.op.reach().axes
        size += (rows.last.shift - rows.first.shift) * stride
        stride *= rows.first.factor
    return size


@pytest.mark.parametrize(("name", "path"), [("resnet18", "layer3"), ("googlenet", "inception4b")])
def test_the_smallest_and_largest_of_all_ways(name, path):
    metrics = Metrics(elaborate(spec(name), name).net)
    index = metrics.node(path)
    sizes = [extent(way) for way in paths_to(metrics.graph, index)]
    assert len(sizes) > 10
    assert metrics.seen[index].smallest[0] == min(sizes)
    assert metrics.fields[index].size[0] == max(sizes)


def test_paddings_share_is_the_part_of_all_fields_outside_the_input():
    metrics = Metrics(elaborate(spec("resnet20"), "resnet20").net)
    index = metrics.node("layer2.0")
    axes, shape = metrics.seen[index].axes, metrics.graph.nodes[index].shape
    inside = total = 0
    for pixel in range(shape[1]):
        low, high = axes[0].at(pixel)
        inside += sum(0 <= at < 32 for at in range(low, high + 1))
        total += high - low + 1
    assert metrics.padding("layer2.0") == pytest.approx(1 - (inside / total) ** 2)


def test_claims_reach_the_field(metrics):
    m = metrics(
        "net f() { input 1x16x16\n add { conv 1, 3x3/2, pad=1; conv 1, 1x1/2 } -> conv 1, 3x3 }"
    )
    names = ["field", "field_smallest", "field_stride"]
    assert [m.value(name) for name in names] == [7, 5, 2]
    assert [m.value(name, "conv1") for name in names] == [3, 3, 2]
    assert m.value("field_padding", "conv1") == pytest.approx(1 - (23 / 24) ** 2)


def test_fields_grow_along_a_chain():
    metrics = Metrics(elaborate(spec("plain20"), "plain20").net)
    sizes = [field.size[0] for field in metrics.fields if not field.whole]
    assert all(a <= b for a, b in pairwise(sizes))
