import torch
from torch.nn import functional as F

from tests.ops.harness import check, form, make, tensors


def test_softplus_is_pytorchs():
    for shape in ((3, 4, 5), (7,)):
        (x,) = tensors(shape)
        torch.testing.assert_close(check(make("softplus"), shape), F.softplus(x))


def test_form_and_label():
    assert form(make("softplus"), (7,)).module == "nn.Softplus"
    assert make("softplus").label() == "softplus"
