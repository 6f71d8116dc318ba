import pytest
import torch

from tests.ops.harness import check, form, function, make


@pytest.mark.parametrize("window", ["2x2/2", "3x3", "5x5/3", "1x1/2"])
@pytest.mark.parametrize("keywords", [{}, {"ceil": True}, {"count_include_pad": False}])
def test_avgpool_is_pytorchs(window, keywords):
    check(make("avgpool", window, **keywords), (3, 7, 8))


def test_count_include_pad_decides_the_mean_at_the_edge():
    ones = torch.ones(1, 1, 3, 3)
    assert function(make("avgpool", "3x3", 1), ones).min() < 1
    assert function(make("avgpool", "3x3", 1, count_include_pad=False), ones).min() == 1


def test_emits_what_the_examples_show():
    said = form(make("avgpool", "7x7"), (1024, 7, 7))
    assert said.function == "F.avg_pool2d({x}, 7, stride=1)"
    said = form(make("avgpool", "1x1/2"), (3, 8, 8))
    assert (said.module, said.args, said.keywords) == ("nn.AvgPool2d", (1,), (("stride", 2),))


def test_label():
    op = make("avgpool", "5x5/3")
    assert (op.label(), op.stride_label()) == ("5×5 avg pool", "/3")
