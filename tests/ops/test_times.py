import pytest
import torch

from tests.ops.harness import check, form, make, tensors


@pytest.mark.parametrize("factor", [0.17, -2, 0, 1e-9])
def test_times_is_a_product_with_a_number(factor):
    (x,) = tensors((3, 4, 5))
    torch.testing.assert_close(check(make("times", factor), (3, 4, 5)), x * factor)


def test_form_and_label():
    said = form(make("times", 2), (7,))
    assert (said.function, said.args) == ("torch.mul({x}, 2.0)", (2.0,))
    assert make("times", 0.17).label() == "× 0.17"
