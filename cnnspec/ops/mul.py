"""Elementwise product of the arms of a fork."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, OpError, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape, dims


@op
class Mul(Op):
    """Elementwise product of the arms; an arm of Cx1x1 scales the channels of the others.

    Squeeze-and-excitation (Hu et al. 2017) with a reduction of 16:
    `mul { skip; global_avgpool -> conv c // 16, 1x1 -> relu -> conv c, 1x1 -> sigmoid }`.
    """

    kind: ClassVar[Kind] = "join"
    join: ClassVar[bool] = True
    weighs: ClassVar[bool] = True

    def shape(self, *inputs: Shape) -> Shape:
        plain = [tuple(map(int, x)) for x in inputs]
        maps = (x for x, p in zip(inputs, plain, strict=True) if len(p) == 3 and p[1:] != (1, 1))
        full = next(maps, inputs[0])
        for x, sizes in zip(inputs, plain, strict=True):
            if sizes != (full[0], 1, 1) and x != full:
                raise OpError(
                    "E0312",
                    f"the arms of this mul do not fit: {dims(full)} and {dims(x)}",
                    help=(_remedy(full, x),),
                )
        return full

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm(function=" * ".join(f"{{{i}}}" for i in range(len(inputs))))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        first, *others = inputs
        for other in others:
            first = write.node("Mul", first, other)
        return first


def _remedy(full: Shape, x: Shape) -> str:
    if len(full) == 3 and len(x) == 1:
        return f"`conv {full[0]}, 1x1` in place of `flatten` and `linear` keeps it {full[0]}x1x1"
    if len(full) == 3:
        return f"an arm is {dims(full)}, or {full[0]}x1x1 to scale the channels"
    return f"every arm is a vector of {dims(full)}"
