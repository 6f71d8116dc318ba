"""L17 in L15: auxiliary outputs that share layers of the net, each with a value of its own."""

import pytest

from cnnspec.backends.torch import emit
from tests.fuzz.nets import compare, elaborate

NETS = {
    "aux f: from b -> lrn 3 -> share c\naux g: from b -> hardsigmoid -> share c": "f = self.c(y)",
    "aux f: from b -> lrn 3 -> share c -> relu\naux g: from b -> hardsigmoid -> share c\n"
    "aux h: from c -> tanh -> share c -> share c": "g = self.c(y)",
    "aux f: from b -> lrn 3 -> share c": "return ItOutputs(logits, self.c(y))",
}


@pytest.mark.parametrize("outputs", NETS)
def test_a_later_output_leaves_an_earlier_one_as_it_is(outputs: str):
    text = f"net it {{\ninput 4x16x16\nb: relu\nmaxpool 2x2/2\nc: {{ conv 4, 3x3 }}\n{outputs}\n"
    net = elaborate(text + "relu\n}\n")
    assert NETS[outputs] in emit(net)
    compare(net, (4, 16, 16))


AGAIN = {
    "a: conv 4, 3x3, pad=[0, 0, 1, 0]\nrelu\nshare a": "self.a(F.pad(x, (1, 0, 0, 0)))",
    "a: conv 4, 3x3, pad=[0, 0, 1, 0]\noutput o: from a -> tanh -> share a": "F.pad(y, (1,",
}


@pytest.mark.parametrize("statements", AGAIN)
def test_l17_unequal_padding_stands_before_each_use(statements: str):
    net = elaborate(f"net it {{\ninput 4x16x16\n{statements}\nrelu\n}}\n")
    assert AGAIN[statements] in emit(net)
    compare(net, (4, 16, 16))


def test_l16_a_sigmoid_that_is_shared_is_a_layer_and_no_head():
    text = "h: sigmoid\naux j: from h -> prelu -> share h\nconv 4, 1x1"
    net = elaborate(f"net it {{\ninput 4x8x8\n{text}\n}}\n")
    assert net.net.branches[0].head is None and "self.h(y)" in emit(net)
    compare(net, (4, 8, 8))
