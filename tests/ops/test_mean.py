import pytest
import torch

from tests.backends.harness import load, text_of
from tests.ops.harness import check, make, refused, tensors


@pytest.mark.parametrize("arms", [2, 3])
def test_mean_is_that_of_the_arms(arms):
    shapes = [(3, 4, 5)] * arms
    found = check(make("mean"), *shapes)
    torch.testing.assert_close(found, torch.stack(tensors(*shapes)).mean(0))


def test_e0310_nothing_is_broadcast():
    refused("E0310", make("mean"), (3, 4, 5), (1, 4, 5))
    refused("E0310", make("mean"), (7,), (8,))


def test_it_is_proved_in_generated_code_and_tells_the_number_of_arms():
    body = "mean { conv 3, 1x1; { conv 3, 3x3, pad=1 -> relu }; skip } -> relu"
    text = text_of(f"net n {{ input 3x8x8; {body} }}")
    assert ") / 3" in text
    net, x = load(text).n(), torch.randn(2, 3, 8, 8)
    arms = net.conv1(x), net.conv2(x).relu(), x
    torch.testing.assert_close(net(x), torch.stack(arms).mean(0).relu())
