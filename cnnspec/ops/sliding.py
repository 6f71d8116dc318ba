"""The arithmetic of a window that slides over a map: conv and pool share it (S8, S9)."""

from __future__ import annotations

from cnnspec.ops.op import OpError
from cnnspec.values import SAME, Keyword, Padding, Shape, Window, dims


def effective(kernel: int, dilation: int) -> int:
    """F' = D(F-1)+1: the span of a kernel whose taps stand `dilation` apart."""
    return dilation * (kernel - 1) + 1


def resolve(
    pad: Padding | Keyword | int, window: Window, dilation: tuple[int, int] = (1, 1)
) -> Padding:
    """Turn `same` into D(F-1)/2 on both sides, whatever the stride (L8)."""
    if isinstance(pad, int):
        return Padding(pad, pad, pad, pad)
    if pad != SAME:
        assert isinstance(pad, Padding)
        return pad
    spans = [effective(k, d) for k, d in zip(window.kernel, dilation, strict=True)]
    if any(span % 2 == 0 for span in spans):
        low = [(s - 1) // 2 for s in spans]
        high = [s - 1 - n for s, n in zip(spans, low, strict=True)]
        raise OpError(
            "E0305",
            f"`same` needs an odd window, and {dims((spans[0], spans[1]))} is even",
            argument="pad",
            help=(
                f"`pad=[{low[0]}, {high[0]}, {low[1]}, {high[1]}]` adds the odd one below and right",
                f"`pad=[{high[0]}, {low[0]}, {high[1]}, {low[1]}]` adds it above and left",
            ),
        )
    rows, columns = ((s - 1) // 2 for s in spans)
    return Padding(rows, rows, columns, columns)


def output_size(size: int, span: int, stride: int, before: int, after: int, ceil: bool) -> int:
    """(W - F + 2P)/S + 1, rounded down; with `ceil` up, by PyTorch's rule (S8, S9).

    PyTorch drops a last window that would start beyond the input and its left padding.
    """
    room = size - span + before + after
    if not ceil:
        return room // stride + 1
    out = -(-room // stride) + 1
    return out - 1 if (out - 1) * stride >= size + before else out


def arithmetic(size: int, span: int, stride: int, before: int, after: int) -> str:
    """The formula with its numbers: `floor((224 - 11 + 2*0) / 4) + 1 = 54`."""
    pad = f"2*{before}" if before == after else f"{before} + {after}"
    room = size - span + before + after
    left = room % stride
    rest = f", with {left} left over" if left else ""
    return f"floor(({int(size)} - {span} + {pad}) / {stride}) + 1 = {int(room) // stride + 1}{rest}"


def slide(
    name: str,
    x: Shape,
    window: Window,
    pad: Padding,
    dilation: tuple[int, int] = (1, 1),
    ceil: bool = False,
) -> tuple[int, int]:
    """Height and width after the window; refuses a window larger than the padded map."""
    sides = ((pad.top, pad.bottom), (pad.left, pad.right))
    out = []
    for axis, (before, after) in enumerate(sides):
        size, stride = x[axis + 1], window.stride[axis]
        span = effective(window.kernel[axis], dilation[axis])
        if span > size + before + after:
            raise _too_large(name, x, window, axis, span, before + after)
        out.append(output_size(size, span, stride, before, after, ceil))
    return out[0], out[1]


def _too_large(name: str, x: Shape, window: Window, axis: int, span: int, pad: int) -> OpError:
    side = ("height", "width")[axis]
    size = x[axis + 1]
    padded = f" ({size} padded to {size + pad})" if pad else ""
    need = -(-(span - size) // 2)
    return OpError(
        "E0306",
        f"the window of {name} {window} is larger than the map: "
        f"{span} against a {side} of {size}{padded} in {dims(x)}",
        argument="window",
        notes=(f"({size} - {span} + {pad}) / {window.stride[axis]} + 1 is less than 1",),
        help=(f"`pad={need}` makes room, or a larger input, or a smaller window",),
    )
