"""Normalisation to length 1."""

from math import prod
from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Reading, Saved, TorchForm, TorchInput, op
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class L2Norm(Op):
    """Division by the length of the vector of channels, at each place of a map on its own.

    y_i = x_i / sqrt(sum_j x_j^2); a vector shorter than 1e-12 is divided by that.  SSD (Liu et al.
    2016) has `l2norm -> scale value=20` behind conv4_3 (Liu et al. 2015, ParseNet).
    """

    kind: ClassVar[Kind] = "norm"
    reads: ClassVar[tuple[str, ...]] = ("L2Norm()", "F.normalize(input, *, dim=1)")

    def saved(self, size: int, *inputs: Shape) -> Saved:
        """The length at each place, as it is and at least 1e-12."""
        return Saved(inputs=True, extra=2 * size * int(prod(inputs[0][1:])))

    def scratch(self, size: int, *inputs: Shape) -> int:
        return 2 * size * int(prod(inputs[0][1:]))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("L2Norm", function="F.normalize({x}, dim=1)", helper=L2_NORM)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        if said.form == "F.normalize":
            said.only("dim", 1, "the channels are axis 1")
        return Reading(cls())

    @classmethod
    def brings(cls) -> str:
        return L2_NORM

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        length = write.node("ReduceL2", *inputs, write.integers(1))
        return write.node("Div", *inputs, write.node("Max", length, write.floats((1e-12,))))

    def label(self) -> str:
        return "L2 norm"


L2_NORM = '''
class L2Norm(nn.Module):
    """Division by the length of the vector of channels, at each place."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x with channels of length 1, [N, channels, H, W]."""
        return F.normalize(x, dim=1)
'''
