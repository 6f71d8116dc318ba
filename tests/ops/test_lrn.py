import pytest

from tests.ops.harness import check, form, make, refused


@pytest.mark.parametrize("keywords", [{}, {"k": 2}, {"alpha": 0.1, "beta": 0.5}])
@pytest.mark.parametrize("size", [1, 4, 5])
def test_lrn_is_pytorchs(size, keywords):
    check(make("lrn", size, **keywords), (7, 3, 4))


def test_l20_only_what_differs_from_pytorch_is_written():
    assert form(make("lrn", 5), (64, 8, 8)).function == "F.local_response_norm({x}, 5)"
    op = make("lrn", size=5, alpha=1e-4, beta=0.75, k=2)
    assert form(op, (64, 8, 8)).function == "F.local_response_norm({x}, 5, k=2.0)"


def test_errors_and_label():
    assert refused("E0109", make("lrn", 0), (6, 4, 4)).argument == "size"
    refused("E0303", make("lrn", 5), (6,))
    assert make("lrn", 5).label() == "LRN"
