"""Padding with channels of zeros."""

from typing import ClassVar

from cnnspec.ops.op import Code, Kind, Op, OpError, Reading, TorchForm, TorchInput, needs_map, op
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape, dims


@op
class PadChannels(Op):
    """Channels of zeros up to `channels`: half of them before and half behind those that arrive.

    He et al. 2015, table 3, option A: a shortcut without parameters, `avgpool 1x1/2 ->
    pad_channels c`.  The paper does not say where the zeros stand; this is the layout of the
    widespread PyTorch weights for CIFAR-10 (fb.resnet.torch puts all of them behind).  An odd one
    stands behind.
    """

    name: ClassVar[str] = "pad_channels"
    kind: ClassVar[Kind] = "shape"
    reads: ClassVar[tuple[str, ...]] = ("PadChannels(in_channels, channels)",)

    channels: int

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        needs_map(self.name, x)
        if self.channels < x[0]:
            raise OpError(
                "E0308",
                f"pad_channels adds channels, and {x[0]} are more than {self.channels} already",
                argument="channels",
                notes=(f"{dims(x)} arrives",),
                help=(f"`conv {self.channels}, 1x1` maps to fewer channels",),
            )
        return self.channels, *x[1:]

    def channels_out(self, *inputs: Code) -> Code:
        return self.channels

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        return TorchForm("PadChannels", (x.channels, self.channels), helper=PAD_CHANNELS)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.integer("channels")), said.integer("in_channels"))

    @classmethod
    def brings(cls) -> str:
        return PAD_CHANNELS

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        extra = self.channels - write.inputs[0][0]
        before = extra // 2
        pads = write.integers(0, before, 0, 0, 0, extra - before, 0, 0)
        return write.node("Pad", *inputs, pads)

    def label(self) -> str:
        return f"zero pad, {self.channels}"


PAD_CHANNELS = '''
class PadChannels(nn.Module):
    """Feature maps of zeros, half of them before and half behind those that arrive."""

    def __init__(self, in_channels: int, channels: int) -> None:
        """Map [in_channels, H, W] to [channels, H, W]."""
        super().__init__()
        extra = channels - in_channels
        self.pad = (0, 0, 0, 0, extra // 2, extra - extra // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return x between the zeros."""
        return F.pad(x, self.pad)
'''
