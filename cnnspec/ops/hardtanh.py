"""Piecewise linear tanh."""

from typing import ClassVar

from cnnspec.ops.op import (
    Kind,
    Op,
    OpError,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    both,
    op,
    real,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import replace
from cnnspec.values import Shape


@op
class Hardtanh(Op):
    """Tanh from straight pieces, element by element: y = min(max(x, low), high).

    Collobert 2004.  `low` is below `high`; `relu6` is `hardtanh 0, 6`.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.Hardtanh(min_val=-1.0, max_val=1.0, inplace=False)",
        "F.hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False)",
    )

    low: float = -1.0
    high: float = 1.0

    def shape(self, *inputs: Shape) -> Shape:
        if self.low >= self.high:
            message = f"hardtanh needs `low` below `high`, and {self.low} and {self.high} came"
            raise OpError("E0109", message, argument="low")
        return inputs[0]

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        args = () if (self.low, self.high) == (-1, 1) else (real(self.low), real(self.high))
        return replace(both("nn.Hardtanh", "F.hardtanh", *args), inplace=True)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.real("min_val"), said.real("max_val")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        low, high = write.floats((float(self.low),)), write.floats((float(self.high),))
        return write.node("Clip", *inputs, low, high)

    def label(self) -> str:
        return "hard tanh"
