from itertools import product

import pytest

from cnnspec.ops.reach import window_reach
from cnnspec.values import SAME, Size
from tests.ops.harness import accepted, accepted_by_torch, check, form, make, refused

GRID = list(product(range(1, 6), range(1, 5), range(4), range(1, 13)))


@pytest.mark.parametrize("name", ["maxpool", "avgpool"])
def test_s9_ceil_pooling_matches_torch(name):
    differs = 0
    for kernel, stride, pad, size in GRID:
        op = make(name, f"{kernel}x{kernel}/{stride}", pad, True)
        ours = accepted(op, (1, size, size))
        assert ours == accepted_by_torch(op, (1, size, size)), (op, size)
        naive = -(-(size - kernel + 2 * pad) // stride) + 1
        differs += ours is not None and ours[1] != naive
    assert differs > 50  # the grid tells PyTorch's rule from the plain ceiling


@pytest.mark.parametrize("name", ["maxpool", "avgpool"])
def test_s8_floor_pooling_matches_torch(name):
    for kernel, stride, pad, size in GRID:
        op = make(name, f"{kernel}x{kernel}/{stride}", pad)
        shape = (1, size, size + 1)
        assert accepted(op, shape) == accepted_by_torch(op, shape), (op, size)


@pytest.mark.parametrize("window", ["2x2/2", "3x3", "3x2/2x3", "1x1/2"])
@pytest.mark.parametrize("ceil", [False, True])
def test_maxpool_is_pytorchs(window, ceil):
    check(make("maxpool", window, ceil=ceil), (3, 7, 8))


def test_l7_the_stride_is_always_written():
    assert form(make("maxpool", "2x2/2"), (3, 8, 8)).keywords == (("stride", 2),)
    assert form(make("maxpool", "2x2"), (3, 8, 8)).keywords == (("stride", 1),)
    said = form(make("maxpool", "3x3/2", pad=1, ceil=True), (3, 8, 8))
    assert said.function == "F.max_pool2d({x}, 3, stride=2, padding=1, ceil_mode=True)"


def test_l8_same_keeps_the_size():
    op = make("maxpool", "3x3", SAME)
    check(op, (3, 7, 8))
    assert op.shape((3, 7, 8)) == (3, 7, 8)
    assert "ceil=true" in refused("E0305", make("maxpool", "2x2/2", SAME), (3, 7, 7)).help[0]


def test_e0308_padding_that_pytorchs_pools_do_not_know():
    error = refused("E0308", make("maxpool", "3x3/2", (0, 1, 0, 1)), (3, 8, 8))
    assert "ceil=true" in error.help[0]
    error = refused("E0308", make("maxpool", "3x3/2", 2), (3, 8, 8))
    assert "`pad=1` is the most" in error.help[0]


def test_e0306_a_window_larger_than_the_map():
    error = refused("E0306", make("maxpool", "3x3/2"), (3, 2, 9))
    assert "3 against a height of 2 in 3x2x9" in error.message
    assert "`ceil=true`" in error.help[0]
    assert make("maxpool", "3x3/2", ceil=True).shape((3, 2, 9)) == (3, 1, 4)
    assert "`global_avgpool`" in refused("E0306", make("avgpool", "7x7"), (3, 6, 6)).help[0]
    refused("E0303", make("maxpool", "3x3"), (9,))


def test_labels_follow_the_grammar():
    op = make("maxpool", "3x3/2", 1)
    assert (op.label(), op.stride_label(), op.kernel()) == ("3×3 max pool", "/2", "3x3/2")


def test_reach():
    assert make("maxpool", "3x3/2", 1).reach() == window_reach((3, 3), (2, 2), (1, 1))


def test_l24_a_symbolic_width_survives_ceil():
    shape = make("maxpool", "3x3/2", ceil=True).shape((3, 112, Size(112, "W")))
    assert shape == (3, 56, 56)
    assert isinstance(shape[2], Size)


def test_why_names_the_dropped_window():
    op = make("maxpool", "1x1/3", ceil=True)
    assert op.shape((1, 5, 5)) == (1, 2, 2)
    assert "would start beyond the map" in op.why((1, 5, 5))[0]
    height, width = make("maxpool", "2x3/2").why((1, 5, 6))
    assert height == "height: floor((5 - 2 + 2*0) / 2) + 1 = 2, with 1 row left over"
    assert width == "width: floor((6 - 3 + 2*0) / 2) + 1 = 2, with 1 column left over"
