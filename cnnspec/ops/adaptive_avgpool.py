"""Average pooling to a size."""

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
class AdaptiveAvgPool(Op):
    """Average pooling to `size` rows and columns, whatever arrives: `adaptive_avgpool 7x7`.

    Output row i is the mean of the rows floor(i H / size) up to ceil((i + 1) H / size).  The
    receptive field counts it as the whole map.
    """

    name: ClassVar[str] = "adaptive_avgpool"
    kind: ClassVar[Kind] = "pool"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.AdaptiveAvgPool2d(output_size)",
        "F.adaptive_avg_pool2d(input, output_size)",
    )

    size: tuple[int, int]

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        return inputs[0][0], *self.size

    def reach(self) -> Reach:
        return Reach(None)

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=self.size != (1, 1))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return both("nn.AdaptiveAvgPool2d", "F.adaptive_avg_pool2d", pair(self.size))

    def sized(self) -> bool:
        return self.size != (1, 1)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.pair("output_size")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        (x,) = inputs
        if not self.sized():
            return write.node("GlobalAveragePool", x)
        _, height, width = write.inputs[0]
        rows, columns = self.size
        if height % rows == 0 and width % columns == 0:
            kernel = height // rows, width // columns
            return write.node("AveragePool", x, kernel_shape=kernel, strides=kernel)
        means = write.floats(tuple(n for row in _means(height, rows) for n in row), rows, height)
        y = write.node("MatMul", means, x)
        across = [n for row in zip(*_means(width, columns), strict=True) for n in row]
        return write.node("MatMul", y, write.floats(tuple(across), width, columns))

    def label(self) -> str:
        rows, columns = self.size
        return f"{rows}×{columns} adaptive avg pool"


def _means(size: int, parts: int) -> list[list[float]]:
    """Each part's mean as a row of weights over all `size` places."""
    rows = []
    for i in range(parts):
        start, stop = i * size // parts, -(-(i + 1) * size // parts)
        rows.append([1 / (stop - start) if start <= n < stop else 0.0 for n in range(size)])
    return rows
