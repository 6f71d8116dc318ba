"""Logistic function."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Sigmoid(Op):
    """Logistic function, element by element: y = 1 / (1 + e^-x).

    At the end of an output it is the output's head: figures show it, the logits are what goes
    into it (L16).
    """

    kind: ClassVar[Kind] = "activation"
    head: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("nn.Sigmoid()", "torch.sigmoid(input)")
    gate: ClassVar[bool] = True

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(output=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Sigmoid", function="torch.sigmoid({x})")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Sigmoid", *inputs)

    def label(self) -> str:
        return "sigmoid"
