"""Flatten."""

from math import prod
from typing import ClassVar

from cnnspec.ops.op import Code, Kind, Op, Reading, TorchForm, TorchInput, op
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Flatten(Op):
    """A feature map as a vector, channel by channel, row by row: CxHxW becomes C * H * W."""

    kind: ClassVar[Kind] = "shape"
    flattens: ClassVar[bool] = True
    drawn: ClassVar[bool] = False
    view: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = (
        "nn.Flatten(start_dim=1, end_dim=-1)",
        "torch.flatten(input, start_dim=0, end_dim=-1)",
    )

    def shape(self, *inputs: Shape) -> Shape:
        return (prod(inputs[0]),)

    def why(self, *inputs: Shape) -> tuple[str, ...]:
        factors = [int(n) for n in inputs[0]]
        return (f"{' * '.join(map(str, factors))} = {prod(factors)}",)

    def channels_out(self, *inputs: Code) -> Code:
        return None

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Flatten", function="torch.flatten({x}, 1)")

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        said.only("start_dim", 1, "the batch is axis 0 and stays")
        said.only("end_dim", -1, "all axes of an image become one")
        return Reading(cls())

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Flatten", *inputs, axis=1)
