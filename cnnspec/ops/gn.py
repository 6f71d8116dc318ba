"""Group normalisation."""

from typing import ClassVar

from cnnspec.ops.op import (
    Code,
    Kind,
    Op,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    affine,
    check_eps,
    check_groups,
    op,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class GroupNorm(Op):
    """Group normalisation: each image by the mean and variance of `groups` groups of channels.

    Wu and He 2018.  Weight and bias are per channel; `affine=false` leaves them out.
    """

    name: ClassVar[str] = "gn"
    kind: ClassVar[Kind] = "norm"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.GroupNorm(num_groups, num_channels, eps=1e-5, affine=True)",
    )

    groups: int
    eps: float = 1e-5
    affine: bool = True

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        check_groups(self.groups, x[0])
        check_eps("gn", self.eps, f"gn {self.groups}")
        return x

    def params(self, x: Shape) -> dict[str, Shape]:
        return {"weight": x[:1], "bias": x[:1]} if self.affine else {}

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True, extra=2 * 4 * self.groups)

    def scratch(self, size: int, *inputs: Shape) -> int:
        return 2 * 4 * self.groups

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        keywords: dict[str, Code] = {}
        if self.eps != 1e-5:
            keywords["eps"] = self.eps
        if not self.affine:
            keywords["affine"] = False
        return TorchForm("nn.GroupNorm", (self.groups, x.channels), tuple(keywords.items()))

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        norm = cls(said.integer("num_groups"), said.real("eps"), said.flag("affine"))
        return Reading(norm, said.integer("num_channels"))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        weight, bias = affine(write, self.affine)
        return write.node(
            "GroupNormalization",
            *inputs,
            weight,
            bias,
            num_groups=self.groups,
            epsilon=float(self.eps),
        )

    def label(self) -> str:
        return "GN"
