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
    pairwise: ClassVar[bool] = True
    join: ClassVar[bool] = True
    weighs: ClassVar[bool] = True

    def shape(self, *inputs: Shape) -> Shape:
        full = _full(inputs)
        gate = (full[0], 1, 1)
        for x in inputs:
            if all(type(n) is int for n in x) and x == gate:
                continue
            if x != full and x != gate:
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


def _full(inputs: tuple[Shape, ...]) -> Shape:
    """The shape that gates weigh: of a map of more than one pixel, or of one that may have more.

    A size that is open, a map's at other inputs, is no plain int.
    """
    maps = [x for x in inputs if len(x) == 3]
    large = [x for x in maps if tuple(map(int, x[1:])) != (1, 1)]
    growing = [x for x in maps if any(type(n) is not int for n in x[1:])]
    return [*large, *growing, *inputs][0]


def _remedy(full: Shape, x: Shape) -> str:
    if len(full) == 3 and len(x) == 1:
        return f"`conv {full[0]}, 1x1` in place of `flatten` and `linear` keeps it {full[0]}x1x1"
    if len(full) == 3:
        return f"an arm is {dims(full)}, or {full[0]}x1x1 to scale the channels"
    return f"every arm is a vector of {dims(full)}"
