import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from cnnspec.ops.sliding import arithmetic, effective, output_size, resolve
from cnnspec.values import SAME, Padding, Window

SMALL = st.integers(1, 12)


@given(SMALL, SMALL, SMALL, st.integers(0, 6), st.integers(1, 4))
def test_s8_the_last_window_lies_in_the_padded_map(size, kernel, stride, pad, dilation):
    span = effective(kernel, dilation)
    out = output_size(size, span, stride, pad, pad, ceil=False)
    padded = size + 2 * pad
    assert out < 1 or (out - 1) * stride + span <= padded < out * stride + span


@given(SMALL, SMALL, SMALL, st.integers(0, 6))
def test_s9_with_ceil_every_pixel_is_seen_and_the_last_window_starts_inside(
    size, kernel, stride, pad
):
    pad = min(pad, kernel // 2)
    out = output_size(size, kernel, stride, pad, pad, ceil=True)
    assert out < 2 or (out - 1) * stride < size + pad
    assert out >= output_size(size, kernel, stride, pad, pad, ceil=False)


@settings(deadline=None, max_examples=50)
@given(SMALL, SMALL, st.integers(1, 5), st.integers(0, 3), st.integers(1, 3))
def test_s8_is_pytorchs_formula(size, kernel, stride, pad, dilation):
    out = output_size(size, effective(kernel, dilation), stride, pad, pad, ceil=False)
    if out >= 1:
        x, weight = torch.empty(1, 1, size, 1), torch.empty(1, 1, kernel, 1)
        y = F.conv2d(x, weight, None, (stride, 1), (pad, 0), (dilation, 1))
        assert y.shape[2] == out


def test_l8_same_is_d_times_f_minus_1_over_2():
    assert resolve(SAME, Window((3, 5), (2, 2)), (2, 1)) == Padding(2, 2, 2, 2)
    assert resolve(Padding(1, 2, 3, 4), Window((2, 2))) == Padding(1, 2, 3, 4)


@pytest.mark.parametrize(
    ("x", "window", "pad", "lines"),
    [
        (
            (3, 224, 224),
            Window((11, 11), (4, 4)),
            Padding(0, 0, 0, 0),
            ("floor((224 - 11 + 2*0) / 4) + 1 = 54, with 1 row and column left over",),
        ),
        (
            (3, 227, 227),
            Window((11, 11), (4, 4)),
            Padding(0, 0, 0, 0),
            ("floor((227 - 11 + 2*0) / 4) + 1 = 55",),
        ),
        (
            (3, 9, 10),
            Window((2, 3), (3, 4)),
            Padding(0, 1, 2, 2),
            (
                "height: floor((9 - 2 + 0 + 1) / 3) + 1 = 3, with 2 rows left over",
                "width: floor((10 - 3 + 2*2) / 4) + 1 = 3, with 3 columns left over",
            ),
        ),
    ],
)
def test_s8_the_formula_with_its_numbers(x, window, pad, lines):
    assert arithmetic(x, window, pad) == lines
