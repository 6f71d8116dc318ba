"""Average pooling."""

from typing import ClassVar

from cnnspec.ops.op import Reading, Saved, TorchForm, TorchInput, both, op, pair
from cnnspec.ops.reading import Arguments
from cnnspec.ops.sliding import Pool
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class AvgPool(Pool):
    """Average pooling: the mean of each window, channel by channel.

    The stride stands in the window, `2x2/2`; without one it is 1.  Padding is zeros, half a window
    at most; `count_include_pad=false` leaves them out of the mean.  Output size:
    floor((W - F + 2P) / S) + 1; with `ceil` rounded up, unless the last window would start beyond
    the map and its left padding.
    """

    reads: ClassVar[tuple[str, ...]] = (
        "nn.AvgPool2d(kernel_size, stride=None, padding=0, ceil_mode=False,"
        " count_include_pad=True)",
        "F.avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False,"
        " count_include_pad=True)",
    )

    count_include_pad: bool = True

    def remedy(self, size: int, axis: int, more: int) -> str:
        return "`global_avgpool` takes a map of any size"

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        keywords = self.torch_keywords()
        if not self.count_include_pad:
            keywords["count_include_pad"] = False
        return both("nn.AvgPool2d", "F.avg_pool2d", pair(self.window.kernel), **keywords)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        window, pad = said.window("kernel_size", "stride"), said.padding("padding")
        ceil, include = said.flag("ceil_mode"), said.flag("count_include_pad")
        return Reading(cls(window, pad, ceil, include))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        include = int(self.count_include_pad)
        return write.node(
            "AveragePool", *inputs, **self.onnx_attributes(), count_include_pad=include
        )

    def label(self) -> str:
        rows, columns = self.window.kernel
        return f"{rows}×{columns} avg pool"
