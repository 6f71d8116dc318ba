"""A trainable gain for each channel."""

from math import prod
from typing import ClassVar

from cnnspec.ops.op import (
    OWN,
    Code,
    Op,
    OpError,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    needs_map,
    op,
    real,
)
from cnnspec.ops.reading import Arguments, Unread
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Record, Shape


@op
class Scale(Op):
    """A trainable gain for each channel: y = weight * x, with `bias=true` y = weight * x + bias.

    The subsampling of LeNet-5 in 1998 is `avgpool 2x2/2 -> scale bias=true -> tanh`: the gain of a
    mean is 4 times the coefficient of the paper's sum.  `value` is the gain at the start: 1e-6 in
    ConvNeXt's layer scale (Touvron et al. 2021).  With `own_key=true` the gain is a parameter
    [C, 1, 1] of the module around it, as models hold it that multiply by an `nn.Parameter`: its key
    in the state_dict is the label, without `.weight`.
    """

    uses = ("torch.full", "torch.zeros", ".view")
    begins: ClassVar[tuple[str, ...]] = ("value",)
    reads: ClassVar[tuple[str, ...]] = (
        "Scale(channels, bias=False, value=1.0)", "nn.Parameter(data=None)",
    )  # fmt: skip

    bias: bool = False
    value: float = 1.0
    own_key: bool = False

    def shape(self, *inputs: Shape) -> Shape:
        needs_map("scale", inputs[0])
        if self.own_key and self.bias:
            message = "the one parameter of a scale with `own_key=true` is its gain"
            raise OpError("E0109", message, argument="bias", help=("leave one of the two out",))
        return inputs[0]

    def params(self, x: Shape) -> dict[str, Shape]:
        if self.own_key:
            return {OWN: (x[0], 1, 1)}
        return {"weight": x[:1], "bias": x[:1]} if self.bias else {"weight": x[:1]}

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def scratch(self, size: int, *inputs: Shape) -> int:
        """The product before the bias is added."""
        return size * int(prod(inputs[0])) if self.bias else 0

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        if self.own_key:
            size = (x.channels, 1, 1)
            return TorchForm("torch.full", (size, real(self.value)), own="{own} * {x}")
        keywords: dict[str, Code] = {}
        if self.bias:
            keywords["bias"] = True
        if self.value != 1:
            keywords["value"] = self.value
        return TorchForm("Scale", (x.channels,), tuple(keywords.items()), helper=SCALE)

    def initial(self, key: str, x: Shape) -> Record:
        if key in ("weight", OWN):
            return Record("constant", keywords=(("value", self.value),))
        return super().initial(key, x)

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        if said.form == "nn.Parameter":
            data = said.filled("data")
            if data.size[1:] != (1, 1):
                raise Unread("a parameter of the module itself that is not [channels, 1, 1]")
            return Reading(cls(value=data.value, own_key=True), data.size[0], 3)
        scale = cls(said.flag("bias"), said.real("value"))
        return Reading(scale, said.integer("channels"))

    @classmethod
    def brings(cls) -> str:
        return SCALE

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        (x,) = inputs
        if self.own_key:
            return write.node("Mul", x, write.state(OWN))
        axes = write.integers(1, 2)
        y = write.node("Mul", x, write.node("Unsqueeze", write.state("weight"), axes))
        if not self.bias:
            return y
        return write.node("Add", y, write.node("Unsqueeze", write.state("bias"), axes))


SCALE = '''
class Scale(nn.Module):
    """A trainable gain for each channel, and a bias where asked."""

    def __init__(self, channels: int, bias: bool = False, value: float = 1.0) -> None:
        """Map [channels, H, W] to [channels, H, W]."""
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), float(value)))
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Return weight * x + bias, channel by channel."""
        y = x * self.weight.view(-1, 1, 1)
        return y if self.bias is None else y + self.bias.view(-1, 1, 1)
'''
