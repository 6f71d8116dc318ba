import pytest
import torch

from tests.ops.harness import check, make, refused, tensors


@pytest.mark.parametrize("shape", [(6, 4, 5), (6,)])
def test_slice_takes_start_up_to_stop(shape):
    output = check(make("slice", 2, 5), shape)
    torch.testing.assert_close(output, tensors(shape)[0][:, 2:5])
    assert make("slice", 2, 5).channels_out(6) == 3


@pytest.mark.parametrize("bounds", [(2, 7), (3, 3), (4, 2), (6, 7), (9, 12)])
def test_e0308_channels_that_are_not_there(bounds):
    error = refused("E0308", make("slice", *bounds), (6, 4, 5))
    assert "6" in error.message


def test_label():
    assert make("slice", 0, 32).label() == "slice 0–32"
