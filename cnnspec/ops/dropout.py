"""Dropout."""

from math import prod
from typing import ClassVar

from cnnspec.ops.op import Op, Reading, Saved, TorchForm, TorchInput, check_probability, op, real
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Dropout(Op):
    """Dropout: in training each value is zero with probability `p`, the others grow by 1/(1-p).

    Srivastava et al. 2014.  At inference it does nothing.
    """

    passes: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("nn.Dropout(p=0.5)",)

    p: float = 0.5

    def shape(self, *inputs: Shape) -> Shape:
        check_probability(self.name, self.p)
        return inputs[0]

    def saved(self, size: int, *inputs: Shape) -> Saved:
        """The mask, a byte for each value."""
        return Saved(extra=int(prod(inputs[0])))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Dropout", (real(self.p),))

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.real("p")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return inputs[0]

    def label(self) -> str:
        return f"dropout {self.p:g}"
