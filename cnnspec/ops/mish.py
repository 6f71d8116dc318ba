"""Mish."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Mish(Op):
    """Mish, element by element: y = x tanh(log(1 + e^x)).

    Misra 2019; the activation of YOLOv4 (Bochkovskiy et al. 2020).
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = ("nn.Mish(inplace=False)", "F.mish(input, inplace=False)")

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Mish", function="F.mish({x})")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Mish", *inputs)

    def label(self) -> str:
        return "Mish"
