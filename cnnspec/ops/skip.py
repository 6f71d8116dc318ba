"""The identity."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter


@op
class Skip(Op):
    """The identity: as an arm of a fork, the fork's own input.

    `add { conv c, 3x3; skip }` is a residual connection (He et al. 2015).
    """

    kind: ClassVar[Kind] = "other"
    identity: ClassVar[bool] = True
    drawn: ClassVar[bool] = False
    view: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("nn.Identity()",)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Identity", function="{x}")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return inputs[0]
