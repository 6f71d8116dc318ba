"""A border around a map."""

from typing import ClassVar

from cnnspec.ops.borders import ZEROS, check_border, onnx_pad
from cnnspec.ops.op import (
    Code,
    Kind,
    Op,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    both,
    needs_map,
    op,
)
from cnnspec.ops.reach import Reach, window_reach
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Padding, Shape

MODULES = {
    ZEROS: "nn.ZeroPad2d", "reflect": "nn.ReflectionPad2d", "replicate": "nn.ReplicationPad2d",
    "circular": "nn.CircularPad2d",
}  # fmt: skip


@op
class Pad(Op):
    """A border around a map: `pad [top, bottom, left, right]`, `pad 1` or `pad 1x2`.

    `mode` says what stands there: "zeros", "reflect" (the map mirrored at its last pixels, as style
    transfer does), "replicate" (its last pixels again) or "circular" (its other end).  A
    convolution pads itself: `pad=1, pad_mode="reflect"`.
    """

    kind: ClassVar[Kind] = "shape"
    reads: ClassVar[tuple[str, ...]] = (
        *(f"{module}(padding)" for module in MODULES.values()),
        'F.pad(input, pad, mode="constant")',
    )

    sides: Padding
    mode: str = ZEROS

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        needs_map(self.name, x)
        check_border(self.name, "mode", self.mode, x, self.sides)
        top, bottom, left, right = self.sides
        return x[0], x[1] + (top + bottom), x[2] + (left + right)

    def reach(self) -> Reach:
        return window_reach((1, 1), (1, 1), (self.sides.top, self.sides.left))

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=self.mode in ("reflect", "replicate"))

    def idle(self, *inputs: Shape) -> bool:
        return not any(self.sides)

    def zeros(self) -> Padding | None:
        return self.sides if self.mode == ZEROS else None

    def torch(self, *inputs: TorchInput) -> TorchForm:
        top, bottom, left, right = self.sides
        sides: tuple[Code, ...] = (left, right, top, bottom)
        words = {} if self.mode == ZEROS else {"mode": self.mode}
        function = both("", "F.pad", sides, **words).function
        return TorchForm(MODULES[self.mode], (sides,), function=function)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        name = "pad" if said.form == "F.pad" else "padding"
        given = said.values[name]
        left, right, top, bottom = (given,) * 4 if type(given) is int else said.integers(name)
        sides = Padding(top, bottom, left, right)
        if said.form == "F.pad":
            mode = said.word("mode")
            return Reading(cls(sides, ZEROS if mode == "constant" else mode), axes=3)
        return Reading(cls(sides, next(m for m, n in MODULES.items() if n == said.form)), axes=3)

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        (x,) = inputs
        return onnx_pad(write, x, self.sides, self.mode)

    def label(self) -> str:
        sides = str(self.sides).replace("x", "×")
        return f"{'zero' if self.mode == ZEROS else self.mode} pad {sides}"
