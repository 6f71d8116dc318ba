"""Piecewise linear sigmoid."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Hardsigmoid(Op):
    """Sigmoid from straight pieces, element by element: y = min(max(x + 3, 0), 6) / 6.

    Howard et al. 2019 (MobileNetV3), in squeeze-and-excitation.  Keras and ONNX have other slopes
    for defaults: 1/5 in place of 1/6.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.Hardsigmoid(inplace=False)",
        "F.hardsigmoid(input, inplace=False)",
    )
    gate: ClassVar[bool] = True

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Hardsigmoid", function="F.hardsigmoid({x})")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("HardSigmoid", *inputs, alpha=1 / 6, beta=0.5)

    def label(self) -> str:
        return "hard sigmoid"
