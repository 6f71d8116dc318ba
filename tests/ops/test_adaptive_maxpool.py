import pytest
import torch

from cnnspec.values import Dims
from tests.ops.harness import check, form, make, refused, tensors


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (3, 4), (4, 3), (7, 8)])
def test_adaptive_maxpool_is_the_largest_of_each_part(size):
    (x,) = tensors((3, 4, 5))
    found = check(make("adaptive_maxpool", Dims(size)), (3, 4, 5))
    for i in range(size[0]):
        for j in range(size[1]):
            rows = x[:, :, i * 4 // size[0] : -(-(i + 1) * 4 // size[0])]
            part = rows[:, :, :, j * 5 // size[1] : -(-(j + 1) * 5 // size[1])]
            torch.testing.assert_close(found[:, :, i, j], part.amax((2, 3)))


def test_form_and_label():
    assert form(make("adaptive_maxpool", 7), (3, 4, 5)).args == (7,)
    assert make("adaptive_maxpool", Dims((7, 6))).label() == "7×6 adaptive max pool"
    refused("E0303", make("adaptive_maxpool", 7), (3,))
