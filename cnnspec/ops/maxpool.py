"""Max pooling."""

from math import prod
from typing import ClassVar

from cnnspec.ops.op import Reading, Saved, TorchForm, TorchInput, both, op, pair
from cnnspec.ops.reading import Arguments
from cnnspec.ops.sliding import Pool
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class MaxPool(Pool):
    """Max pooling: the largest value in each window, channel by channel.

    The stride stands in the window, `3x3/2`; without one it is 1.  Padding counts as minus
    infinity and is half a window at most.  Output size: floor((W - F + 2P) / S) + 1; with `ceil`
    rounded up, as Caffe does, unless the last window would start beyond the map and its left
    padding.
    """

    reads: ClassVar[tuple[str, ...]] = (
        "nn.MaxPool2d(kernel_size, stride=None, padding=0, *, ceil_mode=False)",
        "F.max_pool2d(input, kernel_size, stride=None, padding=0, *, ceil_mode=False)",
    )

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True, extra=self.scratch(size, *inputs))

    def scratch(self, size: int, *inputs: Shape) -> int:
        """Where each maximum stood: 8 bytes, which PyTorch computes at inference too."""
        return 8 * int(prod(self.shape(*inputs)))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        kernel = pair(self.window.kernel)
        return both("nn.MaxPool2d", "F.max_pool2d", kernel, **self.torch_keywords())

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        window, pad = said.window("kernel_size", "stride"), said.padding("padding")
        return Reading(cls(window, pad, said.flag("ceil_mode")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("MaxPool", *inputs, **self.onnx_attributes())

    def label(self) -> str:
        rows, columns = self.window.kernel
        return f"{rows}×{columns} max pool"
