"""Batch normalisation."""

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
    out_of_range,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class BatchNorm(Op):
    """Batch normalisation: y = weight * (x - mean) / sqrt(var + eps) + bias, per channel.

    Ioffe and Szegedy 2015.  In training mean and variance are the batch's; at inference running
    averages, updated by `momentum`: running = (1 - momentum) * running + momentum * batch, as
    PyTorch counts it (a paper's 0.9 is 0.1 here).  `affine=false` leaves out weight and bias.
    """

    name: ClassVar[str] = "bn"
    kind: ClassVar[Kind] = "norm"
    batched: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = (
        "nn.BatchNorm2d(num_features, eps=1e-5, momentum=0.1, affine=True)",
        "nn.BatchNorm1d(num_features, eps=1e-5, momentum=0.1, affine=True)",
    )

    eps: float = 1e-5
    momentum: float = 0.1
    affine: bool = True

    def shape(self, *inputs: Shape) -> Shape:
        check_eps("bn", self.eps, "bn")
        if not 0 <= self.momentum <= 1:
            raise out_of_range("bn", "momentum", "a number from 0 to 1", self.momentum)
        return inputs[0]

    def params(self, x: Shape) -> dict[str, Shape]:
        return {"weight": x[:1], "bias": x[:1]} if self.affine else {}

    def buffers(self, x: Shape) -> dict[str, Shape]:
        return {"running_mean": x[:1], "running_var": x[:1], "num_batches_tracked": ()}

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True, fixed=2 * 4 * int(inputs[0][0]))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        keywords: dict[str, Code] = {}
        if self.eps != 1e-5:
            keywords["eps"] = self.eps
        if self.momentum != 0.1:
            keywords["momentum"] = self.momentum
        if not self.affine:
            keywords["affine"] = False
        module = "nn.BatchNorm1d" if len(x.shape) == 1 else "nn.BatchNorm2d"
        return TorchForm(module, (x.channels,), tuple(keywords.items()))

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        norm = cls(said.real("eps"), said.real("momentum"), said.flag("affine"))
        axes = 1 if said.form == "nn.BatchNorm1d" else 3
        return Reading(norm, said.integer("num_features"), axes)

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        weight, bias = affine(write, self.affine)
        mean, var = write.state("running_mean"), write.state("running_var")
        return write.node(
            "BatchNormalization", *inputs, weight, bias, mean, var, epsilon=float(self.eps)
        )

    def label(self) -> str:
        return "BN"
