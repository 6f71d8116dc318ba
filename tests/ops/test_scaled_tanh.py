import pytest
import torch

from tests.ops.harness import check, form, make, module


@pytest.mark.parametrize("shape", [(3, 4, 5), (7,)])
def test_scaled_tanh_keeps_every_shape(shape):
    check(make("scaled_tanh"), shape)


def test_lecuns_takes_one_to_one():
    built = module(make("scaled_tanh"), (3,))
    x = torch.tensor([-1.0, 0.0, 1.0])
    torch.testing.assert_close(built(x), x, atol=1e-4, rtol=0)


def test_form_and_label():
    said = form(make("scaled_tanh", 2.0, 0.5), (7,))
    assert (said.module, said.args) == ("ScaledTanh", (2.0, 0.5))
    assert make("scaled_tanh").label() == "scaled tanh"
