"""Rectified linear unit."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter


@op
class Relu(Op):
    """Rectified linear unit, element by element: y = max(x, 0).

    Nair and Hinton 2010; made the choice for deep networks by Krizhevsky et al. 2012.
    """

    kind: ClassVar[Kind] = "activation"

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.ReLU", function="F.relu({x})", inplace=True)

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Relu", *inputs)

    def label(self) -> str:
        return "ReLU"
