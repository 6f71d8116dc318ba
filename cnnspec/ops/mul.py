"""Elementwise product of the arms of a fork."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, OpError, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape, dims


@op
class Mul(Op):
    """Elementwise product of the arms; arms of Cx1x1 or 1xHxW scale the channels or places.

    Squeeze-and-excitation (Hu et al. 2017) with a reduction of 16:
    `mul { skip; global_avgpool -> conv c // 16, 1x1 -> relu -> conv c, 1x1 -> sigmoid }`.
    A spatial gate (CBAM, Woo et al. 2018) ends in one map, as `conv 1, 7x7, pad=3 -> sigmoid`.
    """

    kind: ClassVar[Kind] = "join"
    pairwise: ClassVar[bool] = True
    join: ClassVar[bool] = True
    sign: ClassVar[str] = "×"
    weighs: ClassVar[bool] = True

    def shape(self, *inputs: Shape) -> Shape:
        full = _full(inputs)
        for x in inputs:
            if not (_is_gate(full, x) or x == full):
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
    """The shape that gates weigh: the most channels that arrive, on a map of more than one pixel,
    or on one that may have more.

    A size that is open, a map's at other inputs, is no plain int.
    """
    maps = [x for x in inputs if len(x) == 3]
    large = [x for x in maps if tuple(map(int, x[1:])) != (1, 1)]
    growing = [x for x in maps if any(type(n) is not int for n in x[1:])]
    deep = sorted(large or growing or maps, key=lambda x: -x[0])
    first = [*deep, *inputs][0]
    return max((x[0] for x in maps), default=first[0]), *first[1:]


def _is_gate(full: Shape, x: Shape) -> bool:
    """One number for each channel, or for each place."""
    if len(full) != 3 or len(x) != 3:
        return False
    per_channel = all(type(n) is int for n in x) and x == (full[0], 1, 1)
    return per_channel or (int(x[0]) == 1 and x[1:] == full[1:])


def _remedy(full: Shape, x: Shape) -> str:
    if len(full) == 3 and len(x) == 1:
        return f"`conv {full[0]}, 1x1` in place of `flatten` and `linear` keeps it {full[0]}x1x1"
    if len(full) == 3:
        each = f"{full[0]}x1x1 to scale the channels, or 1x{dims(full[1:])} to scale the places"
        return f"an arm is {dims(full)}, {each}"
    return f"every arm is a vector of {dims(full)}"
