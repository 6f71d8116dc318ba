"""`unpool` against nn.MaxUnpool2d, with the places that nn.MaxPool2d gives."""

import pytest
import torch
from torch import nn

from cnnspec.ops.op import OpError
from cnnspec.ops.reach import Pixel
from cnnspec.values import TF_SAME, Beside
from tests.ops.harness import form, make, onnx_run, refused, tensors

POOLS = [
    ("2x2/2", (0, 0), False, (3, 6, 8)),
    ("2x2/2", (0, 0), False, (3, 5, 7)),
    ("2x2/2", (0, 0), True, (3, 5, 7)),
    ("2x2/2", (1, 1), False, (3, 6, 6)),
    ("3x3/3", (1, 1), False, (2, 7, 9)),
    ("1x3/2x4", (0, 1), False, (2, 7, 9)),
    ("2x3/3x3", (1, 0), True, (2, 8, 8)),
]


def back(window: str, pad: tuple[int, int], ceil: bool):
    sides = pad[0], pad[0], pad[1], pad[1]
    return make("unpool", Beside(make("maxpool", window, ceil=ceil, pad=sides)))


@pytest.mark.parametrize(("window", "pad", "ceil", "shape"), POOLS)
def test_it_puts_values_where_the_maxima_stood(window, pad, ceil, shape):
    """Where rows are left over too: PyTorch is told the size that the pool had."""
    op = back(window, pad, ceil)
    (before,) = tensors(shape)
    args = op.back.window.kernel, op.back.window.stride, pad
    pooled, places = nn.MaxPool2d(*args, ceil_mode=ceil, return_indices=True)(before)
    x = torch.randn_like(pooled)
    wanted = nn.MaxUnpool2d(*args)(x, places, output_size=before.shape)
    shapes = tuple(x.shape[1:]), shape
    assert op.shape(*shapes) == shape
    said = form(op, *shapes)
    scope = {"F": nn.functional, "x": x, "places": places}
    assert torch.equal(eval(said.function.format("x", "places"), scope), wanted)
    assert torch.equal(onnx_run(op, nn.Identity(), [x, before]), wanted)
    usual = nn.MaxUnpool2d(*args)
    if "output_size" not in said.function:  # then PyTorch's own rule gives it
        assert torch.equal(usual(x, places), wanted)


@pytest.mark.parametrize(("window", "pad", "ceil", "shape"), POOLS)
def test_a_pixel_sees_the_value_that_may_stand_there(window, pad, ceil, shape):
    """The gradient of every output pixel, whatever the maxima were."""
    op = back(window, pad, ceil)
    seen: dict[tuple[int, int], set[tuple[int, int]]] = {}
    args = op.back.window.kernel, op.back.window.stride, pad
    for _ in range(30):
        before = torch.randn(1, 1, *shape[1:])
        pooled, places = nn.MaxPool2d(*args, ceil_mode=ceil, return_indices=True)(before)
        columns = pooled.shape[3]
        for number, place in enumerate(places.flatten().tolist()):
            seen.setdefault(divmod(place, shape[2]), set()).add(divmod(number, columns))
    rows, columns = op.reach().axes
    for (row, column), sources in seen.items():
        assert sources == {(at(rows.first, row), at(columns.first, column))}
    assert rows.first == rows.last and columns.first == columns.last


def at(pixel: Pixel, y: int) -> int:
    return (pixel.factor * y + pixel.shift) // pixel.divisor


@pytest.mark.parametrize(
    ("pool", "code"),
    [
        (make("maxpool", "3x3/2"), "E0308"),
        (make("maxpool", "2x2/2", pad=TF_SAME), "E0308"),
        (make("conv", 8, "3x3"), "E0108"),
        (None, "E0108"),
    ],
)  # fmt: skip
def test_it_goes_back_over_no_other_layer(pool, code):
    with pytest.raises(OpError) as caught:
        make("unpool", Beside()).met(pool)
    assert (caught.value.code, caught.value.argument) == (code, "pool")


def test_errors_and_label():
    op = back("2x2/2", (0, 0), False)
    refused("E0310", op, (3, 3, 3), (3, 6, 8))
    refused("E0310", op, (2, 3, 4), (3, 6, 8))
    assert op.label() == "2×2 unpool"
    assert op.canonical().back == op.back.canonical()
