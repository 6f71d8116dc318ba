import pytest

from tests.ops.harness import check, form, make, refused


@pytest.mark.parametrize("keywords", [{}, {"approximate": "tanh"}])
def test_gelu_is_pytorchs(keywords):
    check(make("gelu", **keywords), (3, 4, 5))


def test_form_label_and_range():
    assert form(make("gelu"), (7,)).function == "F.gelu({x})"
    assert form(make("gelu", "tanh"), (7,)).function == 'F.gelu({x}, approximate="tanh")'
    assert make("gelu").label() == "GELU"
    assert refused("E0109", make("gelu", "sigmoid"), (7,)).argument == "approximate"
