"""Values back at the places where the maxima of a pool stood."""

from typing import ClassVar

from cnnspec.ops.maxpool import MaxPool
from cnnspec.ops.op import Kind, Op, OpError, Reading, TorchForm, TorchInput, call, op
from cnnspec.ops.reach import Pixel, Reach, Taps
from cnnspec.ops.reading import Arguments
from cnnspec.ops.sliding import resolve
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import replace
from cnnspec.values import TF_SAME, Beside, Shape, Size, dims


@op
class Unpool(Op):
    """Puts each value where the maximum of a `maxpool` stood, zeros around it: `unpool pool1`.

    The map is as large as the one that the pool had.  SegNet (Badrinarayanan et al. 2015) keeps the
    places of the maxima, and nothing else, of its encoder.
    """

    kind: ClassVar[Kind] = "shape"
    beside: ClassVar[str] = "pool"
    places: ClassVar[bool] = True
    carries: ClassVar[int | None] = 1
    reads: ClassVar[tuple[str, ...]] = (
        "F.max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None)",
    )

    pool: Beside

    @property
    def back(self) -> MaxPool:
        """The pool that it goes back over."""
        assert isinstance(self.pool.of, MaxPool)
        return self.pool.of

    def met(self, other: Op | None) -> Op:
        if not isinstance(other, MaxPool):
            what = "a block or a fork" if other is None else f"a {other.name}"
            message = f"unpool goes back over a maxpool, and {what} stands there"
            raise OpError("E0108", message, argument="pool", help=_LABEL)
        kernel, stride = other.window.kernel, other.window.stride
        if other.pad == TF_SAME:
            message = "unpool goes back over a maxpool whose padding is a number"
            raise OpError("E0308", message, argument="pool", help=("`ceil=true` rounds up too",))
        if any(k > s for k, s in zip(kernel, stride, strict=True)):
            message = f"the windows of this maxpool overlap: {other.window}"
            note = "two maxima may stand in one place, and PyTorch keeps either"
            steps = kernel[0] if kernel[0] == kernel[1] else dims(kernel)
            help = (f"`maxpool {dims(kernel)}/{steps}` has none that overlap",)
            raise OpError("E0308", message, argument="pool", notes=(note,), help=help)
        return replace(self, pool=Beside(other))

    def shape(self, *inputs: Shape) -> Shape:
        x, before = inputs
        pooled = self.back.shape(before)
        if x != pooled:
            raise OpError(
                "E0310",
                f"unpool goes back over a maxpool that gives {dims(pooled)}, and {dims(x)} arrives",
                help=("a place is needed for every value: the same channels, rows and columns",),
            )
        for axis, given in enumerate(self.usual(x), 1):
            if given != before[axis] and self._only_here(before[axis]):
                left = f"{dims(before)} leaves a maxpool {self.back.window} rows or columns over"
                raise OpError(
                    "E0308",
                    f"{left}, and at an open size nothing says how many unpool gives back",
                    help=("declare a size that divides, or one without names: `input 3x45x60`",),
                )
        return before

    def _only_here(self, size: int) -> bool:
        """Whether a size that the pool leaves rows over of is open; a number is written down."""
        return isinstance(size, Size) or size != int(size)

    def reach(self) -> Reach:
        stride, pad = self.back.window.stride, self.sides()
        rows, columns = (
            Taps(Pixel(1, p, s), Pixel(1, p, s)) for p, s in zip(pad, stride, strict=True)
        )
        return Reach((rows, columns))

    def sides(self) -> tuple[int, int]:
        """The padding of the pool: rows and columns."""
        pad = resolve(self.back.pad, self.back.window)
        return pad.top, pad.left

    def usual(self, x: Shape) -> tuple[int, ...]:
        """The size that PyTorch takes where none is given: (H - 1)S + F - 2P."""
        window, pad = self.back.window, self.sides()
        return tuple(
            (n - 1) * s + (k - 2 * p)
            for n, s, k, p in zip(x[1:], window.stride, window.kernel, pad, strict=True)
        )

    def canonical(self) -> Op:
        return replace(self, pool=Beside(self.back.canonical()))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        x, before = (given.shape for given in inputs)
        window, pad, size = self.back.window, self.sides(), tuple(map(int, before[1:]))
        words: dict[str, tuple[int, ...]] = {"padding": pad} if any(pad) else {}
        words |= {"output_size": size} if self.usual(x) != size else {}
        text = call("F.max_unpool2d", window.kernel, stride=window.stride, **words)
        return TorchForm(function=text.replace("(", "({0}, {1}, ", 1))

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        said.beside("indices")
        said.only("output_size", None, "the proof has compared it")
        window, pad = said.window("kernel_size", "stride"), said.padding("padding")
        return Reading(cls(Beside(MaxPool(window, pad))))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        x, before = inputs
        words = self.back.onnx_attributes(write.inputs[1])
        places = write.second("MaxPool", before, **words)
        sizes = write.node("Shape", before)
        if self.usual(write.inputs[0]) == write.inputs[1][1:]:
            shape = {key: words[key] for key in ("kernel_shape", "strides", "pads")}
            return write.node("MaxUnpool", x, places, sizes, **shape)
        row, one = write.integers(-1), write.integers(1)
        count = write.node("Reshape", write.node("Size", before), one)
        zeros = write.node("ConstantOfShape", count)
        flat = [write.node("Reshape", value, row) for value in (places, x)]
        return write.node("Reshape", write.node("ScatterElements", zeros, *flat, axis=0), sizes)

    def label(self) -> str:
        rows, columns = self.back.window.kernel
        return f"{rows}×{columns} unpool"


_LABEL = ("label the pool, `pool1: maxpool 2x2/2`, and write `unpool pool1`",)
