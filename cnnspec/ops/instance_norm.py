"""Instance normalisation."""

from typing import ClassVar

from cnnspec.ops.op import (
    Code,
    Kind,
    Op,
    OpError,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    affine,
    check_eps,
    needs_map,
    op,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class InstanceNorm(Op):
    """Instance normalisation: each map of each image by its own mean and variance.

    Ulyanov et al. 2016.  It keeps no running averages; `affine=true` gives each channel a weight
    and a bias.  A map of one pixel would be 0 whatever it holds, and is an error.
    """

    name: ClassVar[str] = "instance_norm"
    kind: ClassVar[Kind] = "norm"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.InstanceNorm2d(num_features, eps=1e-5, *, affine=False)",
    )

    affine: bool = False
    eps: float = 1e-5

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        needs_map(self.name, x)
        check_eps(self.name, self.eps, self.name)
        if x[1] * x[2] == 1:
            raise OpError(
                "E0308",
                "instance_norm needs more than one pixel: less their mean, one is always 0",
                help=("before the map is one pixel, or `ln`, which norms over the channels",),
            )
        return x

    def params(self, x: Shape) -> dict[str, Shape]:
        return {"weight": x[:1], "bias": x[:1]} if self.affine else {}

    def saved(self, size: int, *inputs: Shape) -> Saved:
        """Mean and deviation of each map, and the weights once for each image."""
        channels = int(inputs[0][0])
        return Saved(inputs=True, extra=2 * 4 * channels + size * channels * self.affine)

    def scratch(self, size: int, *inputs: Shape) -> int:
        return 2 * 4 * int(inputs[0][0])

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        keywords: dict[str, Code] = {}
        if self.eps != 1e-5:
            keywords["eps"] = self.eps
        if self.affine:
            keywords["affine"] = True
        return TorchForm("nn.InstanceNorm2d", (x.channels,), tuple(keywords.items()))

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        norm = cls(said.flag("affine"), said.real("eps"))
        return Reading(norm, said.integer("num_features"), 3)

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        weight, bias = affine(write, self.affine)
        return write.node("InstanceNormalization", *inputs, weight, bias, epsilon=float(self.eps))

    def label(self) -> str:
        return "IN"
