"""Piecewise swish."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Hardswish(Op):
    """Swish from straight pieces, element by element: y = x min(max(x + 3, 0), 6) / 6.

    Howard et al. 2019 (MobileNetV3): close to `silu`, without an exponential.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.Hardswish(inplace=False)",
        "F.hardswish(input, inplace=False)",
    )

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Hardswish", function="F.hardswish({x})")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("HardSwish", *inputs)

    def label(self) -> str:
        return "hard swish"
