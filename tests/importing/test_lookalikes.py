"""Nets as timm writes them: PyTorch's classes with a forward of their own, read as the layers."""

import pytest
import torch

from cnnspec.importing.errors import Refused
from cnnspec.importing.options import Options
from cnnspec.importing.torch.source import import_module
from tests.importing import lookalikes

SIZE = (3, 32, 32)


@pytest.mark.parametrize("name", lookalikes.NETS)
def test_it_is_read_exactly(name):
    model, said = lookalikes.NETS[name]
    found = import_module(model, SIZE, "whole", Options())
    assert found.difference == 0 and not found.flat
    assert said in found.text
    assert len(found.notes) == (name in lookalikes.OTHER_ORDER)


def test_a_weight_that_is_computed_first_is_refused():
    """timm's ScaledStdConv2d normalises its kernel at every call: no conv of the language does."""

    class Standardised(torch.nn.Conv2d):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
            return torch.nn.functional.conv2d(x, weight, self.bias)

    with pytest.raises(Refused, match="tensors of its own"):
        import_module(lookalikes.Whole(Standardised(16, 16, 1)), SIZE, "whole")


def test_a_padding_that_is_not_tensorflow_s_is_said_in_numbers():
    class Padded(torch.nn.Conv2d):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = torch.nn.functional.pad(x, (2, 0, 2, 0))
            return torch.nn.functional.conv2d(x, self.weight, self.bias)

    found = import_module(lookalikes.Whole(Padded(16, 16, 3)), SIZE, "whole")
    assert "pad=[2, 0, 2, 0]" in found.text and found.difference == 0
