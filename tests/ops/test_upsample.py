import pytest

from tests.ops.harness import check, form, make, refused


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("scale", [1, 2, 3])
def test_upsample_is_pytorchs(scale, mode):
    check(make("upsample", scale, mode), (3, 4, 5))


def test_form_and_label():
    op = make("upsample", 2)
    said = form(op, (3, 4, 5))
    assert said.function == 'F.interpolate({x}, scale_factor=2.0, mode="nearest")'
    assert op.label() == "upsample ×2"


def test_errors():
    assert refused("E0109", make("upsample", 0), (3, 4, 5)).argument == "scale"
    assert refused("E0109", make("upsample", 2, "cubic"), (3, 4, 5)).argument == "mode"
    refused("E0303", make("upsample", 2), (3,))
