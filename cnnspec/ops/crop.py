"""The middle of a map."""

from typing import ClassVar

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
from cnnspec.values import Shape, dims


@op
class Crop(Op):
    """The middle of a map, `size` rows and columns of it: `crop 392x392`.

    Of an odd difference the smaller half is cut at the top and left.  U-Net (Ronneberger et al.
    2015) cuts the maps of its first half so before they meet those of its second.
    """

    kind: ClassVar[Kind] = "shape"
    view: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("CenterCrop(size)",)

    size: tuple[int, int]

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        needs_map(self.name, x)
        if x[1] < self.size[0] or x[2] < self.size[1]:
            raise OpError(
                "E0308",
                f"crop takes {dims(self.size)} from the middle of a map, and {dims(x)} has no more",
                argument="size",
                help=("`pad` or `resize` makes a map larger",),
            )
        return x[0], *self.size

    def seen(self, *inputs: Shape) -> Reach:
        rows, columns = (
            Taps(Pixel(1, start, 1), Pixel(1, start, 1))
            for start in ((int(n) - s) // 2 for n, s in zip(inputs[0][1:], self.size, strict=True))
        )
        return Reach((rows, columns))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("CenterCrop", (pair(self.size),), helper=CENTER_CROP)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.pair("size")), axes=3)

    @classmethod
    def brings(cls) -> str:
        return CENTER_CROP

    def sized(self) -> bool:
        return True

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        starts = [(int(n) - s) // 2 for n, s in zip(write.inputs[0][1:], self.size, strict=True)]
        stops = [start + s for start, s in zip(starts, self.size, strict=True)]
        axes = write.integers(2, 3)
        return write.node("Slice", *inputs, write.integers(*starts), write.integers(*stops), axes)

    def label(self) -> str:
        rows, columns = self.size
        return f"crop {rows}×{columns}"


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
