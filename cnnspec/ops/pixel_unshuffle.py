"""Rows and columns made into channels."""

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
from cnnspec.ops.reach import Reach, window_reach
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape, dims


@op
class PixelUnshuffle(Op):
    """Each square of `factor` x `factor` pixels as one, of more channels: C x H x W becomes
    C*factor^2 x H/factor x W/factor.

    The way back from `pixel_shuffle`: row r*factor + i, column c*factor + j of channel n becomes
    pixel (r, c) of channel n*factor^2 + i*factor + j.
    """

    name: ClassVar[str] = "pixel_unshuffle"
    kind: ClassVar[Kind] = "shape"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.PixelUnshuffle(downscale_factor)",
        "F.pixel_unshuffle(input, downscale_factor)",
    )

    factor: int

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        channels, *sizes = inputs[0]
        if self.factor < 1:
            raise out_of_range(self.name, "factor", "at least 1", self.factor)
        rows, columns = (size // self.factor for size in sizes)
        if (rows * self.factor, columns * self.factor) != tuple(sizes):
            raise OpError(
                "E0308",
                f"pixel_unshuffle {self.factor} needs rows and columns that {self.factor} divides, "
                f"and {dims(inputs[0])} arrives",
                argument="factor",
            )
        return channels * self.factor**2, rows, columns

    def channels_out(self, *inputs: Code) -> Code:
        return None if inputs[0] is None else inputs[0] * (self.factor * self.factor)

    def reach(self) -> Reach:
        return window_reach((self.factor,) * 2, (self.factor,) * 2, (0, 0))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return both("nn.PixelUnshuffle", "F.pixel_unshuffle", self.factor)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.integer("downscale_factor")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        """SpaceToDepth puts the channels last among the new ones, PyTorch first."""
        channels, square = int(write.inputs[0][0]), self.factor**2
        y = write.node("SpaceToDepth", *inputs, blocksize=self.factor)
        order = (i * channels + n for n in range(channels) for i in range(square))
        return write.node("Gather", y, write.integers(*order), axis=1)

    def label(self) -> str:
        return f"pixel unshuffle /{self.factor}"
