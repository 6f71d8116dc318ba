import pytest
import torch

from cnnspec.values import Record
from tests.backends.harness import load, text_of
from tests.ops.harness import check, form, make, module, tensors


@pytest.mark.parametrize("shape", [(3, 4, 5), (7,), (1, 4, 5)])
@pytest.mark.parametrize("shared", [False, True])
def test_prelu_is_pytorchs(shape, shared):
    op = make("prelu", shared)
    (x,) = tensors(shape)
    torch.testing.assert_close(check(op, shape), torch.where(x < 0, 0.25 * x, x))
    assert op.params(shape) == {"weight": (1,) if shared else shape[:1]}


def test_each_channel_has_a_slope_of_its_own():
    built = module(make("prelu"), (3, 4, 5))
    built.weight.data.copy_(torch.tensor([0.0, 1.0, 2.0]))
    x = -torch.ones(1, 3, 1, 1)
    assert built(x).flatten().tolist() == [0, -1, -2]


def test_form_label_and_how_it_begins():
    assert form(make("prelu"), (7,)).args == (7,)
    assert form(make("prelu", True), (7,)).args == ()
    assert make("prelu").label() == "PReLU"
    assert make("prelu").initial("weight", (7,)) == Record("constant", keywords=(("value", 0.25),))


def test_g1_o_net_of_mtcnn_has_544_slopes():
    """Zhang et al. 2016; 389,040 is what facenet-pytorch's O-Net has."""
    text = """net onet {
      input 3x48x48
      conv 32, 3x3 -> prelu -> maxpool 3x3/2, ceil=true
      conv 64, 3x3 -> prelu -> maxpool 3x3/2, ceil=true
      conv 64, 3x3 -> prelu -> maxpool 2x2/2, ceil=true
      conv 128, 2x2 -> prelu -> flatten -> linear 256 -> prelu
      output boxes: linear 4
      output faces: linear 2
      output marks: linear 10
    }"""
    net = load(text_of(text)).onet()
    assert sum(p.numel() for n, p in net.named_parameters() if "prelu" in n) == 544
    assert sum(p.numel() for p in net.parameters()) == 389_040


@pytest.mark.parametrize("line", ["conv 1, 1x1 -> prelu", "conv 1, 1x1 -> prelu shared=true"])
def test_one_slope_for_one_channel_is_proved(line):
    text = f"block unit(c) {{ conv c, 3x3 -> prelu }}\nnet n {{ input 3x9x9; {line}; unit 1 }}"
    assert "nn.PReLU(" in text_of(text)
