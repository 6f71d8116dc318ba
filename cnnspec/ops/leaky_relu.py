"""Rectified linear unit with a leak."""

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
class LeakyRelu(Op):
    """Rectified linear unit with a leak, element by element: y = max(x, 0) + slope * min(x, 0).

    Maas et al. 2013.  `slope` is at least 0.
    """

    name: ClassVar[str] = "leaky_relu"
    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.LeakyReLU(negative_slope=0.01, inplace=False)",
        "F.leaky_relu(input, negative_slope=0.01, inplace=False)",
    )

    slope: float = 0.01

    def shape(self, *inputs: Shape) -> Shape:
        if self.slope < 0:
            raise out_of_range(self.name, "slope", "at least 0", self.slope)
        return inputs[0]

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        args = () if self.slope == 0.01 else (real(self.slope),)
        form = both("nn.LeakyReLU", "F.leaky_relu", *args)
        return replace(form, inplace=True)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.real("negative_slope")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("LeakyRelu", *inputs, alpha=float(self.slope))

    def label(self) -> str:
        return "leaky ReLU"
