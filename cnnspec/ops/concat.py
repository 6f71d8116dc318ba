"""Concatenation of the arms of a fork."""

from typing import ClassVar

from cnnspec.ops.op import Code, Kind, Op, OpError, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape, dims


@op
class Concat(Op):
    """The channels of all arms, one after another: `concat { skip; conv growth, 3x3 }`.

    Heights and widths are equal.  The branches of GoogLeNet (Szegedy et al. 2014) and the layers of
    DenseNet (Huang et al. 2016) meet so.
    """

    kind: ClassVar[Kind] = "join"
    hands_on: ClassVar[bool] = True
    stacks: ClassVar[bool] = True
    uses = ("torch.cat",)
    join: ClassVar[bool] = True

    def shape(self, *inputs: Shape) -> Shape:
        first = inputs[0]
        for other in inputs[1:]:
            if other[1:] != first[1:]:
                what = "heights and widths of" if len(first) == len(other) == 3 else "arms of"
                raise OpError(
                    "E0311",
                    f"the {what} this concat differ: {dims(first)} and {dims(other)}",
                    help=(_remedy(first, other),),
                )
        return sum(x[0] for x in inputs), *first[1:]

    def channels_out(self, *inputs: Code) -> Code:
        return sum(inputs[1:], inputs[0])

    def torch(self, *inputs: TorchInput) -> TorchForm:
        arms = ", ".join(f"{{{i}}}" for i in range(len(inputs)))
        return TorchForm(function=f"torch.cat([{arms}], dim=1)")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Concat", *inputs, axis=1)


def _remedy(first: Shape, other: Shape) -> str:
    """What would give the arms one height and width: padding, or a stride."""
    if len(first) != len(other):
        return "`flatten` makes a map a vector"
    small, large = sorted((first, other), key=lambda shape: (shape[1], shape[2]))
    if large[1] % small[1] == 0 and large[1] // small[1] == large[2] // small[2]:
        stride = large[1] // small[1]
        slower = f"a convolution or pool of stride {stride} on the {dims(large)} arm"
        return f"{slower}, or stride 1 on the {dims(small)} arm"
    return "padding keeps the size of a map: `pad=same`, and stride 1 in pools"
