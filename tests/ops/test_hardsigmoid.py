import torch
from torch.nn import functional as F

from tests.ops.harness import check, form, make, tensors


def test_hardsigmoid_is_pytorchs():
    for shape in ((3, 4, 5), (7,)):
        (x,) = tensors(shape)
        torch.testing.assert_close(check(make("hardsigmoid"), shape), F.hardsigmoid(x))


def test_form_and_label():
    assert form(make("hardsigmoid"), (7,)).module == "nn.Hardsigmoid"
    assert make("hardsigmoid").label() == "hard sigmoid"
