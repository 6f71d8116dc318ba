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
