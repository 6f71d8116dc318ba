"""Rectified linear unit with a trained leak."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Reading, Saved, TorchForm, TorchInput, op
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import replace
from cnnspec.values import Record, Shape


@op
class Prelu(Op):
    """Rectified linear unit with a trained leak: y = max(x, 0) + weight * min(x, 0).

    He et al. 2015 (Delving Deep into Rectifiers).  Each channel has a weight of its own, with
    `shared=true` all have one; weights begin at 0.25.
    """

    kind: ClassVar[Kind] = "activation"
    reads: ClassVar[tuple[str, ...]] = ("nn.PReLU(num_parameters=1)",)

    shared: bool = False

    def params(self, x: Shape) -> dict[str, Shape]:
        return {"weight": (1,) if self.shared else x[:1]}

    def initial(self, key: str, x: Shape) -> Record:
        return Record("constant", keywords=(("value", 0.25),))

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        return TorchForm("nn.PReLU", () if self.shared else (x.channels,))

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        channels = said.integer("num_parameters")
        return Reading(cls(shared=True)) if channels == 1 else Reading(cls(), channels)

    def on(self, *inputs: Shape) -> Op:
        """One weight for one channel is a shared one."""
        return replace(self, shared=True) if inputs[0][0] == 1 else self

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        slope = write.state("weight")
        if len(write.inputs[0]) == 3:
            slope = write.node("Unsqueeze", slope, write.integers(1, 2))
        return write.node("PRelu", *inputs, slope)

    def label(self) -> str:
        return "PReLU"
