import pytest

from tests.ops.harness import check, form, make


@pytest.mark.parametrize("shape", [(3, 4, 5), (7,)])
def test_tanh_is_pytorchs(shape):
    check(make("tanh"), shape)


def test_form_and_label():
    said = form(make("tanh"), (7,))
    assert (said.module, said.args, said.inplace) == ("nn.Tanh", (), False)
    assert make("tanh").label() == "tanh"
