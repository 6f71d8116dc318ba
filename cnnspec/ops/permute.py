"""Exchange of axes."""

from typing import ClassVar

from cnnspec.ops.op import (
    Code,
    Kind,
    Op,
    OpError,
    Reading,
    TorchForm,
    TorchInput,
    needs_map,
    op,
)
from cnnspec.ops.reach import Reach
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Permute(Op):
    """Exchange the axes of a map: axis i of the output is axis order[i] of the input.

    Axes are 0 channels, 1 rows, 2 columns: `permute [0, 2, 1]` transposes every map.  The receptive
    field counts it as the whole map.
    """

    kind: ClassVar[Kind] = "shape"
    uses = (".permute",)
    view: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("Permute(order)",)

    order: tuple[int, ...]

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        needs_map("permute", x)
        if sorted(self.order) != [0, 1, 2]:
            raise OpError(
                "E0308",
                f"permute names each of the axes 0, 1 and 2 once, and not {list(self.order)}",
                argument="order",
                help=("0 is channels, 1 rows, 2 columns: `permute [0, 2, 1]` transposes a map",),
            )
        return tuple(x[axis] for axis in self.order)

    def reach(self) -> Reach:
        return Reach(None)

    def channels_out(self, *inputs: Code) -> Code:
        return inputs[0] if self.order[0] == 0 else None

    def arranged(self, *sizes: Code) -> tuple[Code, ...]:
        return tuple(sizes[axis] for axis in self.order)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        axes = ", ".join(f"{axis + 1}" for axis in self.order)
        return TorchForm(
            "Permute", (self.order,), function=f"{{x}}.permute(0, {axes})", helper=PERMUTE
        )

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.integers("order")))

    @classmethod
    def brings(cls) -> str:
        return PERMUTE

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Transpose", *inputs, perm=(0, *(axis + 1 for axis in self.order)))


PERMUTE = '''
class Permute(nn.Module):
    """Exchange of the axes of a map."""

    def __init__(self, order: tuple[int, int, int]) -> None:
        """Map [n0, n1, n2] to the sizes in the given order."""
        super().__init__()
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        """Return x with its axes in the given order, the batch first."""
        first, second, third = self.order
        return x.permute(0, first + 1, second + 1, third + 1)
'''
