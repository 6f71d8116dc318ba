"""Exponential linear unit."""

from typing import ClassVar

from cnnspec.ops.op import (
    Kind,
    Op,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    both,
    op,
    out_of_range,
    real,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import replace
from cnnspec.values import Shape


@op
class Elu(Op):
    """Exponential linear unit, element by element: y = x above 0, alpha (e^x - 1) below.

    Clevert et al. 2015.  `alpha` is at least 0.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.ELU(alpha=1.0, inplace=False)",
        "F.elu(input, alpha=1.0, inplace=False)",
    )

    alpha: float = 1.0

    def shape(self, *inputs: Shape) -> Shape:
        if self.alpha < 0:
            raise out_of_range(self.name, "alpha", "at least 0", self.alpha)
        return inputs[0]

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        args = () if self.alpha == 1.0 else (real(self.alpha),)
        return replace(both("nn.ELU", "F.elu", *args), inplace=True)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.real("alpha")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Elu", *inputs, alpha=float(self.alpha))

    def label(self) -> str:
        return "ELU"
