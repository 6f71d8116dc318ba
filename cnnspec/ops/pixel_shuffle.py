"""Channels made into rows and columns."""

from typing import ClassVar

from cnnspec.ops.op import (
    Code,
    Kind,
    Op,
    OpError,
    Reading,
    TorchForm,
    TorchInput,
    both,
    needs_map,
    op,
    out_of_range,
)
from cnnspec.ops.reach import Pixel, Reach, Taps
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape, dims


@op
class PixelShuffle(Op):
    """A map `factor` times as high and wide, of channels: C*factor^2 x H x W becomes
    C x factor*H x factor*W.

    Row r*factor + i, column c*factor + j of channel n is pixel (r, c) of channel
    n*factor^2 + i*factor + j.  ESPCN (Shi et al. 2016).
    """

    name: ClassVar[str] = "pixel_shuffle"
    kind: ClassVar[Kind] = "shape"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.PixelShuffle(upscale_factor)",
        "F.pixel_shuffle(input, upscale_factor)",
    )

    factor: int

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        channels, height, width = inputs[0]
        if self.factor < 1:
            raise out_of_range(self.name, "factor", "at least 1", self.factor)
        square = self.factor**2
        if channels % square:
            above = -(-channels // square) * square
            raise OpError(
                "E0304",
                f"pixel_shuffle {self.factor} needs a multiple of {square} channels, "
                f"and {dims(inputs[0])} arrives",
                argument="factor",
                help=(f"`conv {above}, 3x3, pad=1` before it makes {above} channels",),
            )
        return channels // square, height * self.factor, width * self.factor

    def channels_out(self, *inputs: Code) -> Code:
        return None if inputs[0] is None else inputs[0] // (self.factor * self.factor)

    def reach(self) -> Reach:
        taps = Taps(Pixel(1, 0, self.factor), Pixel(1, 0, self.factor))
        return Reach((taps, taps))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return both("nn.PixelShuffle", "F.pixel_shuffle", self.factor)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.integer("upscale_factor")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("DepthToSpace", *inputs, blocksize=self.factor, mode="CRD")

    def label(self) -> str:
        return f"pixel shuffle ×{self.factor}"
