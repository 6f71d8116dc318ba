"""Local response normalisation."""

from math import prod
from typing import ClassVar

from cnnspec.ops.op import (
    Code,
    Kind,
    Op,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    both,
    needs_map,
    op,
    out_of_range,
    real,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Lrn(Op):
    """Local response normalisation: y_i = x_i / (k + alpha / size * sum_j x_j^2)^beta.

    The sum runs over `size` neighbouring channels around i.  Krizhevsky et al. 2012 have
    size = 5, beta = 0.75, k = 2 and no division by `size`: their alpha = 1e-4 is 5e-4 here.
    The defaults are PyTorch's.
    """

    kind: ClassVar[Kind] = "norm"
    aside: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = (
        "nn.LocalResponseNorm(size, alpha=1e-4, beta=0.75, k=1.0)",
        "F.local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0)",
    )

    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    def shape(self, *inputs: Shape) -> Shape:
        needs_map("lrn", inputs[0])
        if self.size < 1:
            raise out_of_range("lrn", "size", "at least 1", self.size)
        return inputs[0]

    def saved(self, size: int, *inputs: Shape) -> Saved:
        """PyTorch's is made of ops: of the squares padded, the sum and its power stay."""
        channels, rows, columns = map(int, inputs[0])
        return Saved(inputs=True, extra=size * (3 * channels + self.size - 1) * rows * columns)

    def scratch(self, size: int, *inputs: Shape) -> int:
        """Three maps of the sum at once, the output among them."""
        return 2 * size * int(prod(inputs[0]))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        keywords: dict[str, Code] = {}
        if self.alpha != 1e-4:
            keywords["alpha"] = real(self.alpha)
        if self.beta != 0.75:
            keywords["beta"] = real(self.beta)
        if self.k != 1:
            keywords["k"] = real(self.k)
        return both("nn.LocalResponseNorm", "F.local_response_norm", self.size, **keywords)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        alpha, beta, k = said.real("alpha"), said.real("beta"), said.real("k")
        return Reading(cls(said.integer("size"), alpha, beta, k))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        if self.size % 2 == 0:
            raise NotImplementedError("lrn over an even number of channels has no ONNX form")
        return write.node(
            "LRN",
            *inputs,
            size=self.size,
            alpha=float(self.alpha),
            beta=float(self.beta),
            bias=float(self.k),
        )

    def label(self) -> str:
        return "LRN"
