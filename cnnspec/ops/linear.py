"""Fully connected layer."""

from __future__ import annotations

from math import prod
from typing import ClassVar

from cnnspec.ops.op import (
    CHANNELS,
    LAST,
    Code,
    Kind,
    Op,
    OpError,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    check_over,
    initial_weights,
    op,
    out_of_range,
)
from cnnspec.ops.reach import Reach
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import replace
from cnnspec.values import Record, Shape, dims


@op
class Linear(Op):
    """Fully connected layer: y = W x + b, every output feature sees every feature that arrives.

    It works on a vector: a feature map goes through `flatten` first.
    Parameters: features * (inputs + 1), without `bias` features * inputs.

    `over="last"` works on a map whose channels `permute [1, 2, 0]` has put last, at each place on
    its own: ConvNeXt (Liu et al. 2022) has its 1x1 convolutions so.
    """

    kind: ClassVar[Kind] = "linear"
    reads: ClassVar[tuple[str, ...]] = ("nn.Linear(in_features, out_features, bias=True)",)

    features: int
    bias: bool = True
    init: Record | None = None
    over: str = CHANNELS

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        check_over(self.name, self.over)
        if len(x) != 1 and self.over == CHANNELS:
            product = " * ".join(str(int(n)) for n in x)
            raise OpError(
                "E0302",
                f"linear needs a vector, and {dims(x)} arrives",
                help=(f"put `flatten` before it: {product} = {prod(map(int, x))} features",),
            )
        if self.features < 1:
            raise out_of_range("linear", "features", "at least 1", self.features)
        return *x[:-1], self.features

    def params(self, x: Shape) -> dict[str, Shape]:
        bias: dict[str, Shape] = {"bias": (self.features,)} if self.bias else {}
        return {"weight": (self.features, x[-1]), **bias}

    def macs(self, x: Shape, y: Shape) -> int:
        return prod(x) * self.features

    def reach(self) -> Reach:
        return Reach(None) if self.over == CHANNELS else Reach()

    def channels_out(self, *inputs: Code) -> Code:
        return self.features if self.over == CHANNELS else inputs[0]

    def arranged(self, *sizes: Code) -> tuple[Code, ...]:
        return () if self.over == CHANNELS else (*sizes[:-1], self.features)

    @property
    def axis(self) -> int:
        return 0 if self.over == CHANNELS else -1

    def on(self, *inputs: Shape) -> Op:
        """All features of a vector are its last axis."""
        return replace(self, over=LAST)

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        keywords = () if self.bias else (("bias", False),)
        return TorchForm("nn.Linear", (x.last, self.features), keywords)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        linear = cls(said.integer("out_features"), said.flag("bias"), over=LAST)
        return Reading(linear, said.integer("in_features"))

    def canonical(self) -> Op:
        return replace(self, init=None)

    def initial(self, key: str, x: Shape) -> Record:
        return initial_weights(self.init, key, (x[-1],))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        if len(write.inputs[0]) > 1:
            weight = write.node("Transpose", write.state("weight"), perm=(1, 0))
            y = write.node("MatMul", *inputs, weight)
            return write.node("Add", y, write.state("bias")) if self.bias else y
        bias = (write.state("bias"),) if self.bias else ()
        return write.node("Gemm", *inputs, write.state("weight"), *bias, transB=1)

    def label(self) -> str:
        return f"fc, {self.features}"
