import pytest

from tests.ops.harness import check, form, make, refused


@pytest.mark.parametrize("shape", [(6, 4, 5), (6,)])
@pytest.mark.parametrize("keywords", [{}, {"eps": 0.001, "momentum": 0.01}, {"affine": False}])
def test_bn_is_pytorchs(shape, keywords):
    check(make("bn", **keywords), shape)


def test_s10_counts_2c_parameters_and_2c_plus_1_buffers():
    op = make("bn")
    assert op.params((64, 8, 8)) == {"weight": (64,), "bias": (64,)}
    buffers = op.buffers((64, 8, 8))
    assert buffers == {"running_mean": (64,), "running_var": (64,), "num_batches_tracked": ()}


def test_a_vector_gets_the_module_for_vectors():
    assert form(make("bn"), (6,)).module == "nn.BatchNorm1d"
    assert form(make("bn"), (6, 4, 4)).module == "nn.BatchNorm2d"
    assert form(make("bn", eps=0.001), (6, 4, 4)).keywords == (("eps", 0.001),)


def test_e0109():
    assert refused("E0109", make("bn", eps=0), (6, 4, 4)).argument == "eps"
    assert refused("E0109", make("bn", momentum=1.5), (6, 4, 4)).argument == "momentum"


def test_label():
    assert make("bn").label() == "BN"
