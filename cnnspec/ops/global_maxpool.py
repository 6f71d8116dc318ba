"""Global max pooling."""

from math import prod
from typing import ClassVar

from cnnspec.ops.adaptive_maxpool import AdaptiveMaxPool
from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, both, needs_map, op
from cnnspec.ops.reach import Reach
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class GlobalMaxPool(Op):
    """Global max pooling: the largest value of each channel, Cx1x1.

    Oquab et al. 2015; beside the mean in CBAM's channel attention (Woo et al. 2018).
    """

    name: ClassVar[str] = "global_maxpool"
    kind: ClassVar[Kind] = "pool"

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        return inputs[0][0], 1, 1

    def reach(self) -> Reach:
        return Reach(None)

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True, extra=self.scratch(size, *inputs))

    def scratch(self, size: int, *inputs: Shape) -> int:
        """Where each maximum stood: 8 bytes."""
        return 8 * int(prod(self.shape(*inputs)))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return both("nn.AdaptiveMaxPool2d", "F.adaptive_max_pool2d", 1)

    def canonical(self) -> Op:
        return AdaptiveMaxPool((1, 1))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("GlobalMaxPool", *inputs)

    def label(self) -> str:
        return "global max pool"
