"""Layer normalisation."""

from math import prod
from typing import ClassVar

from cnnspec.ops.op import (
    CHANNELS,
    LAST,
    Code,
    Kind,
    Op,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    affine,
    check_eps,
    check_over,
    op,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import replace
from cnnspec.values import Shape


@op
class LayerNorm(Op):
    """Layer normalisation over the channels, at each place of a map on its own.

    Ba et al. 2016; on maps as in ConvNeXt (Liu et al. 2022).  Weight and bias are per channel;
    `affine=false` leaves them out.  `over="last"` norms a map whose channels `permute [1, 2, 0]`
    has put last.  Over channels, rows and columns at once: `gn 1`.
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
    over: str = CHANNELS

    def shape(self, *inputs: Shape) -> Shape:
        check_eps("ln", self.eps, "ln")
        check_over("ln", self.over)
        return inputs[0]

    def params(self, x: Shape) -> dict[str, Shape]:
        channels: Shape = (x[self.axis],)
        return {"weight": channels, "bias": channels} if self.affine else {}

    @property
    def axis(self) -> int:
        return 0 if self.over == CHANNELS else -1

    def on(self, *inputs: Shape) -> Op:
        """The features of a vector are its last axis."""
        return replace(self, over=LAST) if len(inputs[0]) == 1 else self

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True, extra=self.scratch(size, *inputs))

    def scratch(self, size: int, *inputs: Shape) -> int:
        """Mean and deviation at each place."""
        (x,) = inputs
        return 2 * 4 * int(prod(x) // x[self.axis])

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        keywords: dict[str, Code] = {}
        if self.eps != 1e-5:
            keywords["eps"] = self.eps
        if not self.affine:
            keywords["elementwise_affine"] = False
        if len(x.shape) == 1 or self.over == LAST:
            return TorchForm("nn.LayerNorm", (x.last,), tuple(keywords.items()))
        return TorchForm("LayerNorm2d", (x.channels,), tuple(keywords.items()), helper=LAYER_NORM)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        own = said.form == "nn.LayerNorm"  # on a map PyTorch's own is over columns
        norm = cls(said.real("eps"), said.flag("elementwise_affine"), LAST if own else CHANNELS)
        return Reading(norm, said.integer("normalized_shape"), 0 if own else 3)

    @classmethod
    def brings(cls) -> str:
        return LAYER_NORM

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        (x,) = inputs
        weight, bias = affine(write, self.affine, self.axis)
        if len(write.inputs[0]) == 1 or self.over == LAST:
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
