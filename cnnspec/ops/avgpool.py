"""Average pooling."""

from typing import ClassVar

from cnnspec.ops.op import Reading, Saved, TorchForm, TorchInput, both, op, pair
from cnnspec.ops.reading import Arguments
from cnnspec.ops.sliding import SIDES_SAME, Pool
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import TF_SAME, Shape


@op
class AvgPool(Pool):
    """Average pooling: the mean of each window, channel by channel.

    The stride stands in the window, `2x2/2`; without one it is 1.  Padding is zeros, half a window
    at most; `count_include_pad=false` leaves them out of the mean.  Output size:
    floor((W - F + 2P) / S) + 1; with `ceil` rounded up, unless the last window would start beyond
    the map and its left padding.  `pad=tf_same` gives ceil(H / S), the odd one at the bottom and
    right; TensorFlow itself leaves padding out of the mean.
    """

    uses: ClassVar[tuple[str, ...]] = ("torch.ones_like",)
    reads: ClassVar[tuple[str, ...]] = (
        "nn.AvgPool2d(kernel_size, stride=None, padding=0, ceil_mode=False,"
        " count_include_pad=True)",
        "AvgPool2dSame(kernel_size, stride, count_include_pad=True)",
        "F.avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False,"
        " count_include_pad=True)",
    )

    count_include_pad: bool = True

    def remedy(self, size: int, axis: int, more: int) -> str:
        return "`global_avgpool` takes a map of any size"

    def saved(self, size: int, *inputs: Shape) -> Saved:
        if self.pad != TF_SAME:
            return Saved(inputs=True)
        _, rows, columns = map(int, self.shape(*inputs))
        shares = 0 if self.count_include_pad else size * rows * columns
        return Saved(extra=self.padded(size, *inputs), fixed=shares)

    def scratch(self, size: int, *inputs: Shape) -> int:
        return self.padded(size, *inputs)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        keywords = self.torch_keywords()
        if not self.count_include_pad:
            keywords["count_include_pad"] = False
        if self.pad == TF_SAME:
            args = (pair(self.window.kernel), keywords.pop("stride"))
            return TorchForm("AvgPool2dSame", args, tuple(keywords.items()), helper=AVG_POOL_SAME)
        return both("nn.AvgPool2d", "F.avg_pool2d", pair(self.window.kernel), **keywords)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        window, include = said.window("kernel_size", "stride"), said.flag("count_include_pad")
        if said.form == "AvgPool2dSame":
            return Reading(cls(window, TF_SAME, count_include_pad=include))
        pad, ceil = said.padding("padding"), said.flag("ceil_mode")
        return Reading(cls(window, pad, ceil, include))

    @classmethod
    def brings(cls) -> str:
        return AVG_POOL_SAME

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        include = int(self.count_include_pad)
        return write.node(
            "AveragePool",
            *inputs,
            **self.onnx_attributes(write.inputs[0]),
            count_include_pad=include,
        )

    def label(self) -> str:
        rows, columns = self.window.kernel
        return f"{rows}×{columns} avg pool"


AVG_POOL_SAME = f'''
class AvgPool2dSame(nn.Module):
    """Average pooling padded as TensorFlow does: ceil(H / stride) rows, the odd one behind."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int],
        count_include_pad: bool = True,
    ) -> None:
        """Map [channels, H, W] to [channels, ceil(H / stride), ceil(W / stride)]."""
        super().__init__()
        self.kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.stride = (stride, stride) if isinstance(stride, int) else stride
        self.count_include_pad = count_include_pad

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of each window."""
{SIDES_SAME}        y = F.avg_pool2d(F.pad(x, sides), self.kernel, self.stride)
        if self.count_include_pad:
            return y
        ones = F.pad(torch.ones_like(x[:1, :1]), sides)
        return y / F.avg_pool2d(ones, self.kernel, self.stride)
'''
