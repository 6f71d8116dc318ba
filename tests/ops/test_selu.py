import torch
from torch.nn import functional as F

from tests.ops.harness import check, form, make, tensors


def test_selu_is_pytorchs():
    for shape in ((3, 4, 5), (7,)):
        (x,) = tensors(shape)
        torch.testing.assert_close(check(make("selu"), shape), F.selu(x))


def test_form_and_label():
    assert form(make("selu"), (7,)).module == "nn.SELU"
    assert make("selu").label() == "SELU"
