import pytest

from tests.ops.harness import check, form, make, refused


@pytest.mark.parametrize("shapes", [[(3, 4, 5), (2, 4, 5), (1, 4, 5)], [(3,), (4,)]])
def test_concat_is_pytorchs(shapes):
    check(make("concat"), *shapes)


def test_form_and_channels():
    said = form(make("concat"), (3, 4, 5), (2, 4, 5), (1, 4, 5))
    assert said.function == "torch.cat([{0}, {1}, {2}], dim=1)"
    assert make("concat").channels_out(3, 2, 1) == 6
    assert make("concat").join


@pytest.mark.parametrize("other", [(3, 4, 1), (3, 2, 5), (3,)])
def test_e0311_heights_and_widths_are_equal(other):
    refused("E0311", make("concat"), (3, 4, 5), other)
