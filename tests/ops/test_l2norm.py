import pytest
import torch

from tests.ops.harness import check, form, make, tensors


@pytest.mark.parametrize("shape", [(3, 4, 5), (7,)])
def test_l2norm_makes_vectors_of_length_1(shape):
    (x,) = tensors(shape)
    found = check(make("l2norm"), shape)
    torch.testing.assert_close(found.square().sum(1), torch.ones(2, *shape[1:]))
    torch.testing.assert_close(found * x.norm(dim=1, keepdim=True), x)


def test_form_and_label():
    assert form(make("l2norm"), (7,)).function == "F.normalize({x}, dim=1)"
    assert make("l2norm").label() == "L2 norm"
