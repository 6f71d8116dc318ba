"""Absolute value."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Abs(Op):
    """Absolute value, element by element: y = |x|.

    Jarrett et al. 2009 found it behind a tanh the most important step of their networks.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = ("Abs()", "torch.abs(input)")

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("Abs", function="torch.abs({x})", helper=ABS)

    @classmethod
    def brings(cls) -> str:
        return ABS

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Abs", *inputs)

    def label(self) -> str:
        return "abs"


ABS = '''
class Abs(nn.Module):
    """The absolute value."""

    def forward(self, x: Tensor) -> Tensor:
        """Return |x|."""
        return torch.abs(x)
'''
