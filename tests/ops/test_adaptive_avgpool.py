import pytest

from cnnspec.values import Dims
from tests.ops.harness import check, make, refused


@pytest.mark.parametrize("size", [7, 1, Dims((2, 3))])
def test_adaptive_avgpool_is_pytorchs(size):
    check(make("adaptive_avgpool", size), (3, 8, 9))


def test_shape_and_label():
    op = make("adaptive_avgpool", Dims((7, 7)))
    assert op.shape((512, 13, 13)) == (512, 7, 7)
    assert op.label() == "7×7 adaptive avg pool"
    refused("E0303", op, (400,))
