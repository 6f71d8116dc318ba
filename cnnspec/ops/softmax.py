"""Softmax."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Reading, Saved, TorchForm, TorchInput, both, op
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Softmax(Op):
    """Probabilities over the channels or features: y_i = e^(x_i) / sum_j e^(x_j).

    At the end of an output it is the output's head: figures show it, the logits are what goes
    into it, and the generated code leaves it to the loss (L16).
    """

    kind: ClassVar[Kind] = "activation"
    probabilities: ClassVar[bool] = True
    head: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("nn.Softmax(dim)", "F.softmax(input, dim)")
    gate: ClassVar[bool] = True

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(output=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return both("nn.Softmax", "F.softmax", dim=1)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        said.only("dim", 1, "the channels are axis 1")
        return Reading(cls())

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Softmax", *inputs, axis=1)
