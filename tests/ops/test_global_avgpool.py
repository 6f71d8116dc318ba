import torch

from cnnspec.ops.op import Reach
from tests.ops.harness import check, form, make, refused, tensors


def test_global_avgpool_is_the_mean():
    op = make("global_avgpool")
    output = check(op, (3, 5, 7))
    torch.testing.assert_close(output.flatten(1), tensors((3, 5, 7))[0].mean((2, 3)))
    assert form(op, (3, 5, 7)).function == "F.adaptive_avg_pool2d({x}, 1)"
    assert op.reach() == Reach(None)
    assert op.label() == "global avg pool"


def test_e0303_on_a_vector():
    refused("E0303", make("global_avgpool"), (400,))
