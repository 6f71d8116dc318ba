import torch

from tests.ops.harness import check, form, make, refused, tensors


def test_global_maxpool_is_the_largest_of_each_map():
    (x,) = tensors((3, 4, 5))
    found = check(make("global_maxpool"), (3, 4, 5))
    torch.testing.assert_close(found[..., 0, 0], x.amax((2, 3)))


def test_form_and_label():
    assert form(make("global_maxpool"), (3, 4, 5)).function == "F.adaptive_max_pool2d({x}, 1)"
    assert make("global_maxpool").label() == "global max pool"
    assert make("global_maxpool").canonical() == make("adaptive_maxpool", 1)
    refused("E0303", make("global_maxpool"), (3,))
