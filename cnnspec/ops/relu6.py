"""Rectified linear unit with a ceiling."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Relu6(Op):
    """Rectified linear unit that ends at 6, element by element: y = min(max(x, 0), 6).

    Krizhevsky 2010; MobileNet uses it for low-precision arithmetic (Howard et al. 2017).
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = ("nn.ReLU6(inplace=False)", "F.relu6(input, inplace=False)")

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.ReLU6", function="F.relu6({x})", inplace=True)

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Clip", *inputs, write.floats((0.0,)), write.floats((6.0,)))

    def label(self) -> str:
        return "ReLU6"
