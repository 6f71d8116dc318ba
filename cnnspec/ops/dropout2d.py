"""Dropout of whole maps."""

from typing import ClassVar

from cnnspec.ops.op import (
    Op,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    check_probability,
    needs_map,
    op,
    real,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Dropout2d(Op):
    """Dropout of whole maps: in training each map of each image is zero with probability `p`.

    Tompson et al. 2015: neighbouring pixels are alike, so `dropout` alone would leave them to each
    other.  The maps that stay grow by 1/(1-p).  At inference it does nothing.
    """

    passes: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("nn.Dropout2d(p=0.5)",)

    p: float = 0.5

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        check_probability(self.name, self.p)
        return inputs[0]

    def saved(self, size: int, *inputs: Shape) -> Saved:
        """A number for each map."""
        return Saved(extra=size * int(inputs[0][0]))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("nn.Dropout2d", (real(self.p),))

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.real("p")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return inputs[0]

    def label(self) -> str:
        return f"dropout 2d {self.p:g}"
