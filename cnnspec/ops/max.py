"""Elementwise maximum of the arms of a fork."""

from typing import ClassVar

from cnnspec.ops.add import alike
from cnnspec.ops.op import Kind, Op, Saved, TorchForm, TorchInput, op
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class Max(Op):
    """The largest of the arms, element by element: `max { conv c, 1x1; conv c, 1x1 }`.

    Maxout (Goodfellow et al. 2013).  All arms have one shape; nothing is broadcast.  In a value
    `max(a, b)` is the function.
    """

    kind: ClassVar[Kind] = "join"
    join: ClassVar[bool] = True
    sign: ClassVar[str] = "∨"
    pairwise: ClassVar[bool] = True
    uses: ClassVar[tuple[str, ...]] = ("torch.maximum",)

    def shape(self, *inputs: Shape) -> Shape:
        return alike(self.name, inputs)

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        text = "{0}"
        for i in range(1, len(inputs)):
            text = f"torch.maximum({text}, {{{i}}})"
        return TorchForm(function=text)

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("Max", *inputs)
