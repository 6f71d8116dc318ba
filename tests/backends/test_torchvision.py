"""The ResNets and others against torchvision: keys in order, and outputs equal to the bit."""

import warnings

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.backends.harness import SPECS, build, text_of

PAIRS = [
    (SPECS / "resnet18.cnn", "resnet18", "resnet18", 64),
    (SPECS / "resnet34.cnn", "resnet34", "resnet34", 64),
    (SPECS / "resnet50.cnn", "resnet50", "resnet50", 64),
    (SPECS / "resnet101.cnn", "resnet101", "resnet101", 64),
    (SPECS / "resnet152.cnn", "resnet152", "resnet152", 64),
    (SPECS / "vgg_a.cnn", "vgg_a", "vgg11", 224),
    (SPECS / "vgg_b.cnn", "vgg_b", "vgg13", 224),
    (SPECS / "vgg_d.cnn", "vgg_d", "vgg16", 224),
    (SPECS / "vgg_e.cnn", "vgg_e", "vgg19", 224),
    (SPECS / "alexnet_torchvision.cnn", "alexnet_torchvision", "alexnet", 224),
    (SPECS / "densenet121.cnn", "densenet121", "densenet121", 64),
    (SPECS / "densenet161.cnn", "densenet161", "densenet161", 64),
    (SPECS / "densenet169.cnn", "densenet169", "densenet169", 64),
    (SPECS / "densenet201.cnn", "densenet201", "densenet201", 64),
    (SPECS / "googlenet_bn.cnn", "googlenet_bn", "googlenet", 64),
    (SPECS / "inception_v3.cnn", "inception_v3", "inception_v3", 96),
]
"""Every net with torchvision's keys: file, name, torchvision's name, image size.

torchvision's VGGs with batch norm have no spec.
"""

PLAIN = {"googlenet": {"transform_input": False}, "inception_v3": {"transform_input": False}}
"""torchvision's own normalisation of the image is no part of the net."""


def theirs(models, other):
    """torchvision's net on the meta device."""
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        words = {"init_weights": False, **PLAIN[other]} if other in PLAIN else {}
        return getattr(models, other)(weights=None, **words)


@pytest.mark.parametrize(("path", "name", "other", "size"), PAIRS, ids=[p[1] for p in PAIRS])
def test_keys_and_outputs_equal_torchvision(torchvision_models, path, name, other, size):
    reference = theirs(torchvision_models, other)
    with torch.device("meta"):
        ours = build(text_of(path, name), name)
    state = {key: _values(value) for key, value in reference.state_dict().items()}
    assert list(ours.state_dict()) == list(state) or other in PLAIN  # heads stand elsewhere there
    for net in (ours, reference):
        net.load_state_dict(state, strict=True, assign=True)
        net.eval()
    x = torch.randn(1, 3, size, size)
    with torch.inference_mode():
        assert torch.equal(ours(x), reference(x))


ROW = torch.randn(1_000_003, generator=torch.Generator().manual_seed(0))


def _values(tensor: torch.Tensor) -> torch.Tensor:
    """Weights that keep the signal's size; a norm's statistics are positive.

    Large tensors repeat a row of prime length: drawing 138 million numbers is most of a VGG's time.
    """
    if not tensor.is_floating_point():
        return torch.zeros(tensor.shape, dtype=tensor.dtype)
    if tensor.dim() > 1:
        turns = -(-tensor.numel() // ROW.numel())
        drawn = ROW.repeat(turns)[: tensor.numel()] if turns > 1 else torch.randn(tensor.numel())
        return drawn.view(tensor.shape) * (2 / tensor[0].numel()) ** 0.5
    return torch.rand(tensor.shape) * 0.2 + 0.9


def test_gradients_equal_torchvision(torchvision_models):
    theirs = torchvision_models.resnet18(weights=None)
    ours = build(text_of(SPECS / "resnet18.cnn"), "resnet18")
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, 64, 64)
    for net in (ours, theirs):
        net(x).square().mean().backward()
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(mine.grad, other.grad)


class Count(TorchDispatchMode):
    """Counts the calls of aten's ops."""

    calls = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.calls += 1
        return function(*args, **(kwargs or {}))


def aten_calls(net, size, training):
    """The ops of one forward pass, in training of a backward pass too."""
    net.train(training)
    with Count() as count, torch.set_grad_enabled(training):
        outputs = net(torch.zeros(2, 3, size, size, device="meta"))
        if training:
            loss = outputs if isinstance(outputs, torch.Tensor) else sum(outputs)
            loss.sum().backward()
    return count.calls


@pytest.mark.parametrize(("path", "name", "other", "size"), PAIRS, ids=[p[1] for p in PAIRS])
def test_aten_calls_are_at_most_torchvision_s(torchvision_models, path, name, other, size):
    """Forward and backward of a training step, and the forward pass of eval."""
    with torch.device("meta"):
        ours = build(text_of(path, name), name)
    reference, size = theirs(torchvision_models, other), INPUT.get(other, 224)
    for training in (True, False):
        assert aten_calls(ours, size, training) <= aten_calls(reference, size, training)


INPUT = {"inception_v3": 299}
"""Image sizes where auxiliary heads run; 224 for the others."""


def test_c2_to_c5_are_read_by_feature_extraction(torchvision_models):
    """What a feature pyramid asks of a backbone: torchvision's own node names work on ours."""
    from torchvision.models.feature_extraction import create_feature_extractor

    with torch.device("meta"):
        net = build(text_of(SPECS / "resnet50.cnn"), "resnet50").eval()
        names = {f"layer{i}": f"C{i + 1}" for i in range(1, 5)}
        body = create_feature_extractor(net, return_nodes=names)
        maps = body(torch.zeros(1, 3, 224, 224))
    assert {name: tuple(y.shape[1:]) for name, y in maps.items()} == {
        "C2": (256, 56, 56),
        "C3": (512, 28, 28),
        "C4": (1024, 14, 14),
        "C5": (2048, 7, 7),
    }


def test_a_feature_pyramid_on_c2_to_c5_trains(torchvision_models):
    """torchvision's FPN on the generated backbone equals the one on torchvision's, and learns."""
    from torchvision.models.feature_extraction import create_feature_extractor
    from torchvision.ops import FeaturePyramidNetwork

    theirs = torchvision_models.resnet18(weights=None)
    ours = build(text_of(SPECS / "resnet18.cnn"), "resnet18")
    ours.load_state_dict(theirs.state_dict(), strict=True)
    names = {f"layer{i}": f"C{i + 1}" for i in range(1, 5)}
    pyramid = FeaturePyramidNetwork([64, 128, 256, 512], out_channels=16)
    x = torch.randn(2, 3, 64, 64)
    levels = []
    for backbone in (ours, theirs):
        body = create_feature_extractor(backbone.train(), return_nodes=names)
        levels.append(pyramid(body(x)))
        sum(level.square().mean() for level in levels[-1].values()).backward()
    assert [tuple(y.shape) for y in levels[0].values()] == [(2, 16, n, n) for n in (16, 8, 4, 2)]
    for name, level in levels[0].items():
        assert torch.equal(level, levels[1][name])
    assert all(p.grad is not None for n, p in ours.named_parameters() if not n.startswith("fc"))
