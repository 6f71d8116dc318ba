"""Scaled exponential linear unit."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Selu(Op):
    """Scaled exponential linear unit: y = 1.0507 x above 0, 1.7581 (e^x - 1) below.

    Klambauer et al. 2017: with these two numbers means stay near 0 and variances near 1.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = ("nn.SELU(inplace=False)", "F.selu(input, inplace=False)")

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.SELU", function="F.selu({x})", inplace=True)

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Selu", *inputs)

    def label(self) -> str:
        return "SELU"
