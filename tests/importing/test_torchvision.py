"""Nets that nobody here wrote: torchvision's, read, proved, and as short as a person's."""

import pytest

from cnnspec.importing.torch.source import import_module

LINES = {"alexnet": 21, "resnet18": 22, "squeezenet1_1": 26, "shufflenet_v2_x0_5": 38}
"""Net -> the most lines, without `##`, claims and empty ones."""


def lines(text: str) -> int:
    rows = (row.strip() for row in text.splitlines())
    return sum(bool(row) and not row.startswith(("##", "claim")) for row in rows)


@pytest.mark.parametrize("name", LINES)
def test_i6_a_net_is_read_exactly_and_short(name, torchvision_models):
    model = torchvision_models.get_model(name)
    found = import_module(model, (3, 224, 224), name)
    assert found.difference == 0 and not found.flat
    assert lines(found.text) <= LINES[name]
    assert "import" not in found.text.replace("imported from PyTorch", "")
