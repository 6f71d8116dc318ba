"""Rectified linear unit."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Relu(Op):
    """Rectified linear unit, element by element: y = max(x, 0).

    Nair and Hinton 2010; made the choice for deep networks by Krizhevsky et al. 2012.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = ("nn.ReLU(inplace=False)", "F.relu(input, inplace=False)")

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(output=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.ReLU", function="F.relu({x})", inplace=True)

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Relu", *inputs)

    def label(self) -> str:
        return "ReLU"
