from cnnspec.values import Size
from tests.ops.harness import check, form, make


def test_flatten_is_pytorchs():
    op = make("flatten")
    check(op, (16, 5, 5))
    check(op, (7,))
    assert op.shape((16, 5, 5)) == (400,)
    assert form(op, (16, 5, 5)).function == "torch.flatten({x}, 1)"
    assert op.channels_out("c") is None
    assert op.label() == "flatten"


def test_l24_the_features_remember_a_symbolic_height():
    (features,) = make("flatten").shape((16, Size(5, "H"), 5))
    assert features == 400
    assert isinstance(features, Size)
