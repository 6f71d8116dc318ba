"""Elementwise sum of the arms of a fork."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, OpError, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape, dims


@op
class Add(Op):
    """Elementwise sum of the arms: `add { conv c, 3x3; skip }` (He et al. 2015).

    All arms have one shape; nothing is broadcast.
    """

    kind: ClassVar[Kind] = "join"
    hands_on: ClassVar[bool] = True
    sums: ClassVar[bool] = True
    pairwise: ClassVar[bool] = True
    join: ClassVar[bool] = True
    sign: ClassVar[str] = "+"

    def shape(self, *inputs: Shape) -> Shape:
        return alike(self.name, inputs)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm(function=" + ".join(f"{{{i}}}" for i in range(len(inputs))))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Add" if len(inputs) == 2 else "Sum", *inputs)


def alike(name: str, inputs: tuple[Shape, ...]) -> Shape:
    """The shape that all arms have; one of another shape is refused."""
    first = inputs[0]
    for other in inputs[1:]:
        if other != first:
            raise OpError(
                "E0310",
                f"the arms of this {name} differ: {dims(first)} and {dims(other)}",
                help=_remedy(first, other),
            )
    return first


def _remedy(first: Shape, other: Shape) -> tuple[str, ...]:
    """What would make the arms equal: a projection of the larger map, when its size divides."""
    if len(first) == len(other) == 1:
        return (f"`linear {first[0]}` on the arm of {other[0]} makes them equal",)
    if len(first) != 3 or len(other) != 3:
        return ("`global_avgpool -> flatten` makes a map a vector of its channels",)
    small, large = sorted((first, other), key=lambda shape: (shape[1], shape[2], -shape[0]))
    if large[1] % small[1] or large[2] % small[2]:
        return ()
    rows, columns = large[1] // small[1], large[2] // small[2]
    stride = f"/{rows}" if rows == columns else f"/{rows}x{columns}"
    window = "1x1" if stride == "/1" else f"1x1{stride}"
    return (f"a projection makes them equal: `conv {small[0]}, {window}` on the {dims(large)} arm",)
