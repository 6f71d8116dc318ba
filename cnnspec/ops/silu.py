"""Sigmoid linear unit."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Silu(Op):
    """Sigmoid linear unit, element by element: y = x / (1 + e^-x).

    Elfwing et al. 2017; found again as swish by Ramachandran et al. 2017.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = ("nn.SiLU(inplace=False)", "F.silu(input, inplace=False)")

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.SiLU", function="F.silu({x})")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Mul", *inputs, write.node("Sigmoid", *inputs))

    def label(self) -> str:
        return "SiLU"
