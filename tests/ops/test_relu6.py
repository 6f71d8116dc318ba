import pytest

from tests.ops.harness import check, form, make


@pytest.mark.parametrize("shape", [(3, 4, 5), (7,)])
def test_relu6_is_pytorchs(shape):
    check(make("relu6"), shape)


def test_form_and_label():
    said = form(make("relu6"), (7,))
    assert (said.module, said.args, said.inplace) == ("nn.ReLU6", (), True)
    assert make("relu6").label() == "ReLU6"
