"""Hyperbolic tangent."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter


@op
class Tanh(Op):
    """Hyperbolic tangent, element by element: y = (e^x - e^-x) / (e^x + e^-x).

    LeCun et al. 1998 use the scaled form 1.7159 tanh(2x/3); this is the plain one.
    """

    kind: ClassVar[Kind] = "activation"

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Tanh", function="torch.tanh({x})")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Tanh", *inputs)

    def label(self) -> str:
        return "tanh"
