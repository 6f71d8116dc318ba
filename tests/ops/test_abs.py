import torch

from tests.ops.harness import check, form, make, tensors


def test_abs_is_pytorchs():
    for shape in ((3, 4, 5), (7,)):
        (x,) = tensors(shape)
        torch.testing.assert_close(check(make("abs"), shape), torch.where(x < 0, -x, x))


def test_form_and_label():
    assert form(make("abs"), (7,)).function == "torch.abs({x})"
    assert make("abs").label() == "abs"
