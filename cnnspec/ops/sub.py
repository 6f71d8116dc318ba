"""Difference of the two arms of a fork."""

from typing import ClassVar

from cnnspec.ops.add import alike
from cnnspec.ops.op import Kind, Op, OpError, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Sub(Op):
    """Difference of two arms, the first less the second: `sub { from left; from right }`.

    A Siamese network compares so (`sub { ... } -> abs`, Koch et al. 2015).  Both arms have one
    shape; nothing is broadcast.
    """

    kind: ClassVar[Kind] = "join"
    join: ClassVar[bool] = True
    sign: ClassVar[str] = "−"
    ordered: ClassVar[bool] = True

    def shape(self, *inputs: Shape) -> Shape:
        if len(inputs) != 2:
            message = f"sub is the difference of two arms, and this one has {len(inputs)}"
            help = "`{ ... }` makes several layers one arm, `add { ... }` in it sums up several"
            raise OpError("E0308", message, help=(help,))
        return alike(self.name, inputs)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm(function="{0} - {1}")

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Sub", *inputs)
