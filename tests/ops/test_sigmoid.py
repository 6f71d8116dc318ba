import pytest

from tests.ops.harness import check, form, make


@pytest.mark.parametrize("shape", [(3, 4, 5), (7,)])
def test_sigmoid_is_pytorchs(shape):
    check(make("sigmoid"), shape)


def test_form_and_label():
    said = form(make("sigmoid"), (7,))
    assert (said.module, said.args, said.inplace) == ("nn.Sigmoid", (), False)
    assert make("sigmoid").label() == "sigmoid"


def test_l16_sigmoid_may_be_a_head():
    assert make("sigmoid").head
    assert not make("tanh").head
