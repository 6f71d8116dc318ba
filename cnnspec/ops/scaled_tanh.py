"""Scaled hyperbolic tangent."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Reading, TorchForm, TorchInput, op
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter


@op
class ScaledTanh(Op):
    """Scaled hyperbolic tangent, element by element: y = amplitude * tanh(slope * x).

    LeCun et al. 1998, equation 6 and appendix A: with 1.7159 and 2/3 it takes +1 to +1 and -1 to
    -1, where its curvature is largest.
    """

    name: ClassVar[str] = "scaled_tanh"
    kind: ClassVar[Kind] = "activation"
    uses = ("torch.tanh",)
    reads: ClassVar[tuple[str, ...]] = ("ScaledTanh(amplitude, slope)",)

    amplitude: float = 1.7159
    slope: float = 2 / 3

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm("ScaledTanh", (self.amplitude, self.slope), helper=SCALED_TANH)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.real("amplitude"), said.real("slope")))

    @classmethod
    def brings(cls) -> str:
        return SCALED_TANH

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        slope, amplitude = write.floats((self.slope,)), write.floats((self.amplitude,))
        inner = write.node("Mul", *inputs, slope)
        return write.node("Mul", write.node("Tanh", inner), amplitude)

    def label(self) -> str:
        return "scaled tanh"


SCALED_TANH = '''
class ScaledTanh(nn.Module):
    """A hyperbolic tangent with an amplitude and a slope."""

    def __init__(self, amplitude: float, slope: float) -> None:
        """Map any shape to itself."""
        super().__init__()
        self.amplitude = amplitude
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        """Return amplitude * tanh(slope * x)."""
        return self.amplitude * torch.tanh(self.slope * x)
'''
