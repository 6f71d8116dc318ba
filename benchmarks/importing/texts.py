"""Write docs/import again: `python -m benchmarks.importing.texts [NAME ...]`.

The nets of torchvision, one of timm where timm is installed, a family, and an ONNX file that
PyTorch's exporter wrote. Each text is proved before it is written.
"""

import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import torch

from benchmarks.importing.__main__ import SIZE
from benchmarks.peers import torchvision_models
from cnnspec.importing.importer import write
from cnnspec.importing.onnx.source import import_onnx
from cnnspec.importing.options import Options
from cnnspec.importing.reading import read_source
from cnnspec.importing.sources import BadSource, model_source
from cnnspec.importing.torch.source import captured
from cnnspec.values import Shape

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "import"
NETS = (
    "resnet50", "mobilenet_v2", "densenet121", "googlenet", "efficientnet_b0", "inception_v3",
    "convnext_tiny",
)  # fmt: skip
FAMILY = ("resnet18", "resnet34", "resnet50")
WITHOUT_INIT = ("googlenet", "inception_v3")


def uninitialised(models: ModuleType, name: str) -> tuple[torch.nn.Module, Shape]:
    """A net of torchvision without an initialisation that takes long, and the size it is for."""
    words = {"init_weights": False} if name in WITHOUT_INIT else {}
    return models.get_model(name, **words), SIZE.get(name, (3, 224, 224))


def of_torchvision(models: ModuleType, *names: str, family: str = "", proved: bool = True) -> str:
    """The text of one net of torchvision, or of several that are one family."""
    wanted = Options(verify=proved)
    read = [captured(*uninitialised(models, name), name, wanted) for name in names]
    return write(read, family=family).text


def of_timm(name: str) -> str:
    """The text of a net of timm."""
    source = model_source(f"timm:{name}")
    assert source is not None
    return read_source(source, Options(size=(3, 224, 224))).imported.text


def of_onnx(models: ModuleType, name: str) -> str:
    """The text of a net of torchvision that went through an ONNX file."""
    kept = {"do_constant_folding": False, "training": torch.onnx.TrainingMode.PRESERVE}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.onnx"
        net, image = models.get_model(name).eval(), torch.zeros(1, 3, 224, 224)
        torch.onnx.export(net, (image,), str(path), dynamo=False, **kept)
        return import_onnx(path, Options(), name).text


def texts(models: ModuleType) -> dict[str, Callable[[], str]]:
    """By name of a file what makes its text."""
    found: dict[str, Callable[[], str]] = {
        name: lambda name=name: of_torchvision(models, name)  # type: ignore[misc]
        for name in NETS
    }
    found["resnet_family"] = lambda: of_torchvision(models, *FAMILY, family="resnet")
    found["timm_efficientnet_b0"] = lambda: of_timm("efficientnet_b0")
    found["shufflenet_v2_x0_5_onnx"] = lambda: of_onnx(models, "shufflenet_v2_x0_5")
    return found


def main() -> None:
    """Write what is asked for, else all that can be made here."""
    warnings.simplefilter("ignore")
    models = torchvision_models()
    assert models is not None
    for name, make in texts(models).items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        try:
            (FOLDER / f"{name}.cnn").write_text(make())
        except BadSource as missing:
            print(f"{name} is left as it is: {missing}")


if __name__ == "__main__":
    main()
