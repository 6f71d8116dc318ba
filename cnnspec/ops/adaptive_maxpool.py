"""Max pooling to a size."""

from math import prod
from typing import ClassVar

from cnnspec.ops.op import (
    Kind,
    Op,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    both,
    needs_map,
    op,
    pair,
)
from cnnspec.ops.reach import Reach
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class AdaptiveMaxPool(Op):
    """Max pooling to `size` rows and columns, whatever arrives: `adaptive_maxpool 7x7`.

    Output row i is the largest of the rows floor(i H / size) up to ceil((i + 1) H / size), as in
    RoI pooling (Girshick 2015).  The receptive field counts it as the whole map.
    """

    name: ClassVar[str] = "adaptive_maxpool"
    kind: ClassVar[Kind] = "pool"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.AdaptiveMaxPool2d(output_size)",
        "F.adaptive_max_pool2d(input, output_size)",
    )

    size: tuple[int, int]

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        return inputs[0][0], *self.size

    def reach(self) -> Reach:
        return Reach(None)

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True, extra=self.scratch(size, *inputs))

    def scratch(self, size: int, *inputs: Shape) -> int:
        """Where each maximum stood: 8 bytes."""
        return 8 * int(prod(self.shape(*inputs)))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return both("nn.AdaptiveMaxPool2d", "F.adaptive_max_pool2d", pair(self.size))

    def sized(self) -> bool:
        return self.size != (1, 1)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.pair("output_size")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        """Windows overlap where the size does not divide the map: then each has its own copy."""
        (x,) = inputs
        if not self.sized():
            return write.node("GlobalMaxPool", x)
        kernel = []
        for axis, (size, parts) in enumerate(zip(write.inputs[0][1:], self.size, strict=True), 2):
            rows = _windows(int(size), parts)
            kernel.append(len(rows) // parts)
            if rows != list(range(size)):
                x = write.node("Gather", x, write.integers(*rows), axis=axis)
        window = kernel[0], kernel[1]
        return write.node("MaxPool", x, kernel_shape=window, strides=window)

    def label(self) -> str:
        rows, columns = self.size
        return f"{rows}×{columns} adaptive max pool"


def _windows(size: int, parts: int) -> list[int]:
    """The places of each part one after another, as many of each: the last stands again."""
    ends = [(i * size // parts, -(-(i + 1) * size // parts)) for i in range(parts)]
    longest = max(stop - start for start, stop in ends)
    return [min(start + n, stop - 1) for start, stop in ends for n in range(longest)]
