"""A constant factor."""

from typing import ClassVar

from cnnspec.ops.op import Op, Reading, TorchForm, TorchInput, both, op, real
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter


@op
class Times(Op):
    """Multiplication by a number that is not trained: y = factor * x.

    Inception-ResNet (Szegedy et al. 2016) scales its residuals so: `times 0.17`.  A trained gain is
    `scale`.
    """

    reads: ClassVar[tuple[str, ...]] = ("Times(factor)", "torch.mul(input, other)")

    factor: float

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm(
            "Times",
            (real(self.factor),),
            helper=TIMES,
            function=both("", "torch.mul", real(self.factor)).function,
        )

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.real("factor" if said.form == "Times" else "other")))

    @classmethod
    def brings(cls) -> str:
        return TIMES

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Mul", *inputs, write.floats((float(self.factor),)))

    def label(self) -> str:
        return f"× {self.factor:g}"


TIMES = '''
class Times(nn.Module):
    """Multiplication by a number."""

    def __init__(self, factor: float) -> None:
        """Map any shape to itself."""
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """Return factor * x."""
        return torch.mul(x, self.factor)
'''
