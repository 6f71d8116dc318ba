"""Global average pooling."""

from typing import ClassVar

from cnnspec.ops.adaptive_avgpool import AdaptiveAvgPool
from cnnspec.ops.op import Kind, Op, TorchForm, TorchInput, both, needs_map, op
from cnnspec.ops.reach import Reach
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class GlobalAvgPool(Op):
    """Global average pooling: the mean of each channel, Cx1x1.

    Lin et al. 2013 (Network in Network).  `flatten` after it makes the vector for a `linear`.
    """

    name: ClassVar[str] = "global_avgpool"
    kind: ClassVar[Kind] = "pool"

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        return inputs[0][0], 1, 1

    def reach(self) -> Reach:
        return Reach(None)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return both("nn.AdaptiveAvgPool2d", "F.adaptive_avg_pool2d", 1)

    def canonical(self) -> Op:
        return AdaptiveAvgPool((1, 1))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("GlobalAveragePool", *inputs)

    def label(self) -> str:
        return "global avg pool"
