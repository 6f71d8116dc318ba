"""Stochastic depth."""

from typing import ClassVar

from cnnspec.ops.op import Op, Reading, TorchForm, TorchInput, check_probability, op
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class DropPath(Op):
    """Stochastic depth: in training an image's whole map is zero with probability `p`.

    Huang et al. 2016.  It ends the residual arm of an `add`, so the image skips the block; the
    maps that stay grow by 1/(1-p).  At inference it does nothing.
    """

    uses = ("torch.ones", ".dim")
    name: ClassVar[str] = "drop_path"
    passes: ClassVar[bool] = True
    varies: ClassVar[str] = "p"
    reads: ClassVar[tuple[str, ...]] = ("DropPath(p)",)

    p: float

    def shape(self, *inputs: Shape) -> Shape:
        check_probability(self.name, self.p)
        return inputs[0]

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("DropPath", (self.p,), helper=DROP_PATH)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.real("p")))

    @classmethod
    def brings(cls) -> str:
        return DROP_PATH

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return inputs[0]

    def label(self) -> str:
        return f"drop path {self.p:.3g}"


DROP_PATH = '''
class DropPath(nn.Module):
    """Stochastic depth: in training, zeros in place of an image's whole map, by chance."""

    def __init__(self, p: float) -> None:
        """Map any shape to itself; p is the probability of zeros."""
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return x, in training with images dropped and the others scaled by 1 / (1 - p)."""
        if not self.training:
            return x
        keep = torch.ones([x.shape[0]] + [1] * (x.dim() - 1), dtype=x.dtype, device=x.device)
        return x * F.dropout(keep, self.p)
'''
