import pytest
import torch
from torch.nn import functional as F

from tests.ops.harness import check, form, make, refused, tensors


@pytest.mark.parametrize("args", [(), (0.5,), (2,), (0,)])
def test_elu_is_pytorchs(args):
    (x,) = tensors((3, 4, 5))
    torch.testing.assert_close(check(make("elu", *args), (3, 4, 5)), F.elu(x, *args))


def test_form_label_and_range():
    assert form(make("elu"), (7,)).args == ()
    assert form(make("elu", 2), (7,)).function == "F.elu({x}, 2.0)"
    assert make("elu").label() == "ELU"
    assert refused("E0109", make("elu", -1.0), (7,)).argument == "alpha"
