import torch
from torch.nn import functional as F

from tests.ops.harness import check, form, make, tensors


def test_mish_is_pytorchs():
    for shape in ((3, 4, 5), (7,)):
        (x,) = tensors(shape)
        torch.testing.assert_close(check(make("mish"), shape), F.mish(x))


def test_form_and_label():
    assert form(make("mish"), (7,)).module == "nn.Mish"
    assert make("mish").label() == "Mish"
