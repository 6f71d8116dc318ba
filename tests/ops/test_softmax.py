import pytest
import torch

from tests.ops.harness import check, form, make


@pytest.mark.parametrize("shape", [(3, 4, 5), (7,)])
def test_softmax_is_over_the_channels(shape):
    output = check(make("softmax"), shape)
    torch.testing.assert_close(output.sum(1), torch.ones(2, *shape[1:]))


def test_l16_softmax_may_be_a_head():
    assert make("softmax").head
    assert form(make("softmax"), (7,)).function == "F.softmax({x}, dim=1)"
    assert make("softmax").label() == "softmax"
