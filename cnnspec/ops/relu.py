"""Rectified linear unit."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, TorchForm, TorchInput, op


@op
class Relu(Op):
    """max(x, 0), element by element (Nair and Hinton 2010)."""

    kind: ClassVar[Kind] = "activation"

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.ReLU", function="F.relu({x})", inplace=True)

    def label(self) -> str:
        return "ReLU"
