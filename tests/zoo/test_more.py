"""specs/more beside nets written by hand from the papers: tensors, multiply-adds, outputs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnnspec.analyses.checking import check_unit
from cnnspec.analyses.metrics import Metrics
from cnnspec.backends.torch import emit
from cnnspec.elaborate.workspace import Elaborated, Workspace
from tests.zoo.folders import nets_of
from tests.zoo.more import classifiers as c
from tests.zoo.more import dense as d
from tests.zoo.more import inception
from tests.zoo.more import unlisted as u

FOLDER = Path(__file__).parents[2] / "specs" / "more"
R50 = (3, 4, 6, 3)

REFERENCES: dict[str, Callable[[], nn.Module]] = {
    "nin": c.nin,
    "wrn_16_8": lambda: c.wide_resnet(2, 8),
    "wrn_28_10": lambda: c.wide_resnet(4, 10),
    "fractalnet_1": lambda: c.fractal(1),
    "fractalnet_2": lambda: c.fractal(2),
    "fractalnet_3": lambda: c.fractal(3),
    "fractalnet_4": lambda: c.fractal(4),
    "fractalnet_20": lambda: c.fractal(3, (64, 128, 256, 512, 512)),
    "xception": c.xception,
    "se_resnet50": c.se_resnet50,
    "cbam_resnet18": lambda: c.cbam_basic((2, 2, 2, 2)),
    "cbam_resnet34": lambda: c.cbam_basic(R50),
    "cbam_resnet50": c.cbam_resnet50,
    "res2net50_26w_4s": lambda: c.res2net(R50, 26, 4),
    "res2net50_14w_8s": lambda: c.res2net(R50, 14, 8),
    "repvgg_a0_train": lambda: c.repvgg((2, 4, 14, 1), (48, 96, 192, 1280), 48, True),
    "repvgg_a0": lambda: c.repvgg((2, 4, 14, 1), (48, 96, 192, 1280), 48, False),
    "repvgg_a1": lambda: c.repvgg((2, 4, 14, 1), (64, 128, 256, 1280), 64, False),
    "repvgg_b0": lambda: c.repvgg((4, 6, 16, 1), (64, 128, 256, 1280), 64, False),
    "ghostnet_0_5": lambda: c.ghostnet(0.5),
    "ghostnet_1_0": lambda: c.ghostnet(1.0),
    "ghostnet_1_3": lambda: c.ghostnet(1.3),
    "inception_v4": inception.inception_v4,
    "inception_resnet_v2": inception.inception_resnet_v2,
    "alphago_zero_20": lambda: c.AlphaGoZero(19),
    "alphago_zero_40": lambda: c.AlphaGoZero(39),
    "siamese": c.Siamese,
    "unet": d.UNet,
    "fcn8s": d.FCN8s,
    "segnet": d.SegNet,
    "ssd300": d.SSD300,
    "retinanet_resnet50": d.RetinaNet,
    "darknet53": c.darknet53,
    "yolov3_320": d.YOLOv3,
    "yolov3_416": d.YOLOv3,
    "yolov3_608": d.YOLOv3,
    "hourglass_2": lambda: d.StackedHourglass(2),
    "hourglass_8": lambda: d.StackedHourglass(8),
    "hrnet_w18": lambda: d.HRNet(18),
    "hrnet_w32": lambda: d.HRNet(32),
    "pose_hrnet_w32": lambda: d.PoseHRNet(32),
    "convmixer_768_32": lambda: u.convmixer(768, 32, 7, 7),
    "convmixer_1536_20": lambda: u.convmixer(1536, 20, 9, 7),
    "dla34": u.dla34,
    "dpn92": u.dpn92,
    "pyramidnet_110_48": lambda: u.pyramidnet(110, 48),
    "pyramidnet_110_270": lambda: u.pyramidnet(110, 270),
    "sknet50": u.sknet50,
    "cspdarknet53": u.cspdarknet53,
    "vovnet39": u.vovnet39,
    "linknet": u.LinkNet,
    "edsr_baseline": lambda: u.edsr(16, 64, 1.0),
    "edsr_x4": lambda: u.edsr(32, 256, 0.1),
    "fsrcnn": u.fsrcnn,
    "dncnn": u.DnCNN,
    "dcgan_generator": d.dcgan_generator,
    "dcgan_discriminator": d.dcgan_discriminator,
}

OUTPUTS: dict[str, tuple[int, ...]] = {
    "nin": (32,), "wrn_16_8": (16,), "fractalnet_4": (32,), "xception": (75,), "se_resnet50": (64,),
    "cbam_resnet18": (64,), "cbam_resnet50": (64,), "res2net50_26w_4s": (64,),
    "repvgg_a0_train": (64,), "repvgg_a0": (64,), "ghostnet_0_5": (64,), "inception_v4": (107,),
    "inception_resnet_v2": (107,), "alphago_zero_20": (19,), "siamese": (105,), "unet": (188,),
    "fcn8s": (32,), "ssd300": (300,), "segnet": (45, 60),
    "retinanet_resnet50": (128,),
    "darknet53": (64,), "yolov3_416": (64,), "hourglass_2": (64,),
    "hrnet_w18": (64,), "pose_hrnet_w32": (64, 64), "dcgan_generator": (1,),
    "dcgan_discriminator": (64,), "convmixer_768_32": (28,), "dla34": (64,), "dpn92": (64,),
    "pyramidnet_110_48": (16,), "pyramidnet_110_270": (16,), "sknet50": (64,),
    "cspdarknet53": (64,), "vovnet39": (64,),
    "linknet": (64,), "edsr_baseline": (16,), "fsrcnn": (16,), "dncnn": (16,),
}  # fmt: skip
"""The nets whose outputs are compared, at least one of each file, with the size of image."""

SMALLER = {
    "unet": {572: 188, 568: 184, 280: 88, 136: 40, 64: 16, 28: 4, 388: 4},
    "fcn8s": {500: 32, 88: 29, 44: 15, 22: 8, 16: 2},
}
"""Where a spec says sizes of maps (`=> 64x568x568`): those of a smaller image."""


@pytest.fixture(scope="module")
def nets() -> dict[str, Elaborated]:
    """Every net of specs/more that has its values."""
    return nets_of(FOLDER)


def test_every_net_has_a_reference(nets):
    assert sorted(REFERENCES) == sorted(nets)
    files = {Path(net.unit.source.name).stem for name, net in nets.items() if name in OUTPUTS}
    assert files == {path.stem for path in FOLDER.glob("*.cnn")}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.cnn")), ids=lambda path: path.stem)
def test_claims_are_the_papers(path):
    """Each file says figures of its paper, and they hold or are recorded."""
    workspace = Workspace()
    unit = workspace.read(str(path))
    assert unit is not None
    check_unit(workspace, unit, unit.nets)
    assert not workspace.diagnostics.errors
    assert path.read_text(encoding="utf-8").count("claim ") > 0


@pytest.mark.parametrize("name", REFERENCES)
def test_params_and_macs_are_those_of_the_reference(nets, name):
    """The tensors by shape in order, and the multiply-adds of its layers at the net's own size."""
    metrics = Metrics(nets[name].net)
    with torch.device("meta"):
        net = REFERENCES[name]().eval()
    named = [
        tuple(map(int, shape))
        for node in metrics.graph
        if node.layer.inputs and not node.shares
        for shape in node.op.params(node.layer.inputs[0]).values()
    ]
    assert named == [tuple(p.shape) for p in net.parameters()]
    xs = [torch.empty(1, *map(int, x.shape), device="meta") for x in nets[name].net.inputs]
    counted = count_macs(net)
    with torch.inference_mode():
        net(*xs)
    assert metrics.value("macs") == sum(counted)


def count_macs(net: nn.Module) -> list[int]:
    """Where each layer with weights puts its multiply-adds as it runs."""
    found: list[int] = []

    def note(layer: nn.Module, args: tuple[Tensor, ...], y: Tensor) -> None:
        places = args[0] if isinstance(layer, nn.ConvTranspose2d) else y
        found.append(layer.weight.numel() * places[0, 0].numel())

    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            layer.register_forward_hook(note)
    return found


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_are_those_of_the_reference_on_equal_weights(nets, name):
    """At inference, and in training where batch norm makes a difference."""
    torch.manual_seed(0)
    with torch.device("meta"):
        theirs = REFERENCES[name]()
        ours = build(emit(smaller(nets[name], name)), name)
    randomise(theirs.to_empty(device="cpu"))
    pairs = zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True)
    state = {key: value.reshape(mine.shape).clone() for (key, mine), value in pairs}
    ours.load_state_dict(state, assign=True)
    normed = any(isinstance(layer, nn.BatchNorm2d) for layer in theirs.modules())
    for training in (False, True) if normed else (False,):
        x = [images(x.shape, name, 2 if training else 1) for x in nets[name].net.inputs]
        got, wanted = (run(net, x, training) for net in (ours, theirs))
        assert len(got) == len(wanted)
        for mine, true in zip(got, wanted, strict=True):
            torch.testing.assert_close(mine, true, rtol=1e-6, atol=1e-6 * float(true.abs().max()))


def images(shape: Any, name: str, batch: int) -> Tensor:
    """Random images of the size at which a net's outputs are compared."""
    rows, columns = (OUTPUTS[name] * 2)[:2]
    return torch.rand(batch, int(shape[0]), rows, columns, dtype=precision(name))


def precision(name: str) -> torch.dtype:
    """SKNet's softmax of two is a sigmoid in the spec: in float32 the difference shows."""
    return torch.float64 if name == "sknet50" else torch.float32


def run(net: nn.Module, x: list[Tensor], training: bool) -> list[Tensor]:
    net.train(training).to(x[0].dtype)
    for layer in net.modules():
        if isinstance(layer, nn.Dropout):
            layer.eval()
    with torch.no_grad():
        return flat(net(*x))


def smaller(net: Elaborated, name: str) -> Elaborated:
    """The same net for a smaller image."""
    sizes = SMALLER.get(name)
    if name == "segnet":  # its module says the sizes that its pools had
        shape = (3, *OUTPUTS[name])
        return Workspace().elaborate(net.unit, name, input=shape)  # type: ignore[return-value]
    if sizes is None:
        return net
    text = Path(net.unit.source.name).read_text(encoding="utf-8").partition("  claim ")[0] + "}\n"

    def size(found: re.Match[str]) -> str:
        n = sizes.get(int(found[1]))
        return found[0] if n is None else found[0].replace(found[1], str(n))

    workspace = Workspace()
    unit = workspace.read_text(re.sub(r"(?<!\d)(\d+)(?:x|, )\1(?![\d/])", size, text))
    assert unit is not None, list(workspace.diagnostics)
    found = workspace.elaborate(unit, name)
    assert found is not None, list(workspace.diagnostics)
    return found


def build(text: str, name: str) -> nn.Module:
    scope: dict[str, Any] = {"__name__": name}
    exec(compile(text, name, "exec"), scope)
    found: nn.Module = scope[name]()
    return found


def randomise(net: nn.Module) -> None:
    """Weights that keep the size of the signal; batch norm's four tensors are all of the kind."""
    for tensor in net.state_dict().values():
        if tensor.dim() > 1:
            bound = (6 / tensor[0].numel()) ** 0.5
            tensor.uniform_(-bound, bound)
        else:
            tensor.uniform_(0.5, 1.5) if tensor.dim() else tensor.fill_(0)


def flat(y: Any) -> list[Tensor]:
    if isinstance(y, Tensor):
        return [y]
    return list(y.values() if isinstance(y, dict) else y)
