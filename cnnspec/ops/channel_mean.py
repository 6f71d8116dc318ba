"""The mean over the channels."""

from typing import ClassVar

from cnnspec.ops.op import (
    Code,
    Kind,
    Op,
    Reading,
    TorchForm,
    TorchInput,
    needs_map,
    op,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class ChannelMean(Op):
    """The mean over the channels at each place of a map: CxHxW becomes 1xHxW.

    CBAM's spatial gate (Woo et al. 2018) looks at mean and maximum:
    `concat { channel_mean; channel_max } -> conv 1, 7x7, pad=3 -> sigmoid`.
    """

    name: ClassVar[str] = "channel_mean"
    kind: ClassVar[Kind] = "pool"
    reads: ClassVar[tuple[str, ...]] = (
        "ChannelMean()",
        "torch.mean(input, dim, keepdim=False)",
    )

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        return 1, *inputs[0][1:]

    def channels_out(self, *inputs: Code) -> Code:
        return 1

    def torch(self, *inputs: TorchInput) -> TorchForm:
        function = "torch.mean({x}, 1, keepdim=True)"
        return TorchForm("ChannelMean", function=function, helper=CHANNEL_MEAN)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        if said.form == "torch.mean":
            said.only("dim", 1, "the channels are axis 1")
            said.only("keepdim", True, "the axis of the channels stays, with one")
        return Reading(cls())

    @classmethod
    def brings(cls) -> str:
        return CHANNEL_MEAN

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("ReduceMean", *inputs, write.integers(1))

    def label(self) -> str:
        return "channel mean"


CHANNEL_MEAN = '''
class ChannelMean(nn.Module):
    """The mean over the channels at each place of a map."""

    def forward(self, x: Tensor) -> Tensor:
        """Return one map, [N, 1, H, W]."""
        return torch.mean(x, 1, keepdim=True)
'''
