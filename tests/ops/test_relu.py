import pytest

from tests.ops.harness import check, form, make


@pytest.mark.parametrize("shape", [(3, 4, 5), (7,)])
def test_relu_is_pytorchs(shape):
    check(make("relu"), shape)


def test_form_and_label():
    said = form(make("relu"), (7,))
    assert (said.module, said.args, said.inplace) == ("nn.ReLU", (), True)
    assert make("relu").label() == "ReLU"
