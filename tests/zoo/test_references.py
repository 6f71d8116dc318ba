"""Every net against another implementation: tensors, multiply-adds, outputs on equal weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnnspec.backends.torch import emit
from tests.zoo.references import BY_HAND, TORCHVISION, WITHOUT_AUX

ALL = TORCHVISION | BY_HAND


def test_every_net_has_a_reference(zoo):
    assert sorted(ALL) == zoo.names


@pytest.mark.parametrize("name", TORCHVISION)
def test_l18_keys_and_shapes_are_torchvision_s(zoo, torchvision_models, name):
    with torch.device("meta"):
        theirs = TORCHVISION[name](torchvision_models)
    state = {key: tuple(tensor.shape) for key, tensor in theirs.state_dict().items()}
    assert zoo.tensors(name) == state


@pytest.mark.parametrize("name", ALL)
def test_l27_params_and_macs_are_those_of_the_reference(zoo, torchvision_models, name):
    """The tensors by shape, and FlopCounterMode's multiply-adds, at the net's own input size."""
    net = reference(name, torchvision_models)
    mine = zoo.tensors(name, buffers=False, training=False)
    assert sorted(mine.values()) == sorted(tuple(p.shape) for p in net.parameters())
    assert zoo.metrics(name).value("params") == sum(p.numel() for p in net.parameters())
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        y = net(torch.empty(1, *zoo.input(name), device="meta"))
    assert zoo.metrics(name).value("macs") == counter.get_total_flops() / 2
    assert tuple(y.shape[1:]) == zoo.metrics(name).value("shape")


def reference(name: str, models: Any) -> nn.Module:
    """The reference on the meta device, without auxiliary heads."""
    with torch.device("meta"):
        if name in ("googlenet_bn", "inception_v3"):
            build = {"googlenet_bn": models.googlenet, "inception_v3": models.inception_v3}[name]
            return build(weights=None, **WITHOUT_AUX).eval()
        return ALL[name](models).eval()


# --- outputs: smaller images where the net takes them -----------------------------------------

OUTPUTS = {
    "alexnet_torchvision": 224, "vgg_a": 224, "vgg_b": 224, "vgg_d": 224, "vgg_e": 224,
    "googlenet_bn": 64, "inception_v3": 96, "densenet121": 64, "densenet161": 64,
    "densenet169": 64, "densenet201": 64, "lenet5": 32, "lenet5_1998": 32, "alexnet_2012": 227,
    "vgg_c": 224, "vgg_a_lrn": 224, "googlenet": 224, "inception_v2": 299, "resnet34_a": 64,
    "resnet34_c": 64,
    "resnet50_paper": 64, "preact_resnet200": 64, "plain20": 32, "resnet20": 32,
    "resnet110_bn_after_add": 32, "resnet110_relu_before_add": 32,
    "resnet110_relu_only_preact": 32, "resnet110_preact": 32, "resnet164": 32,
    "resnet164_preact": 32, "densenet264": 64, "densenet_40_12": 32, "densenet_bc_100_12": 32,
    "inception_module": 28, "inception_module_naive": 28, "factorised_5x5": 35,
    "factorised_3x3": 17,
}  # fmt: skip
"""The nets whose outputs are compared, with the image size."""


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_are_those_of_the_reference_on_equal_weights(zoo, torchvision_models, name):
    theirs = reference(name, torchvision_models)
    with torch.device("meta"):
        ours = build(emit(zoo[name]), name).eval()
    fill(theirs)
    state = zip(ours.state_dict(), theirs.state_dict().values(), strict=True)
    ours.load_state_dict(dict(state), assign=True)
    x = torch.randn(1, zoo.input(name)[0], OUTPUTS[name], OUTPUTS[name])
    with torch.inference_mode():
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-4)


def build(text: str, name: str) -> nn.Module:
    """The net of a generated module, whose auxiliary heads (they run in training) are away."""
    scope: dict[str, Any] = {"__name__": name}
    exec(compile(text, name, "exec"), scope)
    net: nn.Module = scope[name]()
    for head in ("aux1", "aux2", "AuxLogits"):
        if hasattr(net, head):
            delattr(net, head)
    return net


def fill(net: nn.Module) -> None:
    """Weights that keep the size of the signal; variances are positive."""
    net.to_empty(device="cpu")
    for tensor in net.state_dict().values():
        if tensor.dim() > 1:
            bound = (6 / tensor[0].numel()) ** 0.5
            tensor.uniform_(-bound, bound)
        else:
            tensor.fill_(0) if tensor.dim() == 0 else tensor.uniform_(0.9, 1.1)
