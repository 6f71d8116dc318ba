"""The middle of a map."""

from typing import ClassVar

from cnnspec.ops.beside import wanted_size
from cnnspec.ops.op import (
    Kind,
    Op,
    OpError,
    Reading,
    TorchForm,
    TorchInput,
    needs_map,
    op,
    pair,
)
from cnnspec.ops.reach import Pixel, Reach, Taps
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import replace
from cnnspec.values import Beside, Shape, dims


@op
class Crop(Op):
    """The middle of a map, `size` rows and columns of it: `crop 392x392`.

    With `to` it is as large as the map at a label: `crop to=up1`.  Of an odd difference the smaller
    half is cut at the top and left.  U-Net (Ronneberger et al. 2015) cuts the maps of its first
    half so before they meet those of its second.
    """

    kind: ClassVar[Kind] = "shape"
    view: ClassVar[bool] = True
    beside: ClassVar[str] = "to"
    carries: ClassVar[int | None] = 1
    reads: ClassVar[tuple[str, ...]] = ("CenterCrop(size)", "center_crop(input, like)")

    size: tuple[int, int] | None = None
    to: Beside | None = None

    def shape(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        needs_map(self.name, x)
        size = wanted_size(self.name, self.size, self.to, inputs)
        if x[1] < size[0] or x[2] < size[1]:
            raise OpError(
                "E0308",
                f"crop takes {dims(size)} from the middle of a map, and {dims(x)} has no more",
                argument=self.beside if self.to else "size",
                help=("`pad` or `resize` makes a map larger",),
            )
        return x[0], *size

    def told(self, shape: Shape) -> Op:
        rows, columns = shape[1:]
        return self if self.to is None else replace(self, size=(rows, columns), to=None)

    def seen(self, *inputs: Shape) -> Reach:
        rows, columns = (
            Taps(Pixel(1, start, 1), Pixel(1, start, 1)) for start in self._starts(inputs)
        )
        return Reach((rows, columns))

    def _starts(self, inputs: tuple[Shape, ...]) -> tuple[int, ...]:
        """The first row and column that stay."""
        size = wanted_size(self.name, self.size, self.to, inputs)
        return tuple((int(n) - int(s)) // 2 for n, s in zip(inputs[0][1:], size, strict=True))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        if self.to is not None:
            return TorchForm(function="center_crop({0}, {1})", helper=CENTER_CROP_TO)
        return TorchForm("CenterCrop", (pair(self.size),), helper=CENTER_CROP)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        if said.form == "center_crop":
            return Reading(cls(to=said.beside("like")))
        return Reading(cls(said.pair("size")), axes=3)

    @classmethod
    def brings(cls) -> str:
        return CENTER_CROP + CENTER_CROP_TO

    def sized(self) -> bool:
        return self.to is None

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        axes = write.integers(2, 3)
        if self.to is not None:
            (x, like), two = inputs, write.integers(2, 2)
            size = write.node("Shape", like, start=2, end=4)
            over = write.node("Sub", write.node("Shape", x, start=2, end=4), size)
            first = write.node("Div", over, two)
            return write.node("Slice", x, first, write.node("Add", first, size), axes)
        starts = self._starts(write.inputs)
        stops = [start + s for start, s in zip(starts, self.size or (), strict=True)]
        return write.node("Slice", *inputs, write.integers(*starts), write.integers(*stops), axes)

    def label(self) -> str:
        return f"crop {self.size[0]}×{self.size[1]}" if self.size else "crop"


CENTER_CROP = '''
class CenterCrop(nn.Module):
    """The middle of a map."""

    def __init__(self, size: int | tuple[int, int]) -> None:
        """Map [channels, H, W] to [channels, *size]."""
        super().__init__()
        self.size = (size, size) if isinstance(size, int) else size

    def forward(self, x: Tensor) -> Tensor:
        """Return the middle of x; of an odd difference the smaller half is cut at top and left."""
        rows, columns = self.size
        top, left = (x.shape[2] - rows) // 2, (x.shape[3] - columns) // 2
        return x[:, :, top : top + rows, left : left + columns]
'''


CENTER_CROP_TO = '''
def center_crop(x: Tensor, like: Tensor) -> Tensor:
    """Return the middle of x, as high and wide as `like`; the smaller half is cut at top, left."""
    rows, columns = like.shape[2], like.shape[3]
    top, left = (x.shape[2] - rows) // 2, (x.shape[3] - columns) // 2
    return x[:, :, top : top + rows, left : left + columns]
'''
