"""Flatten."""

from math import prod
from typing import ClassVar

from cnnspec.ops.op import Code, Kind, Op, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Flatten(Op):
    """A feature map as a vector, channel by channel, row by row: CxHxW becomes C * H * W."""

    kind: ClassVar[Kind] = "shape"
    uses = ("torch.flatten",)
    view: ClassVar[bool] = True

    def shape(self, *inputs: Shape) -> Shape:
        return (prod(inputs[0]),)

    def why(self, *inputs: Shape) -> tuple[str, ...]:
        factors = [int(n) for n in inputs[0]]
        return (f"{' * '.join(map(str, factors))} = {prod(factors)}",)

    def channels_out(self, *inputs: Code) -> Code:
        return None

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Flatten", function="torch.flatten({x}, 1)")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Flatten", *inputs, axis=1)
