import pytest

from tests.ops.harness import check, form, make, refused


@pytest.mark.parametrize("args", [(), (0.2,), (0,)])
def test_leaky_relu_is_pytorchs(args):
    check(make("leaky_relu", *args), (3, 4, 5))


def test_form_label_and_range():
    assert form(make("leaky_relu"), (7,)).args == ()
    assert form(make("leaky_relu", 0.2), (7,)).function == "F.leaky_relu({x}, 0.2)"
    assert make("leaky_relu").label() == "leaky ReLU"
    assert refused("E0109", make("leaky_relu", -1.0), (7,)).argument == "slope"
