"""Softplus."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Softplus(Op):
    """Softplus, element by element: y = log(1 + e^x), which is x where x is above 20.

    Dugas et al. 2001: a smooth ReLU.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = ("nn.Softplus()", "F.softplus(input)")

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Softplus", function="F.softplus({x})")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Softplus", *inputs)

    def label(self) -> str:
        return "softplus"
