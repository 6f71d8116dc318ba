"""Hyperbolic tangent."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Tanh(Op):
    """Hyperbolic tangent, element by element: y = (e^x - e^-x) / (e^x + e^-x).

    LeCun et al. 1998 use the scaled form 1.7159 tanh(2x/3), which is `scaled_tanh`.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = ("nn.Tanh()", "torch.tanh(input)")

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(output=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Tanh", function="torch.tanh({x})")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Tanh", *inputs)

    def label(self) -> str:
        return "tanh"
