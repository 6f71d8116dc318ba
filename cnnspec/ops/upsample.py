"""Upsampling."""

from typing import ClassVar

from cnnspec.ops.op import (
    Kind,
    Op,
    Reading,
    TorchForm,
    TorchInput,
    both,
    needs_map,
    op,
    out_of_range,
    real,
)
from cnnspec.ops.reach import Pixel, Reach, Taps
from cnnspec.ops.reading import Arguments, Unread
from cnnspec.ops.resize import Resize
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape

_WORDS = '*, size=None, scale_factor=None, mode="nearest", align_corners=None'
"""With a `size` the call is a `resize`."""


@op
class Upsample(Op):
    """A map `scale` times as high and wide: `upsample 2`, `upsample 2, mode="bilinear"`.

    "nearest" repeats values, "bilinear" interpolates between the centres of pixels (PyTorch's
    align_corners=False).
    """

    kind: ClassVar[Kind] = "shape"
    resamples: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = (
        f"nn.Upsample({_WORDS})",
        f"F.interpolate(input, {_WORDS})",
    )

    scale: int
    mode: str = "nearest"

    def shape(self, *inputs: Shape) -> Shape:
        channels, *sizes = inputs[0]
        needs_map("upsample", inputs[0])
        if self.scale < 1:
            raise out_of_range("upsample", "scale", "at least 1", self.scale)
        if self.mode not in ("nearest", "bilinear"):
            wanted = '"nearest" or "bilinear"'
            raise out_of_range("upsample", "mode", wanted, f'"{self.mode}"')
        return channels, sizes[0] * self.scale, sizes[1] * self.scale

    def reach(self) -> Reach:
        """Nearest: pixel floor(y / scale). Bilinear: the two around (y + 1/2) / scale - 1/2.

        Where that is a pixel's own centre, the one weighs nothing.
        """
        nearest = Pixel(1, 0, self.scale)
        taps = Taps(nearest, nearest)
        if self.mode == "bilinear":
            twice = 2 * self.scale
            taps = Taps(Pixel(2, 1 - self.scale, twice), Pixel(2, self.scale, twice))
        return Reach((taps, taps))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return both("nn.Upsample", "F.interpolate", scale_factor=real(self.scale), mode=self.mode)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        if said.values["size"] is not None:
            said.only("scale_factor", None, "a size is given")
            return Resize.read(said)
        said.only("align_corners", None, "`upsample` is PyTorch's align_corners=False")
        scale = said.real("scale_factor")
        if scale != int(scale):
            raise Unread(f"{said.form} by {scale}, and a spec scales by whole numbers")
        return Reading(cls(int(scale), said.word("mode")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        scales = write.floats((1.0, 1.0, float(self.scale), float(self.scale)), 4)
        if self.mode == "bilinear":
            centres = "half_pixel"
            return write.node(
                "Resize", *inputs, "", scales,
                mode="linear", coordinate_transformation_mode=centres,
            )  # fmt: skip
        return write.node(
            "Resize", *inputs, "", scales, mode="nearest",
            coordinate_transformation_mode="asymmetric", nearest_mode="floor",
        )  # fmt: skip

    def label(self) -> str:
        return f"upsample ×{self.scale}"
