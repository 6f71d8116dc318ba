"""The largest value over the channels."""

from typing import ClassVar

from cnnspec.ops.op import (
    Code,
    Kind,
    Op,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    needs_map,
    op,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class ChannelMax(Op):
    """The largest value over the channels at each place of a map: CxHxW becomes 1xHxW.

    CBAM's spatial gate (Woo et al. 2018) looks at mean and maximum:
    `concat { channel_mean; channel_max } -> conv 1, 7x7, pad=3 -> sigmoid`.
    """

    name: ClassVar[str] = "channel_max"
    kind: ClassVar[Kind] = "pool"
    reads: ClassVar[tuple[str, ...]] = (
        "ChannelMax()",
        "torch.amax(input, dim, keepdim=False)",
    )

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        return 1, *inputs[0][1:]

    def channels_out(self, *inputs: Code) -> Code:
        return 1

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True, output=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        function = "torch.amax({x}, 1, keepdim=True)"
        return TorchForm("ChannelMax", function=function, helper=CHANNEL_MAX)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        if said.form == "torch.amax":
            said.only("dim", 1, "the channels are axis 1")
            said.only("keepdim", True, "the axis of the channels stays, with one")
        return Reading(cls())

    @classmethod
    def brings(cls) -> str:
        return CHANNEL_MAX

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        return write.node("ReduceMax", *inputs, write.integers(1))

    def label(self) -> str:
        return "channel max"


CHANNEL_MAX = '''
class ChannelMax(nn.Module):
    """The largest value over the channels at each place of a map."""

    def forward(self, x: Tensor) -> Tensor:
        """Return one map, [N, 1, H, W]."""
        return torch.amax(x, 1, keepdim=True)
'''
