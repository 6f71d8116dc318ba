import pytest
import torch

from tests.backends.harness import load, text_of
from tests.ops.harness import check, make, refused, tensors


def test_sub_is_the_first_arm_less_the_second():
    x, y = tensors((3, 4, 5), (3, 4, 5))
    torch.testing.assert_close(check(make("sub"), (3, 4, 5), (3, 4, 5)), x - y)


@pytest.mark.parametrize("shapes", [[(3, 4, 5)] * 3, [(3, 4, 5)]])
def test_it_has_two_arms(shapes):
    assert "two arms" in refused("E0308", make("sub"), *shapes).message


def test_e0310_nothing_is_broadcast():
    refused("E0310", make("sub"), (3, 4, 5), (3, 1, 1))


def test_g1_a_siamese_net():
    """Koch et al. 2015: |f(left) - f(right)|, then a weighted sum."""
    text = """net siamese {
      input left: 1x16x16
      input right: 1x16x16
      from left -> twin: { conv 8, 3x3 -> relu -> flatten -> linear 32 }
      sub { from twin; from right -> share twin } -> abs -> linear 1
    }"""
    net = load(text_of(text)).siamese().eval()
    x, y = torch.randn(2, 1, 16, 16), torch.randn(2, 1, 16, 16)
    same = net(x, x)
    torch.testing.assert_close(same, net(y, y))
    torch.testing.assert_close(net(x, y), net(y, x))
    assert not torch.allclose(net(x, y), same)
