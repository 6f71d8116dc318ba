"""Nets that nobody here wrote: torchvision's, read, proved, and as short as a person's.

All 74 are tried by `python -m benchmarks.importing`; here stand those that the contract names.
"""

from collections.abc import Iterator

import pytest

from benchmarks.importing.outcome import lines
from benchmarks.importing.texts import uninitialised
from cnnspec.importing.options import Options
from cnnspec.importing.torch.source import import_module
from cnnspec.source import Source
from cnnspec.syntax import tree as t
from cnnspec.syntax.parser import parse

LINES = {
    "alexnet": 21, "resnet18": 22, "resnet50": 24, "vgg11_bn": 18, "squeezenet1_1": 26,
    "densenet121": 31, "mobilenet_v2": 36, "shufflenet_v2_x1_0": 38, "mnasnet1_0": 38,
    "googlenet": 48, "efficientnet_b0": 50, "inception_v3": 88, "regnet_y_400mf": 50,
}  # fmt: skip
"""Net -> the most lines that the contract allows (I6)."""
RUN = ("resnet18", "squeezenet1_1", "shufflenet_v2_x1_0", "mobilenet_v2")
"""Nets whose module runs beside the model here; the layers and weights of all are compared."""


def imported(models, name: str, **options: object):
    return import_module(*uninitialised(models, name), name, Options(**options))


@pytest.mark.parametrize("name", LINES)
def test_i6_a_net_is_read_exactly_and_as_short_as_a_person_would(name, torchvision_models):
    found = imported(torchvision_models, name, verify=name in RUN)
    assert not found.flat and found.tried == ()
    assert found.difference == (0 if name in RUN else None)
    assert lines(found.text) <= LINES[name]
    assert tidy(found.text) == []


def tidy(text: str) -> list[str]:
    """What the contract does not want to see in a text."""
    file = parse(Source("net.cnn", text))
    wrong = [word for word in ("variant", "if false", "if true") if word in text]
    for block in file.declarations:
        if isinstance(block, t.Block):
            said = names(block.body)
            wrong += [f"{block.name} {p.name}" for p in block.params if p.name not in said]
    return wrong


def names(node: t.Node) -> set[str]:
    def walk(node: t.Node) -> Iterator[str]:
        if isinstance(node, t.Name):
            yield node.name
        for child in node.children():
            yield from walk(child)

    return set(walk(node))


def test_untidy_is_found():
    text = "block b(c, variant) { conv c, 1x1 }\nnet n { input 3x8x8\n b 4, true }\n"
    assert tidy(text) == ["variant", "b variant"]


def test_keys_that_are_no_names_stand_in_quotes(torchvision_models):
    found = imported(torchvision_models, "regnet_x_400mf", verify=False)
    assert '"block1-0": res_bottleneck_block' in found.text
    assert not found.notes


def test_flat_is_longer_and_as_exact(torchvision_models):
    found = imported(torchvision_models, "resnet18", flat=True)
    assert found.flat and found.difference == 0
    assert "for " not in found.text and "repeat" not in found.text
