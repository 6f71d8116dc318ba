import pytest
import torch

from cnnspec.values import BESIDE, Dims
from tests.ops.harness import check, form, make, refused, tensors


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (4, 5), (2, 4)])
def test_crop_is_the_middle_less_the_smaller_half_of_an_odd_difference(size):
    (x,) = tensors((3, 4, 5))
    found = check(make("crop", Dims(size)), (3, 4, 5))
    top, left = (4 - size[0]) // 2, (5 - size[1]) // 2
    wanted = x[:, :, top : top + size[0], left : left + size[1]]
    torch.testing.assert_close(found, wanted)


def test_g1_568_to_392_cuts_88_on_each_side():
    x = torch.arange(568.0).expand(1, 1, 568, 568)
    op = make("crop", 392)
    assert op.shape((1, 568, 568)) == (1, 392, 392)
    assert op.seen((1, 568, 568)).axes[1].first.shift == 88
    assert x[..., 88:480].shape[-1] == 392


def test_form_and_errors():
    assert form(make("crop", 4), (3, 4, 5)).args == (4,)
    assert make("crop", Dims((4, 5))).label() == "crop 4×5"
    assert refused("E0308", make("crop", 5), (3, 4, 5)).argument == "size"
    assert refused("E0308", make("crop", 5), (3, 5, 4)).argument == "size"
    refused("E0303", make("crop", 4), (3,))


@pytest.mark.parametrize("like", [(1, 1), (3, 2), (4, 5), (2, 4)])
def test_to_is_as_large_as_a_second_map_and_takes_no_value_of_it(like):
    op = make("crop", to=BESIDE)
    found = check(op, (3, 4, 5), (2, *like))
    torch.testing.assert_close(found, check(make("crop", Dims(like)), (3, 4, 5)))
    assert op.seen((3, 4, 5), (2, *like)) == make("crop", Dims(like)).seen((3, 4, 5))
    assert (op.carries, op.label(), op.sized()) == (1, "crop", False)


def test_errors_of_to():
    assert refused("E0308", make("crop", to=BESIDE), (3, 4, 5), (3, 5, 5)).argument == "to"
    assert refused("E0303", make("crop", to=BESIDE), (3, 4, 5), (3,)).argument == "to"
    assert refused("E0106", make("crop", 4, BESIDE), (3, 4, 5), (3, 4, 4)).argument == "to"
    refused("E0107", make("crop"), (3, 4, 5))
