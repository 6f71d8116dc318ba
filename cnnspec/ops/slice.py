"""Some of the channels."""

from typing import ClassVar

from cnnspec.ops.op import Code, Kind, Op, OpError, Reading, TorchForm, TorchInput, op
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape, dims


@op
class Slice(Op):
    """The channels (or features) from `start` up to, not including, `stop`, counted from 0.

    ShuffleNet v2 (Ma et al. 2018) splits so: `slice 0, c` in one arm, `slice c, 2*c` in the other.
    """

    kind: ClassVar[Kind] = "shape"
    view: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("Slice(start, stop)",)

    start: int
    stop: int

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        if self.start >= self.stop or self.stop > x[0]:
            what = "channels" if len(x) == 3 else "features"
            raise OpError(
                "E0308",
                f"slice {self.start}, {self.stop} takes no {what} that are there: "
                f"{dims(x)} has 0 to {x[0] - 1}"
                if self.start >= min(self.stop, x[0])
                else f"slice {self.start}, {self.stop} ends beyond the {x[0]} {what} of {dims(x)}",
                argument="stop",
                help=(f"`slice {min(self.start, x[0] - 1)}, {x[0]}` ends at the last one",),
            )
        return self.stop - self.start, *x[1:]

    def channels_out(self, *inputs: Code) -> Code:
        return self.stop - self.start

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm(
            "Slice",
            (self.start, self.stop),
            function=f"{{x}}[:, {_range(self.start, self.stop)}]",
            helper=SLICE,
        )

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.integer("start"), said.integer("stop")))

    @classmethod
    def brings(cls) -> str:
        return SLICE

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        start, stop, axis = (write.integers(n) for n in (self.start, self.stop, 1))
        return write.node("Slice", *inputs, start, stop, axis)

    def label(self) -> str:
        return f"slice {self.start}–{self.stop}"


def _range(start: Code, stop: Code) -> str:
    """Spaces around the colon where an end is more than a name or number, as formatters do."""
    simple = all(str(end).isidentifier() or str(end).isdigit() for end in (start, stop))
    return f"{start}:{stop}" if simple else f"{start} : {stop}"


SLICE = '''
class Slice(nn.Module):
    """Some of the channels."""

    def __init__(self, start: int, stop: int) -> None:
        """Map [channels, H, W] to [stop - start, H, W]."""
        super().__init__()
        self.start = start
        self.stop = stop

    def forward(self, x: Tensor) -> Tensor:
        """Return the channels from start up to stop."""
        return x[:, self.start : self.stop]
'''
