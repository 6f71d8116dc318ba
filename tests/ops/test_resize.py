import pytest
import torch
from torch.nn import functional as F

from cnnspec.values import BESIDE, Dims
from tests.ops.harness import check, form, make, refused, tensors


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (4, 5), (7, 13)])
@pytest.mark.parametrize("words", [("nearest",), ("bilinear",), ("bilinear", True)])
def test_resize_is_pytorchs(size, words):
    (x,) = tensors((3, 4, 5))
    found = check(make("resize", Dims(size), *words), (3, 4, 5))
    corners = True if len(words) == 2 else None
    wanted = F.interpolate(x, size, mode=words[0], align_corners=corners)
    torch.testing.assert_close(found, wanted)


def test_form_and_errors():
    op = make("resize", Dims((7, 8)), "bilinear", True)
    assert form(op, (3, 4, 5)).function == (
        'F.interpolate({x}, size=(7, 8), mode="bilinear", align_corners=True)'
    )
    assert op.label() == "resize 7×8"
    assert refused("E0109", make("resize", 7, "cubic"), (3, 4, 5)).argument == "mode"
    error = refused("E0109", make("resize", 7, "nearest", True), (3, 4, 5))
    assert error.argument == "align_corners"
    refused("E0303", make("resize", 7), (3,))


@pytest.mark.parametrize("like", [(1, 1), (3, 2), (4, 5), (7, 13)])
@pytest.mark.parametrize("words", [{}, {"mode": "bilinear"}])
def test_to_is_as_large_as_a_second_map(like, words):
    op, plain = make("resize", to=BESIDE, **words), make("resize", Dims(like), **words)
    torch.testing.assert_close(check(op, (3, 4, 5), (2, *like)), check(plain, (3, 4, 5)))
    assert op.seen((3, 4, 5), (2, *like)) == plain.seen((3, 4, 5))
    assert op.label() == "resize"


def test_errors_of_to():
    assert refused("E0303", make("resize", to=BESIDE), (3, 4, 5), (3,)).argument == "to"
    refused("E0107", make("resize"), (3, 4, 5))
