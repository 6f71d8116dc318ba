import pytest
import torch

from tests.backends.harness import load, text_of
from tests.ops.harness import check, make, refused, tensors


@pytest.mark.parametrize("arms", [2, 3])
def test_max_is_the_largest_of_the_arms(arms):
    shapes = [(3, 4, 5)] * arms
    found = check(make("max"), *shapes)
    torch.testing.assert_close(found, torch.stack(tensors(*shapes)).amax(0))


def test_e0310_nothing_is_broadcast():
    refused("E0310", make("max"), (3, 4, 5), (3, 1, 1))


def test_g1_the_word_is_a_fork_with_a_body_and_a_function_in_a_value():
    text = """
      block maxout(c, k = 2) { max { repeat k { conv max(c, 2), 1x1 } } }
      net n { input 3x8x8; maxout 4; maxout 1, k=3 -> flatten -> linear max(2, 3) }
    """
    net = load(text_of(text)).n()
    x = torch.randn(2, 3, 8, 8)
    unit = net.maxout1
    wanted = torch.maximum(unit.conv1(x), unit.conv2(x))
    torch.testing.assert_close(unit(x), wanted)
    assert net(x).shape == (2, 3)


def test_an_arm_that_may_be_missing_is_joined_under_its_condition():
    text = """
      block unit(c, more) { max { conv c, 1x1; skip; if more > 1 { conv c, 3x3, pad=1 } } }
      net n { input 4x8x8; unit 4, 1; unit 4, 2 }
    """
    said = text_of(text)
    assert said.count("class Unit") == 1
    net, x = load(said).n(), torch.randn(2, 4, 8, 8)
    y = torch.maximum(net.unit1.conv1(x), x)
    second = net.unit2
    wanted = torch.stack([second.conv1(y), y, second.conv2(y)]).amax(0)
    torch.testing.assert_close(net(x), wanted)
