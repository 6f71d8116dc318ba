"""Gaussian error linear unit."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Reading, Saved, TorchForm, TorchInput, both, op, out_of_range
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Gelu(Op):
    """Gaussian error linear unit, element by element: y = x P(X <= x), X standard normal.

    Hendrycks and Gimpel 2016.  `approximate="tanh"` is their formula with a tanh.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = (
        'nn.GELU(approximate="none")',
        'F.gelu(input, *, approximate="none")',
    )

    approximate: str = "none"

    def shape(self, *inputs: Shape) -> Shape:
        if self.approximate not in ("none", "tanh"):
            wanted = '"none" or "tanh"'
            raise out_of_range(self.name, "approximate", wanted, f'"{self.approximate}"')
        return inputs[0]

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        if self.approximate == "tanh":
            return both("nn.GELU", "F.gelu", approximate="tanh")
        return both("nn.GELU", "F.gelu")

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.word("approximate")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Gelu", *inputs, approximate=self.approximate)

    def label(self) -> str:
        return "GELU"
