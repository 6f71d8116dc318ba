"""Layer normalisation."""

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
    affine,
    check_eps,
    op,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class LayerNorm(Op):
    """Layer normalisation over the channels, at each place of a map on its own.

    Ba et al. 2016; on maps as in ConvNeXt (Liu et al. 2022).  Weight and bias are per channel;
    `affine=false` leaves them out.  Over channels, rows and columns at once: `gn 1`.
    """

    name: ClassVar[str] = "ln"
    kind: ClassVar[Kind] = "norm"
    uses = (".permute",)
    reads: ClassVar[tuple[str, ...]] = (
        "nn.LayerNorm(normalized_shape, eps=1e-5, elementwise_affine=True)",
        "LayerNorm2d(normalized_shape, eps=1e-5, elementwise_affine=True)",
    )

    eps: float = 1e-5
    affine: bool = True

    def shape(self, *inputs: Shape) -> Shape:
        check_eps("ln", self.eps, "ln")
        return inputs[0]

    def params(self, x: Shape) -> dict[str, Shape]:
        return {"weight": x[:1], "bias": x[:1]} if self.affine else {}

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True, extra=self.scratch(size, *inputs))

    def scratch(self, size: int, *inputs: Shape) -> int:
        """Mean and deviation at each place."""
        return 2 * 4 * int(prod(inputs[0][1:]))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        keywords: dict[str, Code] = {}
        if self.eps != 1e-5:
            keywords["eps"] = self.eps
        if not self.affine:
            keywords["elementwise_affine"] = False
        if len(x.shape) == 1:
            return TorchForm("nn.LayerNorm", (x.channels,), tuple(keywords.items()))
        return TorchForm("LayerNorm2d", (x.channels,), tuple(keywords.items()), helper=LAYER_NORM)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        norm = cls(said.real("eps"), said.flag("elementwise_affine"))
        axes = 1 if said.form == "nn.LayerNorm" else 3  # on a map PyTorch's own is over columns
        return Reading(norm, said.integer("normalized_shape"), axes)

    @classmethod
    def brings(cls) -> str:
        return LAYER_NORM

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        (x,) = inputs
        weight, bias = affine(write, self.affine)
        if len(write.inputs[0]) == 1:
            return write.node(
                "LayerNormalization", x, weight, bias, axis=-1, epsilon=float(self.eps)
            )
        last = write.node("Transpose", x, perm=(0, 2, 3, 1))
        y = write.node("LayerNormalization", last, weight, bias, axis=-1, epsilon=float(self.eps))
        return write.node("Transpose", y, perm=(0, 3, 1, 2))

    def label(self) -> str:
        return "LN"


LAYER_NORM = '''
class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels at each place of a map."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the input normalised, [N, channels, H, W]."""
        y = input.permute(0, 2, 3, 1)
        y = F.layer_norm(y, self.normalized_shape, self.weight, self.bias, self.eps)
        return y.permute(0, 3, 1, 2)
'''
