"""The arithmetic of a window that slides over a map: conv and pool share it (S8, S9)."""

from __future__ import annotations

from typing import ClassVar, Final

from cnnspec.ops.op import Code, Kind, Op, OpError, needs_map, pair
from cnnspec.ops.reach import Reach, window_reach
from cnnspec.ops.writer import Attribute
from cnnspec.records import record, replace
from cnnspec.values import SAME, TF_SAME, Keyword, Padding, Shape, Window, dims

NO_PADDING: Final = Padding(0, 0, 0, 0)


def effective(kernel: int, dilation: int) -> int:
    """F' = D(F-1)+1: the span of a kernel whose taps stand `dilation` apart."""
    return dilation * (kernel - 1) + 1


def resolve(
    pad: Padding | Keyword,
    window: Window,
    dilation: tuple[int, int] = (1, 1),
    x: Shape | None = None,
) -> Padding:
    """Turn `same` into D(F-1)/2 on both sides, whatever the stride (L8).

    `tf_same` depends on the size that arrives, `x`; without it, it is that of a stride of 1.
    """
    if isinstance(pad, Padding):
        return pad
    if pad == TF_SAME:
        return _tf_padding(window, dilation, x)
    spans = [effective(k, d) for k, d in zip(window.kernel, dilation, strict=True)]
    if any(span % 2 == 0 for span in spans):
        low = [(s - 1) // 2 for s in spans]
        high = [s - 1 - n for s, n in zip(spans, low, strict=True)]
        raise even_same(
            (spans[0], spans[1]),
            f"`pad=[{low[0]}, {high[0]}, {low[1]}, {high[1]}]` adds the odd one at the end",
            f"`pad=[{high[0]}, {low[0]}, {high[1]}, {low[1]}]` adds it at the start",
        )
    rows, columns = ((s - 1) // 2 for s in spans)
    return Padding(rows, rows, columns, columns)


def even_same(spans: tuple[int, int], *help: str) -> OpError:
    """The error of `same` on a window of even rows or columns, which has no middle."""
    said = f"`same` needs an odd window, and {dims(spans)} is even"
    return OpError("E0305", said, argument="pad", help=help)


def lopsided(name: str, pad: Padding, *help: str) -> OpError:
    """The error of an op that pads opposite sides alike, with a padding that does not."""
    said = f"{name} pads opposite sides alike, and {pad} does not"
    return OpError("E0308", said, argument="pad", help=help)


def _tf_padding(window: Window, dilation: tuple[int, int], x: Shape | None) -> Padding:
    """As much padding as ceil(H / S) windows need, the smaller half at the top and left."""
    sides: list[int] = []
    for axis in (0, 1):
        span = effective(window.kernel[axis], dilation[axis])
        total = span - 1
        if x is not None:
            size, stride = int(x[axis + 1]), window.stride[axis]
            total = max((-(-size // stride) - 1) * stride + span - size, 0)
        sides += [total // 2, total - total // 2]
    return Padding(*sides)


def tf_size(x: Shape, window: Window) -> tuple[int, int]:
    """Height and width by `tf_same`: ceil(H / S)."""
    rows, columns = ((x[i + 1] + (window.stride[i] - 1)) // window.stride[i] for i in (0, 1))
    return rows, columns


def tf_arithmetic(x: Shape, window: Window) -> tuple[str, ...]:
    """`ceil(225 / 2) = 113`, once where both axes agree."""
    sizes = zip(x[1:], window.stride, tf_size(x, window), strict=True)
    rows, columns = (f"ceil({int(n)} / {stride}) = {int(out)}" for n, stride, out in sizes)
    return (rows,) if rows == columns else (f"height: {rows}", f"width: {columns}")


def padded_bytes(size: int, x: Shape, pad: Padding) -> int:
    """Bytes of a map with its padding, which PyTorch makes where an op cannot pad itself."""
    channels, rows, columns = map(int, x)
    return size * channels * (rows + pad.top + pad.bottom) * (columns + pad.left + pad.right)


def any_size(pad: Padding | Keyword, window: Window, dilation: tuple[int, int] = (1, 1)) -> bool:
    """Whether ONNX says the padding for every size.

    onnxruntime has no SAME_UPPER of dilated windows, nor of pools that leave pixels out.
    """
    overlap = all(k >= s for k, s in zip(window.kernel, window.stride, strict=True))
    return pad != TF_SAME or (dilation == (1, 1) and overlap)


def onnx_border(
    pad: Padding | Keyword, window: Window, x: Shape, dilation: tuple[int, int] = (1, 1)
) -> dict[str, Attribute]:
    """The padding as ONNX has it: the sides, or its own word for TensorFlow's SAME."""
    if pad == TF_SAME and any_size(pad, window, dilation):
        return {"auto_pad": "SAME_UPPER"}
    top, bottom, left, right = resolve(pad, window, dilation, x)
    return {"pads": (top, left, bottom, right)}


def output_size(size: int, span: int, stride: int, before: int, after: int, ceil: bool) -> int:
    """(W - F + 2P)/S + 1, rounded down; with `ceil` up, by PyTorch's rule (S8, S9).

    PyTorch drops a last window that would start beyond the input and its left padding: there are
    at most ceil((W + P)/S).  A result below 1 says that no window fits.
    """
    if not ceil:
        return (size - span + before + after) // stride + 1
    return (size + min(before + after - span + stride, before) + stride - 1) // stride


def slide(
    name: str,
    x: Shape,
    window: Window,
    pad: Padding,
    dilation: tuple[int, int] = (1, 1),
    ceil: bool = False,
    pool: Pool | None = None,
) -> tuple[int, int]:
    """Height and width after the window; refuses a window larger than the padded map."""
    sides = ((pad.top, pad.bottom), (pad.left, pad.right))
    out = []
    for axis, (before, after) in enumerate(sides):
        size, stride = x[axis + 1], window.stride[axis]
        span = effective(window.kernel[axis], dilation[axis])
        out.append(output_size(size, span, stride, before, after, ceil))
        if out[axis] < 1:
            more = -(-(span - size) // 2)
            room = f"`pad={more}` makes room" if pool is None else pool.remedy(size, axis, more)
            advice = f"{room}, or a larger input, or a smaller window".removeprefix(", or ")
            raise _too_large(name, x, window, axis, span, before + after, advice)
    return out[0], out[1]


def arithmetic(
    x: Shape,
    window: Window,
    pad: Padding,
    dilation: tuple[int, int] = (1, 1),
    ceil: bool = False,
) -> tuple[str, ...]:
    """The formula with its numbers, once where both axes agree.

    `floor((224 - 11 + 2*0) / 4) + 1 = 54, with 1 row and column left over`
    """
    sides = ((pad.top, pad.bottom), (pad.left, pad.right))
    lines: list[tuple[str, int]] = []
    for axis, (before, after) in enumerate(sides):
        size, stride = int(x[axis + 1]), window.stride[axis]
        span = effective(window.kernel[axis], dilation[axis])
        added = f"2*{before}" if before == after else f"{before} + {after}"
        room = size - span + before + after
        out = output_size(size, span, stride, before, after, ceil)
        text = f"{'ceil' if ceil else 'floor'}(({size} - {span} + {added}) / {stride}) + 1"
        if ceil and out != -(-room // stride) + 1:
            text += " - 1 (the last window would start beyond the map)"
        lines.append((f"{text} = {out}", 0 if ceil else room % stride))
    (rows, below), (columns, right) = lines
    if rows == columns:
        return (rows + _left_over(below, "row and column", "rows and columns"),)
    return (
        f"height: {rows}{_left_over(below, 'row', 'rows')}",
        f"width: {columns}{_left_over(right, 'column', 'columns')}",
    )


def _left_over(count: int, one: str, many: str) -> str:
    return f", with {count} {one if count == 1 else many} left over" if count else ""


def _below_one(window: Window, axis: int, size: int, span: int, pad: int) -> tuple[str, ...]:
    kernel, stride = window.kernel[axis], window.stride[axis]
    value = (size - span + pad) // stride + 1
    line = f"floor(({size} - {span} + {pad}) / {stride}) + 1 = {value}, which is less than 1"
    if span == kernel:
        return (line,)
    dilation = (span - 1) // (kernel - 1)
    return (f"dilation makes the window larger: {dilation} * ({kernel} - 1) + 1 = {span}", line)


def _too_large(
    name: str, x: Shape, window: Window, axis: int, span: int, pad: int, advice: str
) -> OpError:
    side = ("height", "width")[axis]
    size = x[axis + 1]
    padded = f" ({size} padded to {size + pad})" if pad else ""
    return OpError(
        "E0306",
        f"the window of {name} {window} is larger than the map: "
        f"{span} against a {side} of {size}{padded} in {dims(x)}",
        argument="window",
        notes=_below_one(window, axis, size, span, pad),
        help=(advice,),
    )


def torch_padding(
    pad: Padding | Keyword, window: Window, dilation: tuple[int, int] = (1, 1)
) -> tuple[Code, Padding | None]:
    """The `padding` argument in PyTorch, and what that argument cannot say: unequal sides."""
    if pad == SAME:
        pad = resolve(pad, window, dilation)
    if not isinstance(pad, Padding):
        return pad, None
    if pad.symmetric:
        return pair((pad.top, pad.left)), None
    return 0, pad


@record(frozen=True)
class Pool(Op):
    """What max and average pooling share: a window, padding, and how the size is rounded."""

    kind: ClassVar[Kind] = "pool"
    window: Window
    pad: Padding | Keyword = NO_PADDING
    ceil: bool = False

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        needs_map(self.name, x)
        if self.pad == TF_SAME:
            return x[0], *self._tf_size(x)
        pad = self._padding()
        return x[0], *slide(self.name, x, self.window, pad, ceil=self.ceil, pool=self)

    def _tf_size(self, x: Shape) -> tuple[int, int]:
        if self.ceil:
            raise OpError(
                "E0308",
                f"`tf_same` rounds the size of a {self.name} up already",
                argument="ceil",
                help=("leave `ceil` out",),
            )
        return tf_size(x, self.window)

    def padded(self, size: int, *inputs: Shape) -> int:
        """Bytes of the padded map that `tf_same` makes."""
        if self.pad != TF_SAME:
            return 0
        return padded_bytes(size, inputs[0], resolve(self.pad, self.window, x=inputs[0]))

    def remedy(self, size: int, axis: int, more: int) -> str:
        """What makes a window fit that is too large by rows or columns: `more` is the padding."""
        kernel, stride, pad = self.window.kernel[axis], self.window.stride[axis], self._padding()
        side = (pad.top, pad.left)[axis]
        if not self.ceil and output_size(size, kernel, stride, side, side, ceil=True) >= 1:
            return "`ceil=true` keeps a last window that only begins in the map"
        return f"`pad={more}` makes room" if more <= kernel // 2 else ""

    def _padding(self) -> Padding:
        """The padding by numbers; PyTorch wants it alike on both sides, half a window at most."""
        if self.pad == SAME and any(k % 2 == 0 for k in self.window.kernel):
            raise even_same(
                self.window.kernel, "`ceil=true` keeps the last rows and columns without padding"
            )
        pad = resolve(self.pad, self.window)
        if not pad.symmetric:
            raise lopsided(
                self.name, pad, "`ceil=true` adds a window at the bottom and the right only"
            )
        for name, kernel, side in zip(
            ("rows", "columns"), self.window.kernel, (pad.top, pad.left), strict=True
        ):
            if side > kernel // 2:
                raise OpError(
                    "E0308",
                    f"{self.name} pads at most half its window: {side} {name} of padding, "
                    f"and a window of {kernel}",
                    argument="pad",
                    help=(f"`pad={kernel // 2}` is the most, or a larger window",),
                )
        return pad

    def why(self, *inputs: Shape) -> tuple[str, ...]:
        if self.pad == TF_SAME:
            return tf_arithmetic(inputs[0], self.window)
        return arithmetic(inputs[0], self.window, self._padding(), ceil=self.ceil)

    def reach(self) -> Reach:
        pad = resolve(self.pad, self.window)
        return window_reach(self.window.kernel, self.window.stride, (pad.top, pad.left))

    def seen(self, *inputs: Shape) -> Reach:
        pad = resolve(self.pad, self.window, x=inputs[0])
        return window_reach(self.window.kernel, self.window.stride, (pad.top, pad.left))

    def canonical(self) -> Op:
        window = Window(self.window.kernel, self.window.stride)
        pad = TF_SAME if self.pad == TF_SAME else resolve(self.pad, self.window)
        return replace(self, window=window, pad=pad)

    def torch_keywords(self) -> dict[str, Code]:
        """The arguments after the kernel; the stride always, PyTorch's default is the window."""
        keywords: dict[str, Code] = {"stride": pair(self.window.stride)}
        if self.pad == TF_SAME:
            return keywords
        padding, _ = torch_padding(self.pad, self.window)
        if padding != 0:
            keywords["padding"] = padding
        if self.ceil:
            keywords["ceil_mode"] = True
        return keywords

    def onnx_attributes(self, x: Shape) -> dict[str, Attribute]:
        """The attributes that max and average pooling share in ONNX."""
        return {
            "kernel_shape": self.window.kernel,
            "strides": self.window.stride,
            "ceil_mode": int(self.ceil),
            **onnx_border(self.pad, self.window, x),
        }

    def sized(self) -> bool:
        return not any_size(self.pad, self.window)

    def kernel(self) -> str:
        return str(self.window)


SIDES_SAME = """\
        sides = [0, 0, 0, 0]
        for axis in range(2):
            size, stride = x.shape[axis + 2], self.stride[axis]
            total = max((-(-size // stride) - 1) * stride + self.kernel[axis] - size, 0)
            sides[2 - 2 * axis] = total // 2
            sides[3 - 2 * axis] = total - total // 2
"""
"""Lines of the `forward` of a pool's class: the sides of `tf_same`, in the order of F.pad."""
