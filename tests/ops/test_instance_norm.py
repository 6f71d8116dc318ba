import pytest
import torch

from tests.ops.harness import check, form, make, module, refused, tensors


@pytest.mark.parametrize(("affine", "eps"), [(False, 1e-5), (True, 1e-5), (True, 0.1)])
def test_instance_norm_is_each_map_less_its_mean_by_its_deviation(affine, eps):
    (x,) = tensors((3, 4, 5))
    found = check(make("instance_norm", affine, eps), (3, 4, 5))
    var, mean = torch.var_mean(x, (2, 3), correction=0, keepdim=True)
    torch.testing.assert_close(found, (x - mean) / (var + eps).sqrt())


def test_form_and_label():
    assert form(make("instance_norm"), (7, 2, 2)).keywords == ()
    assert form(make("instance_norm", True, 0.1), (7, 2, 2)).keywords == (
        ("eps", 0.1), ("affine", True),
    )  # fmt: skip
    assert make("instance_norm").label() == "IN"


@pytest.mark.parametrize("shape", [(3, 1, 2), (3, 2, 1), (3, 1, 1)])
def test_one_pixel_is_refused_where_pytorch_refuses_it(shape):
    op, fits = make("instance_norm"), shape != (3, 1, 1)
    if fits:
        check(op, shape)
        return
    refused("E0308", op, shape)
    with pytest.raises(ValueError, match="more than 1 spatial element"):
        module(op, shape)(torch.zeros(2, *shape))


def test_errors():
    refused("E0303", make("instance_norm"), (7,))
    assert refused("E0109", make("instance_norm", False, 64), (3, 4, 5)).argument == "eps"
