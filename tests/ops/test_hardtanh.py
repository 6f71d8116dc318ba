import pytest
import torch

from tests.ops.harness import check, form, make, refused, tensors


@pytest.mark.parametrize(("low", "high"), [(-1, 1), (0, 6), (-0.5, -0.25)])
def test_hardtanh_is_a_clamp(low, high):
    (x,) = tensors((3, 4, 5))
    found = check(make("hardtanh", low, high), (3, 4, 5))
    torch.testing.assert_close(found, x.clamp(low, high))


def test_form_label_and_range():
    assert form(make("hardtanh"), (7,)).args == ()
    assert form(make("hardtanh", 0, 6), (7,)).function == "F.hardtanh({x}, 0.0, 6.0)"
    assert make("hardtanh").label() == "hard tanh"
    for low, high in ((1, 1), (2, -2)):
        assert refused("E0109", make("hardtanh", low, high), (7,)).argument == "low"
