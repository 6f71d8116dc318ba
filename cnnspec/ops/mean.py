"""Elementwise mean of the arms of a fork."""

from math import prod
from typing import ClassVar

from cnnspec.ops.add import alike
from cnnspec.ops.op import Kind, Op, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Mean(Op):
    """Elementwise mean of the arms: `mean { conv c, 3x3; fractal c, n - 1 }`.

    FractalNet (Larsson et al. 2016) joins its columns so.  All arms have one shape; nothing is
    broadcast.
    """

    kind: ClassVar[Kind] = "join"
    join: ClassVar[bool] = True
    sign: ClassVar[str] = "µ"
    averages: ClassVar[bool] = True

    def shape(self, *inputs: Shape) -> Shape:
        return alike(self.name, inputs)

    def scratch(self, size: int, *inputs: Shape) -> int:
        """The sum."""
        return size * int(prod(inputs[0]))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        arms = " + ".join(f"{{{i}}}" for i in range(len(inputs)))
        return TorchForm(function=f"({arms}) / {len(inputs)}")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Mean", *inputs)
