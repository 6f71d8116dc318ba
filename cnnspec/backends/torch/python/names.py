"""Names in generated code: classes, parameters, locals, and the variables of `forward`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence

from cnnspec.syntax.words import MODULE_ATTRIBUTES

SPELLINGS = {
    "vgg": "VGG", "googlenet": "GoogLeNet", "mobilenet": "MobileNet", "se": "SE", "nin": "NiN",
    "convnext": "ConvNeXt", "shufflenet": "ShuffleNet", "squeezenet": "SqueezeNet",
    "zfnet": "ZFNet", "resnext": "ResNeXt", "unet": "UNet", "efficientnet": "EfficientNet",
    "repvgg": "RepVGG", "hrnet": "HRNet", "mnasnet": "MNASNet", "darknet": "Darknet",
}  # fmt: skip
"""How the literature spells what CamelCase would not."""

IMPORTED = {
    "torch", "nn", "F", "Tensor", "NamedTuple", "OrderedDict", "Final", "INPUT_SIZE", "RECIPE",
    "center_crop", "make_divisible",
}  # fmt: skip
"""What a generated file imports or defines under a fixed name."""

BUILTINS = {
    "super", "range", "enumerate", "min", "max", "getattr", "hasattr", "tuple", "list", "dict",
    "int", "float", "bool", "isinstance", "len", "object", "sum", "zip",
}  # fmt: skip
"""Builtins that generated code uses."""

ARRIVES = ("in_channels", "in_height", "in_width")
"""Parameters for the shape that arrives: first, and only those that the class reads."""

RESERVED = {
    *IMPORTED, *BUILTINS, "self", "x", "y", "module", "logits", *ARRIVES,
}  # fmt: skip
"""Names that mean something in a generated function."""


def safe(name: str) -> str:
    """The spec's name for a parameter or local; one that means something else gets `_` behind."""
    taken = name in RESERVED or name in MODULE_ATTRIBUTES or keyword.iskeyword(name)
    return f"{name}_" if taken or re.fullmatch(r"[yzw]\d*", name) else name


def argument(name: str) -> str:
    """The spec's name of an input for `forward`, whose own variables give way to `x` and `y`."""
    return name if re.fullmatch(r"[w-z]\d*", name) else safe(name)


def identifier(label: str) -> str:
    """A label as a part of a Python name: `block1-0` is block1_0."""
    return re.sub(r"\W", "_", label)


def variable(path: Sequence[str]) -> str:
    """The variable of a tapped value: its path in one word, `layer1_0`."""
    word = safe(identifier("_".join(path)))
    return word if word.isidentifier() else f"child{word}"


def class_name(name: str) -> str:
    """CamelCase as the field writes it: `cifar_resnet` is CifarResNet, `lenet5` LeNet5."""
    return "".join(_word(w) for w in name.split("_") if w)


def _word(word: str) -> str:
    stem = word.rstrip("0123456789")
    digits = word[len(stem) :]
    if stem in SPELLINGS:
        return SPELLINGS[stem] + digits
    if stem.endswith("net") and len(stem) > 3:
        return stem[:-3].capitalize() + "Net" + digits
    return stem[:1].upper() + stem[1:] + digits


class ClassNames:
    """Gives each class a name that nothing else in the file has."""

    def __init__(self) -> None:
        self.taken: set[str] = {*IMPORTED, *BUILTINS}

    def take(self, name: str) -> str:
        """The name, with `Block` behind if another class has it."""
        while name in self.taken or keyword.iskeyword(name):
            name += "Block"
        self.taken.add(name)
        return name
