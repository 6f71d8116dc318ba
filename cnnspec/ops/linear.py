"""Fully connected layer."""

from __future__ import annotations

from dataclasses import replace
from math import prod
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
    initial_weights,
    op,
    out_of_range,
)
from cnnspec.ops.reach import Reach
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Record, Shape, dims


@op
class Linear(Op):
    """Fully connected layer: y = W x + b, every output feature sees every feature that arrives.

    It works on a vector: a feature map goes through `flatten` first.
    Parameters: features * (inputs + 1), without `bias` features * inputs.
    """

    kind: ClassVar[Kind] = "linear"
    reads: ClassVar[tuple[str, ...]] = ("nn.Linear(in_features, out_features, bias=True)",)

    features: int
    bias: bool = True
    init: Record | None = None

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        if len(x) != 1:
            product = " * ".join(str(int(n)) for n in x)
            raise OpError(
                "E0302",
                f"linear needs a vector, and {dims(x)} arrives",
                help=(f"put `flatten` before it: {product} = {prod(map(int, x))} features",),
            )
        if self.features < 1:
            raise out_of_range("linear", "features", "at least 1", self.features)
        return (self.features,)

    def params(self, x: Shape) -> dict[str, Shape]:
        bias: dict[str, Shape] = {"bias": (self.features,)} if self.bias else {}
        return {"weight": (self.features, x[0]), **bias}

    def macs(self, x: Shape, y: Shape) -> int:
        return x[0] * self.features

    def reach(self) -> Reach:
        return Reach(None)

    def channels_out(self, *inputs: Code) -> Code:
        return self.features

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        keywords = () if self.bias else (("bias", False),)
        return TorchForm("nn.Linear", (x.channels, self.features), keywords)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        linear = cls(said.integer("out_features"), said.flag("bias"))
        return Reading(linear, said.integer("in_features"))

    def canonical(self) -> Op:
        return replace(self, init=None)

    def initial(self, key: str, x: Shape) -> Record:
        return initial_weights(self.init, key, (x[0],))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        bias = (write.state("bias"),) if self.bias else ()
        return write.node("Gemm", *inputs, write.state("weight"), *bias, transB=1)

    def label(self) -> str:
        return f"fc, {self.features}"
