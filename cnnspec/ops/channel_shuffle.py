"""Channel shuffle."""

from typing import ClassVar

from cnnspec.ops.op import (
    Kind,
    Op,
    Reading,
    TorchForm,
    TorchInput,
    both,
    check_groups,
    needs_map,
    op,
)
from cnnspec.ops.reading import Arguments
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Shape


@op
class ChannelShuffle(Op):
    """Deal the channels of `groups` groups out in turn, so that the next groups see them all.

    With g groups of n channels, channel i * n + j becomes channel j * g + i.
    ShuffleNet (Zhang et al. 2017).
    """

    name: ClassVar[str] = "channel_shuffle"
    kind: ClassVar[Kind] = "shape"
    reads: ClassVar[tuple[str, ...]] = (
        "nn.ChannelShuffle(groups)",
        "F.channel_shuffle(input, groups)",
    )

    groups: int

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        check_groups(self.groups, inputs[0][0])
        return inputs[0]

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return both("nn.ChannelShuffle", "F.channel_shuffle", self.groups)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        return Reading(cls(said.integer("groups")))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        channels = write.inputs[0][0]
        size = channels // self.groups
        order = (i * size + j for j in range(size) for i in range(self.groups))
        return write.node("Gather", *inputs, write.integers(*order), axis=1)

    def label(self) -> str:
        return f"channel shuffle, {self.groups} groups"
