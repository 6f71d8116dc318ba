import pytest

from tests.ops.harness import check, form, make


@pytest.mark.parametrize("shape", [(3, 4, 5), (7,)])
def test_hardswish_is_pytorchs(shape):
    check(make("hardswish"), shape)


def test_form_and_label():
    said = form(make("hardswish"), (7,))
    assert (said.module, said.args, said.inplace) == ("nn.Hardswish", (), False)
    assert make("hardswish").label() == "hard swish"
