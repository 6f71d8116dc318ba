"""The ResNets and others against torchvision: keys in order, and outputs equal to the bit."""

import pytest
import torch

from tests.backends.harness import CASES, SPECS, build, text_of

PAIRS = [
    (SPECS / "resnet18.cnn", "resnet18", "resnet18", 64),
    (SPECS / "resnet34.cnn", "resnet34", "resnet34", 64),
    (SPECS / "resnet50.cnn", "resnet50", "resnet50", 64),
    (SPECS / "resnet101.cnn", "resnet101", "resnet101", 64),
    (SPECS / "resnet152.cnn", "resnet152", "resnet152", 64),
    (CASES / "vgg_d.cnn", "vgg_a", "vgg11", 224),
    (CASES / "densenet121.cnn", "densenet121", "densenet121", 64),
]


@pytest.mark.parametrize(("path", "name", "other", "size"), PAIRS, ids=[p[1] for p in PAIRS])
def test_keys_and_outputs_equal_torchvision(torchvision_models, path, name, other, size):
    with torch.device("meta"):
        theirs = getattr(torchvision_models, other)(weights=None)
        ours = build(text_of(path, name), name)
    state = {key: _values(value) for key, value in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    for net in (ours, theirs):
        net.to_empty(device="cpu").load_state_dict(state, strict=True)
        net.eval()
    x = torch.randn(1, 3, size, size)
    with torch.inference_mode():
        assert torch.equal(ours(x), theirs(x))


def _values(tensor: torch.Tensor) -> torch.Tensor:
    """Weights that keep the signal's size; a norm's statistics are positive."""
    if not tensor.is_floating_point():
        return torch.zeros(tensor.shape, dtype=tensor.dtype)
    if tensor.dim() > 1:
        return torch.randn(tensor.shape) * (2 / tensor[0].numel()) ** 0.5
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


@pytest.mark.parametrize("training", [False, True])
def test_aten_calls_are_at_most_torchvision_s(torchvision_models, training):
    from torch.utils._python_dispatch import TorchDispatchMode

    class Count(TorchDispatchMode):
        calls = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            Count.calls += 1
            return function(*args, **(kwargs or {}))

    counts = []
    for net in (
        build(text_of(SPECS / "resnet18.cnn"), "resnet18"),
        torchvision_models.resnet18(weights=None),
    ):
        net.train(training)
        Count.calls = 0
        with Count():
            y = net(torch.zeros(2, 3, 64, 64))
            if training:
                y.sum().backward()
        counts.append(Count.calls)
    assert counts[0] <= counts[1]
