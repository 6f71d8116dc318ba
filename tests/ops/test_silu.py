import pytest

from tests.ops.harness import check, form, make


@pytest.mark.parametrize("shape", [(3, 4, 5), (7,)])
def test_silu_is_pytorchs(shape):
    check(make("silu"), shape)


def test_form_and_label():
    said = form(make("silu"), (7,))
    assert (said.module, said.args, said.inplace) == ("nn.SiLU", (), False)
    assert make("silu").label() == "SiLU"
