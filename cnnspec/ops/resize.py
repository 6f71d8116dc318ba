"""A map brought to a size."""

from typing import ClassVar

from cnnspec.ops.beside import wanted_size
from cnnspec.ops.op import (
    Kind,
    Op,
    Reading,
    TorchForm,
    TorchInput,
    both,
    call,
    needs_map,
    op,
    out_of_range,
)
from cnnspec.ops.reach import Pixel, Reach, Taps
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import replace
from cnnspec.values import Beside, Shape


@op
class Resize(Op):
    """A map brought to `size` rows and columns: `resize 65x65, mode="bilinear"`.

    With `to` it is as large as the map at a label, or an input: `resize to=image`.  "nearest"
    repeats or leaves out pixels, "bilinear" interpolates between the centres of pixels, or with
    `align_corners=true` so that the corners of both maps lie on each other.  By a whole factor:
    `upsample 2`.
    """

    kind: ClassVar[Kind] = "shape"
    resamples: ClassVar[bool] = True
    beside: ClassVar[str] = "to"
    carries: ClassVar[int | None] = 1

    size: tuple[int, int] | None = None
    mode: str = "nearest"
    align_corners: bool = False
    to: Beside | None = None

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        if self.mode not in ("nearest", "bilinear"):
            wanted = '"nearest" or "bilinear"'
            raise out_of_range(self.name, "mode", wanted, f'"{self.mode}"')
        if self.align_corners and self.mode == "nearest":
            raise out_of_range(self.name, "align_corners", 'false with mode="nearest"', "true")
        return inputs[0][0], *wanted_size(self.name, self.size, self.to, inputs)

    def told(self, shape: Shape) -> Op:
        rows, columns = shape[1:]
        return self if self.to is None else replace(self, size=(rows, columns), to=None)

    def reach(self) -> Reach:
        return Reach(None)

    def seen(self, *inputs: Shape) -> Reach:
        """Nearest: pixel floor(y H / size). Bilinear: the two around (y + 1/2) H / size - 1/2."""
        size = wanted_size(self.name, self.size, self.to, inputs)
        rows, columns = (
            self._taps(int(n), int(s)) for n, s in zip(inputs[0][1:], size, strict=True)
        )
        return Reach((rows, columns))

    def _taps(self, size: int, out: int) -> Taps:
        if self.mode == "nearest" or size in (1, out) or (self.align_corners and out == 1):
            pixel = Pixel(size, 0, out)
            return Taps(pixel, pixel)
        if self.align_corners:
            return Taps(Pixel(size - 1, 0, out - 1), Pixel(size - 1, out - 2, out - 1))
        first = size - out
        return Taps(Pixel(2 * size, first, 2 * out), Pixel(2 * size, first + 2 * out - 1, 2 * out))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        corners = {"align_corners": True} if self.align_corners else {}
        if self.to is not None:
            text = call("F.interpolate", mode=self.mode, **corners)
            like = "({0}, size={1}.shape[-2:], "
            return TorchForm(function=text.replace("(", like, 1))
        words = {"size": self.size, "mode": self.mode} | corners
        return both("nn.Upsample", "F.interpolate", **words)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        corners = said.values["align_corners"] is not None and said.flag("align_corners")
        mode = said.word("mode")
        if isinstance(said.values["size"], Beside):
            return Reading(cls(mode=mode, align_corners=corners, to=said.beside("size")))
        return Reading(cls(said.pair("size"), mode, corners))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        x = inputs[0]
        if self.to is not None:
            sizes = write.node("Shape", inputs[1], start=2, end=4)
        else:
            sizes = write.integers(*self.size or ())
        if self.mode == "bilinear":
            way = "align_corners" if self.align_corners else "half_pixel"
            return write.node(
                "Resize", x, "", "", sizes, axes=(2, 3),
                mode="linear", coordinate_transformation_mode=way,
            )  # fmt: skip
        return write.node(
            "Resize", x, "", "", sizes, axes=(2, 3), mode="nearest",
            coordinate_transformation_mode="asymmetric", nearest_mode="floor",
        )  # fmt: skip

    def label(self) -> str:
        return f"resize {self.size[0]}×{self.size[1]}" if self.size else "resize"
