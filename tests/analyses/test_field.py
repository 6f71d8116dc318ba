"""L27: the receptive field."""

from fractions import Fraction

import pytest

from cnnspec.analyses.field import Field


def test_a_chain(metrics):
    m = metrics("net c() { input 1x64x64\n conv 1, 7x7/2 -> maxpool 3x3/2 -> conv 1, 3x3 }")
    assert m.field() == Field((7 + 2 * 2 + 2 * 4, 19), (4, 4))
    assert m.value("field", "conv1") == 7


def test_arms_of_different_reach_give_their_hull(metrics):
    text = "net a() { input 1x64x64\n add { skip; conv 1, 5x5, pad=2 -> conv 1, 3x3, pad=1 } }"
    assert metrics(text).value("field") == 7


def test_a_vector_sees_everything(metrics):
    m = metrics("net v() { input 1x16x12\n conv 1, 3x3 -> flatten -> linear 2 }")
    assert m.field("linear1") == Field((16, 12), (0, 0), whole=True)
    assert m.value("field") == 3


def test_rows_and_columns_apart(metrics):
    assert metrics("net r() { input 1x9x9\n conv 1, 1x7 }").value("field") == (1, 7)


def test_upsampling_makes_the_step_a_fraction(metrics):
    m = metrics("net u() { input 1x8x8\n upsample 2 -> conv 1, 3x3 }")
    assert m.field().stride == (Fraction(1, 2), Fraction(1, 2))


def test_rows_and_columns_begin_apart(metrics):
    m = metrics("net r() { input 1x9x9\n conv 1, 3x7, pad=[1, 1, 3, 3] -> conv 1, 5x1/2x3 }")
    assert m.padding("conv1") == pytest.approx(1 - (1 - 2 / 27) * (1 - 12 / 63))
    assert m.seen[m.node("conv2")].offset == (-1, -3)
    assert m.field("conv2") == Field((7, 7), (2, 3))
    assert m.seen[m.node("conv2")].smallest == (7, 7)


def test_where_one_branch_sees_all_there_is_no_offset_and_no_padding(metrics):
    m = metrics(
        "net s() { input 4x12x10\n conv 4, 3x3, pad=1\n"
        " mul { skip; global_avgpool -> conv 4, 1x1 -> sigmoid } -> conv 2, 3x3, pad=1 }"
    )
    one = m.seen[m.node("conv3")]
    assert one.axes is not None and one.whole
    assert (one.offset, one.smallest, m.padding("conv3")) == (None, (5, 5), 0)
    assert m.field("conv3") == Field((12, 10), (0, 0), whole=True)
    assert one.padding((2, 12, 10), (12, 10)) is None
    assert (m.value("field"), m.value("field", "conv1")) == ((12, 10), 3)


def test_a_net_on_a_vector(metrics):
    m = metrics("net v() { input 8\n linear 3 }")
    assert m.field("linear1") == Field((1, 1), (0, 0), whole=True)
    assert m.field() == Field((1, 1), (1, 1))
    assert m.seen[0].padding((8,), (1, 1)) is None


def test_the_last_map_is_that_of_inference(metrics):
    m = metrics(
        "net l() { input 1x16x16\n conv 1, 3x3\n aux side: conv 1, 5x5 -> conv 1, 3x3\n"
        " relu -> global_avgpool -> flatten -> linear 2 }"
    )
    assert (m.value("field"), m.value("field", "side")) == (3, 9)


def seen_by(pixel: int, layers: list[tuple[int, int, int]]) -> range:
    """The input pixels behind an output pixel, from the last window back to the first."""
    low = high = pixel
    for kernel, stride, pad in reversed(layers):
        low, high = low * stride - pad, high * stride - pad + kernel - 1
    return range(low, high + 1)


@pytest.mark.parametrize(
    ("size", "layers"),
    [
        (5, [(4, 2, 0)]),
        (5, [(5, 1, 0)]),
        (5, [(5, 1, 1)]),
        (5, [(7, 1, 1)]),
        (5, [(9, 1, 2), (1, 1, 0)]),
        (4, [(7, 1, 3)]),
        (4, [(9, 1, 4)]),
        (4, [(3, 1, 1), (3, 1, 1), (3, 1, 1)]),
        (9, [(3, 2, 1), (3, 2, 1), (2, 1, 0)]),
        (8, [(2, 3, 0), (1, 2, 1)]),
        (3, [(1, 1, 2)]),
        (3, [(2, 1, 4), (2, 2, 3)]),
        (7, [(2, 2, 1), (3, 3, 2), (1, 1, 1)]),
    ],
)
def test_paddings_share_window_by_window(metrics, size, layers):
    chain = " -> ".join(f"conv 1, {k}x{k}/{s}, pad={p}" for k, s, p in layers)
    m = metrics(f"net p() {{ input 1x{size}x{size}\n {chain} }}")
    path = f"conv{len(layers)}"
    count = m.shape(path)[1]
    fields = [seen_by(pixel, layers) for pixel in range(count)]
    inside = sum(0 <= at < size for field in fields for at in field)
    share = inside / sum(map(len, fields))
    assert m.padding(path) == pytest.approx(1 - share**2)
    assert m.value("field", path) == len(fields[0])


@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
def test_paddings_share_where_a_step_is_a_fraction_of_a_pixel(metrics, kernel):
    m = metrics(f"net u() {{ input 1x4x4\n upsample 2 -> conv 1, {kernel}x{kernel}, pad=2 }}")
    rows, count = m.seen[m.node("conv1")].axes[0], m.shape("conv1")[1]
    fields = [rows.at(pixel) for pixel in range(count)]
    inside = sum(max(min(high, 3) - max(low, 0) + 1, 0) for low, high in fields)
    share = inside / sum(high - low + 1 for low, high in fields)
    assert m.padding("conv1") == pytest.approx(float(1 - share**2))


def rows_behind(pixel, stride, pad, kernel, other_stride):
    """The input rows, padding's and beyond too, seen behind a strided and a transposed conv."""
    read = [at for at in range(-99, 99) if 0 <= pixel - at * other_stride < kernel]
    return [at * stride - pad for at in read]


@pytest.mark.parametrize(
    ("stride", "pad", "kernel", "other_stride"),
    [(2, 3, 1, 2), (1, 1, 1, 2), (2, 2, 1, 3), (2, 1, 2, 5), (1, 2, 2, 2), (2, 3, 3, 2)],
)
def test_paddings_share_where_some_pixels_see_nothing(metrics, stride, pad, kernel, other_stride):
    m = metrics(
        f"net t() {{ input 1x8x8\n conv 1, 1x1/{stride}, pad={pad}"
        f" -> conv_transpose 1, {kernel}x{kernel}/{other_stride} }}"
    )
    count = m.shape("conv_transpose1")[1]
    rows = [rows_behind(pixel, stride, pad, kernel, other_stride) for pixel in range(count)]
    # a field is the hull of what is read, as in `Span`
    hulls = [range(min(seen), max(seen) + 1) for seen in rows if seen]
    inside = sum(0 <= at < 8 for hull in hulls for at in hull)
    share = inside / sum(map(len, hulls))
    assert m.padding("conv_transpose1") == pytest.approx(1 - share**2)


def test_nothing_lies_in_padding_where_no_pixel_sees_anything(metrics):
    # the transposed conv makes rows 0 to 4 of rows 0, 2, 4; the next one reads 1 and 3
    chain = "conv_transpose 1, 1x1/2 -> crop 3x3 -> conv 1, 1x1/2, pad=0 -> maxpool 1x1/3"
    m = metrics(f"net t() {{ input 1x3x3\n {chain} }}")
    assert m.shape("maxpool1")[1:] == (1, 1)
    assert m.padding("maxpool1") == 0
    assert m.seen[m.node("maxpool1")].size == (0, 0)


def test_paddings_share_of_a_map_with_very_many_rows(metrics):
    m = metrics("net b() { input 1x20000000x8\n conv 1, 3x3, pad=1 }")
    assert m.padding("conv1") == pytest.approx(1 - (1 - 2 / 60_000_000) * (1 - 2 / 24))


ARMS = [
    ("conv 1, 2x2/2", "conv 1, 13x13"),
    ("conv 1, 3x3/2, pad=1 -> conv 1, 1x1", "conv 1, 5x5 -> conv 1, 9x9"),
    ("upsample 2 -> conv 1, 3x3/4, pad=2", "conv 1, 5x5 -> conv 1, 9x9, pad=[0, 1, 0, 1]"),
    ("maxpool 3x3/3 -> upsample 3", "conv 1, 4x4/2, pad=1 -> upsample 2"),
    ("maxpool 3x3/3, pad=1 -> upsample 3 -> conv 1, 2x2/2", "avgpool 4x4/4 -> upsample 2"),
    ("maxpool 3x3/3 -> upsample 3 -> conv 1, 4x4", "conv 1, 1x1/2 -> upsample 2 -> conv 1, 4x4"),
]


def ends(node, pixel):
    """First and last pixel of the map before, from the layer's own numbers."""
    rows, _ = node.op.reach().axes
    return [(p.factor * pixel + p.shift) // p.divisor for p in rows]


def seen_through(graph, index, pixel):
    """The hull of the input pixels behind a pixel of a node, way by way."""
    node = graph.nodes[index]
    if not node.inputs:
        return pixel, pixel
    first, last = ends(node, pixel)
    lows = [seen_through(graph, i, first)[0] for i in node.inputs]
    return min(lows), max(seen_through(graph, i, last)[1] for i in node.inputs)


@pytest.mark.parametrize("arms", ARMS)
@pytest.mark.parametrize("word", ["add", "concat"])
def test_arms_of_different_strides_pixel_by_pixel(metrics, arms, word):
    """Strides that differ drift apart, and phases that differ meet only now and then."""
    m = metrics(
        f"net d() {{ input 1x24x24\n {word} {{ {{ {arms[0]} }}; {{ {arms[1]} }} }}\n"
        " conv 1, 3x3, pad=1 }"
    )
    index = len(m.graph.nodes) - 1
    fields = [seen_through(m.graph, index, y) for y in range(m.graph.nodes[index].shape[1])]
    assert [m.seen[index].axes[0].at(y) for y in range(len(fields))] == fields
    widths = [last - first + 1 for first, last in fields]
    assert m.fields[index].size[0] == max(widths)
    inside = sum(len(range(max(first, 0), min(last, 23) + 1)) for first, last in fields)
    assert m.padding() == pytest.approx(1 - (inside / sum(widths)) ** 2)
    assert m.seen[index].offset == (fields[0][0],) * 2
