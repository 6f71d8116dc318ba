"""specs/torchvision/ beside torchvision: keys in order, parameters, multiply-adds, outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnnspec.analyses.checking import check_unit, is_family
from cnnspec.analyses.metrics import Metrics
from cnnspec.backends.torch import emit
from cnnspec.elaborate.workspace import Elaborated, Workspace
from cnnspec.statedict import entries
from tests.zoo.folders import nets_of

FOLDER = Path(__file__).parents[2] / "specs" / "torchvision"

SEGMENTATION = ("fcn", "deeplabv3", "lraspp")
OUTPUTS = {
    "alexnet": 64, "vgg11_bn": 32, "resnet18": 64, "resnext50_32x4d": 64, "wide_resnet50_2": 64,
    "squeezenet1_1": 64, "densenet121": 64, "inception_v3": 299, "googlenet": 64,
    "shufflenet_v2_x0_5": 64, "mobilenet_v2": 64, "mobilenet_v3_small": 64, "mnasnet0_5": 64,
    "efficientnet_b0": 64, "efficientnet_v2_s": 64, "regnet_y_400mf": 64, "regnet_x_400mf": 64,
    "convnext_tiny": 64, "fcn_resnet50": 64, "deeplabv3_mobilenet_v3_large": 64,
    "lraspp_mobilenet_v3_large": 64,
}  # fmt: skip
"""The smallest net of each family, with the size of image at which outputs are compared."""


@pytest.fixture(scope="module")
def nets() -> dict[str, Elaborated]:
    """Every net of specs/torchvision that has its values."""
    return nets_of(FOLDER)


def theirs(models: Any, name: str) -> nn.Module:
    """torchvision's net, on the device at hand, with its auxiliary heads."""
    if name.startswith(SEGMENTATION):
        build = getattr(models.segmentation, name)
        aux = {} if name.startswith("lraspp") else {"aux_loss": True}
        return build(weights=None, weights_backbone=None, num_classes=21, **aux)
    heads = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return getattr(models, name)(weights=None, **heads)


def without_data(build: Any) -> Any:
    """The same builder of a net, on the meta device."""

    def on_meta(*args: Any, **keywords: Any) -> nn.Module:
        with torch.device("meta"):
            net: nn.Module = build(*args, **keywords)
        return net

    return on_meta


def test_every_cnn_of_torchvision_is_there(nets, torchvision_models):
    """All that classify or segment, but those that attend."""
    known = set(torchvision_models.list_models(module=torchvision_models))
    known |= set(torchvision_models.list_models(module=torchvision_models.segmentation))
    attend = {name for name in known if name.startswith(("vit", "swin", "maxvit"))}
    assert sorted(nets) == sorted(known - attend)
    assert len(nets) == 74


def tensors(net: Elaborated) -> list[tuple[str, tuple[int, ...]]]:
    """Every tensor of the state_dict by its key, in order."""
    return [(tensor.name, tensor.shape) for tensor in entries(Metrics(net.net).graph)]


def all_names() -> list[str]:
    unit_names, workspace = [], Workspace()
    for path in sorted(FOLDER.glob("*.cnn")):
        unit = workspace.read(str(path))
        if unit is not None:
            unit_names += [name for name in unit.nets if not is_family(unit, name)]
    return unit_names


@pytest.mark.parametrize("name", all_names())
def test_l18_keys_and_shapes_are_torchvision_s_in_order(
    nets, torchvision_models, name, monkeypatch
):
    if name.startswith("regnet"):  # its builder computes with tensors: those need their values
        build = torchvision_models.regnet._regnet
        monkeypatch.setattr(torchvision_models.regnet, "_regnet", without_data(build))
        net = theirs(torchvision_models, name)
    else:
        net = without_data(theirs)(torchvision_models, name)
    state = [(key, tuple(t.shape)) for key, t in net.state_dict().items()]
    assert tensors(nets[name]) == state


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.cnn")), ids=lambda path: path.stem)
def test_l26_claims_are_torchvision_s_table(torchvision_models, path):
    """Each variant claims what the meta data of its weights print, and the claims hold."""
    workspace = Workspace()
    unit = workspace.read(str(path))
    assert unit is not None
    check_unit(workspace, unit, unit.nets)
    assert not workspace.diagnostics.errors
    text = path.read_text(encoding="utf-8")
    for name in (name for name in unit.nets if not is_family(unit, name)):
        metas = [w.meta for w in torchvision_models.get_model_weights(name)]
        said = text[text.index(f"net {name}") :]
        end = said.find("\nnet ", 1)
        said = said[: end if end > 0 else None]
        figures = {(f"= {m['num_params']:_}", f"~ {m['_ops']:.3f}G") for m in metas}
        assert any(all(figure in said for figure in pair) for pair in figures), figures


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_are_torchvision_s_on_equal_weights(nets, torchvision_models, name, training):
    reference = theirs(torchvision_models, name)
    randomise(reference)
    side = OUTPUTS[name]
    ours = module(nets[name], name, side)
    ours.load_state_dict(reference.state_dict())
    for net in (ours, reference):
        net.train(training)
        still(net)
    x = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        got, wanted = flat(ours(x)), flat(reference(x))
    if not training:  # torchvision's segmentation runs its auxiliary head at inference too
        wanted = wanted[:1]
    elif name == "googlenet":  # it returns aux2 before aux1
        wanted = [wanted[0], *reversed(wanted[1:])]
    assert len(got) == len(wanted)
    for mine, true in zip(got, wanted, strict=True):
        torch.testing.assert_close(mine, true, rtol=1e-6, atol=1e-6 * float(true.abs().max()))


def module(net: Elaborated, name: str, side: int) -> nn.Module:
    """The generated net; where a spec fixes the size of its maps, for images of `side`."""
    if name.startswith(SEGMENTATION):
        workspace = Workspace()
        unit = workspace.read(net.unit.source.name)
        assert unit is not None
        smaller = workspace.elaborate(unit, name, set={"side": side})
        assert smaller is not None, list(workspace.diagnostics)
        net = smaller
    scope: dict[str, Any] = {"__name__": name}
    exec(compile(emit(net), name, "exec"), scope)
    found: nn.Module = scope[name]()
    return found


def randomise(net: nn.Module) -> None:
    """Weights that keep the size of the signal; batch norm's four tensors are all of the kind."""
    torch.manual_seed(0)
    for key, tensor in net.state_dict().items():
        if tensor.dim() > 1 and "layer_scale" not in key:
            bound = (6 / tensor[0].numel()) ** 0.5
            tensor.uniform_(-bound, bound)
        elif tensor.dim():
            tensor.uniform_(0.5, 1.5)


def still(net: nn.Module) -> None:
    """Layers that draw by chance do nothing: dropout, stochastic depth."""
    for layer in net.modules():
        if isinstance(layer, nn.Dropout) or type(layer).__name__ in ("StochasticDepth", "DropPath"):
            layer.eval()


def flat(y: Any) -> list[Tensor]:
    """Outputs in order of the reference: logits first, then auxiliary ones."""
    if isinstance(y, Tensor):
        return [y]
    values = y.values() if isinstance(y, dict) else y
    return [value for value in values if value is not None]
