"""Radial basis functions with fixed codes."""

from typing import ClassVar

from cnnspec.ops.op import (
    Code,
    Op,
    OpError,
    Reading,
    TorchForm,
    TorchInput,
    op,
    out_of_range,
)
from cnnspec.ops.reach import Reach
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Record, Shape, dims


@op
class Rbf(Op):
    """Distance to a fixed code for each class: y_i = -sum_j (x_j - code_ij)^2.

    LeCun et al. 1998, equation 7, the output of LeNet-5, with the sign turned so that the largest
    is the class.  The codes are a buffer of +1 and -1, in the state_dict and never learnt.  The
    paper draws them as bitmaps of characters and says that any codes will do: here they are rows
    of a Walsh-Hadamard matrix, which differ from each other in about half of their places.
    """

    uses = ("torch.arange", "torch.square", "torch.sum")
    name: ClassVar[str] = "rbf"
    reads: ClassVar[tuple[str, ...]] = ("RBF(in_features, features)",)

    features: int

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        if len(x) != 1:
            raise OpError(
                "E0302",
                f"rbf needs a vector, and {dims(x)} arrives",
                help=("put `flatten` before it",),
            )
        if self.features < 1:
            raise out_of_range("rbf", "features", "at least 1", self.features)
        return (self.features,)

    def buffers(self, x: Shape) -> dict[str, Shape]:
        return {"codes": (self.features, x[0])}

    def reach(self) -> Reach:
        return Reach(None)

    def channels_out(self, *inputs: Code) -> Code:
        return self.features

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        return TorchForm("RBF", (x.channels, self.features), helper=RBF)

    def initial(self, key: str, x: Shape) -> Record:
        return Record("walsh")

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.integer("features")), said.integer("in_features"))

    @classmethod
    def brings(cls) -> str:
        return RBF

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        x = write.node("Unsqueeze", *inputs, write.integers(1))
        apart = write.node("Sub", x, write.state("codes"))
        squares = write.node("ReduceSumSquare", apart, write.integers(-1), keepdims=0)
        return write.node("Neg", squares)

    def label(self) -> str:
        return f"RBF, {self.features}"


RBF = '''
class RBF(nn.Module):
    """The negative squared distance to a fixed code of +1 and -1 for each class."""

    codes: Tensor

    def __init__(self, in_features: int, features: int) -> None:
        """Map [in_features] to [features]; the codes are rows of a Walsh-Hadamard matrix."""
        super().__init__()
        both = torch.arange(1, features + 1)[:, None] & torch.arange(in_features)
        parity = torch.sum(both[..., None] >> torch.arange(31) & 1, dim=-1) % 2
        self.register_buffer("codes", 1.0 - 2.0 * parity)

    def forward(self, x: Tensor) -> Tensor:
        """Return -sum((x - code)^2) for each code."""
        return -torch.sum(torch.square(x[:, None] - self.codes), dim=-1)
'''
