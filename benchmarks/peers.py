"""torchvision, where it is: also where its compiled operators do not load."""

import sys
from types import ModuleType
from typing import Any

import torch

OPERATORS = ("nms", "qnms")
_KEPT: list[Any] = []  # definitions last as long as the object that made them


def torchvision_models() -> ModuleType | None:
    """Import torchvision.models; None where torchvision is not installed or does not load.

    A torchvision without its library raises for the operators that nothing here uses: they are
    defined then, and only then. Where its own library loads, defining them first would abort the
    process.
    """
    try:
        import torchvision.models as found
    except ImportError:
        return None
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            return None
        return _with_stand_ins()
    return found


def _with_stand_ins() -> ModuleType | None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    _KEPT.append(library)
    for name in OPERATORS:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    try:
        import torchvision.models as found
    except (ImportError, RuntimeError):
        return None
    return found
