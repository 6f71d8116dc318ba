"""Max pooling."""

from math import prod
from typing import ClassVar

from cnnspec.ops.op import Reading, Saved, TorchForm, TorchInput, both, op, pair
from cnnspec.ops.reading import Arguments
from cnnspec.ops.sliding import SIDES_SAME, Pool
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import TF_SAME, Shape

_WORDS = "kernel_size, stride=None, padding=0, *, ceil_mode=False, return_indices=False"
"""The indices are a second value, which `unpool` takes."""


@op
class MaxPool(Pool):
    """Max pooling: the largest value in each window, channel by channel.

    The stride stands in the window, `3x3/2`; without one it is 1.  Padding counts as minus
    infinity and is half a window at most.  Output size: floor((W - F + 2P) / S) + 1; with `ceil`
    rounded up, as Caffe does, unless the last window would start beyond the map and its left
    padding.  `pad=tf_same` is TensorFlow's: ceil(H / S), the odd one at the bottom and right.
    """

    reads: ClassVar[tuple[str, ...]] = (
        f"nn.MaxPool2d({_WORDS})",
        "MaxPool2dSame(kernel_size, stride)",
        f"F.max_pool2d(input, {_WORDS})",
    )

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=self.pad != TF_SAME, extra=self.scratch(size, *inputs))

    def scratch(self, size: int, *inputs: Shape) -> int:
        """Where each maximum stood: 8 bytes, which PyTorch computes at inference too."""
        return 8 * int(prod(self.shape(*inputs))) + self.padded(size, *inputs)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        kernel = pair(self.window.kernel)
        if self.pad == TF_SAME:
            stride = pair(self.window.stride)
            return TorchForm("MaxPool2dSame", (kernel, stride), helper=MAX_POOL_SAME)
        return both("nn.MaxPool2d", "F.max_pool2d", kernel, **self.torch_keywords())

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        window = said.window("kernel_size", "stride")
        if said.form == "MaxPool2dSame":
            return Reading(cls(window, TF_SAME))
        pad = said.padding("padding")
        return Reading(cls(window, pad, said.flag("ceil_mode")))

    @classmethod
    def brings(cls) -> str:
        return MAX_POOL_SAME

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("MaxPool", *inputs, **self.onnx_attributes(write.inputs[0]))

    def label(self) -> str:
        rows, columns = self.window.kernel
        return f"{rows}×{columns} max pool"


MAX_POOL_SAME = f'''
class MaxPool2dSame(nn.Module):
    """Max pooling padded as TensorFlow does: ceil(H / stride) rows, the odd one behind."""

    def __init__(self, kernel_size: int | tuple[int, int], stride: int | tuple[int, int]) -> None:
        """Map [channels, H, W] to [channels, ceil(H / stride), ceil(W / stride)]."""
        super().__init__()
        self.kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.stride = (stride, stride) if isinstance(stride, int) else stride

    def forward(self, x: Tensor) -> Tensor:
        """Return the largest value of each window."""
{SIDES_SAME}        y = F.pad(x, sides, value=float("-inf"))
        return F.max_pool2d(y, self.kernel, self.stride)
'''
