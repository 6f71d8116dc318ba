"""Convolution."""

from __future__ import annotations

from math import prod
from typing import ClassVar

from cnnspec.ops.borders import ZEROS, check_border, onnx_pad
from cnnspec.ops.op import (
    Code,
    Kind,
    Op,
    OpError,
    Reading,
    Saved,
    TorchForm,
    TorchInput,
    check_groups,
    initial_weights,
    needs_map,
    op,
    out_of_range,
    pair,
)
from cnnspec.ops.pad import Pad
from cnnspec.ops.reach import Reach, window_reach
from cnnspec.ops.reading import Arguments
from cnnspec.ops.sliding import (
    NO_PADDING,
    any_size,
    arithmetic,
    effective,
    onnx_border,
    padded_bytes,
    resolve,
    slide,
    tf_arithmetic,
    tf_size,
    torch_padding,
)
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import replace
from cnnspec.values import SAME, TF_SAME, Keyword, Padding, Record, Shape, Window


@op
class Conv(Op):
    """Convolution: `channels` kernels slide over the map, each makes one output map.

    A kernel sees `1/groups` of the channels that arrive, with `dilation` between its taps.  `pad`
    is a number, `1x2` (rows, columns), `[top, bottom, left, right]`, or `same`, which adds
    D(F - 1)/2 on both sides whatever the stride, or `tf_same`, TensorFlow's: as much as gives
    ceil(W / S), the odd one at the bottom and right.  `pad_mode` says what stands there: "zeros",
    "reflect", "replicate" or "circular", as of `pad`.
    Output size: floor((W - F' + 2P) / S) + 1, with F' = D(F - 1) + 1.
    Parameters: channels * (inputs / groups * kernel rows * kernel columns + 1), without the + 1
    when `bias=false`.  MACs: weights * output rows * output columns.

    `connections` lists for each output map the input maps it sees, counted from 0: LeNet-5 of 1998,
    table I.
    """

    kind: ClassVar[Kind] = "conv"
    uses = ("torch.empty", ".get", ".view")
    reads: ClassVar[tuple[str, ...]] = (
        "nn.Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1,"
        ' groups=1, bias=True, padding_mode="zeros")',
        "Conv2dSame(in_channels, out_channels, kernel_size, stride=1, *, dilation=1, groups=1,"
        " bias=True)",
        "SparseConv2d(in_channels, channels, kernel, connections, stride=1, padding=0, bias=True)",
    )

    channels: int
    window: Window
    pad: Padding | Keyword = NO_PADDING
    groups: int = 1
    dilation: tuple[int, int] = (1, 1)
    bias: bool = True
    init: Record | None = None
    connections: tuple[tuple[int, ...], ...] | None = None
    pad_mode: str = ZEROS

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        needs_map("conv", x)
        if self.channels < 1:
            raise out_of_range("conv", "channels", "at least 1", self.channels)
        check_groups(self.groups, x[0], self.channels)
        if self.connections is not None:
            self._check_connections(self.connections, x[0])
        if self.pad == TF_SAME:
            return self.channels, *self._tf_size(x)
        pad = resolve(self.pad, self.window, self.dilation)
        check_border("conv", "pad_mode", self.pad_mode, x, pad)
        if self.pad_mode != ZEROS and not pad.symmetric:
            raise OpError(
                "E0308",
                f"a {self.pad_mode} border of a conv is alike on opposite sides, and {pad} is not",
                argument="pad",
                help=(f'`pad {pad}, mode="{self.pad_mode}"` before it, and no `pad` of its own',),
            )
        return self.channels, *slide("conv", x, self.window, pad, self.dilation)

    def _tf_size(self, x: Shape) -> tuple[int, int]:
        if self.connections is not None or self.pad_mode != ZEROS:
            raise OpError(
                "E0308",
                "`tf_same` stands alone: zeros, and no connections beside it",
                argument="pad",
                help=("`pad=same` is alike on opposite sides",),
            )
        return tf_size(x, self.window)

    def _check_connections(self, table: tuple[tuple[int, ...], ...], arriving: int) -> None:
        """Refuse a table that does not fit the maps, or says what `groups` says too."""
        wrong = ""
        if self.groups != 1 or self.dilation != (1, 1):
            wrong = "connections stand alone: no groups and no dilation beside them"
        elif self.pad_mode != ZEROS:
            wrong = "connections stand alone: zeros around the map"
        elif len(table) != self.channels:
            wrong = f"{self.channels} output maps, and connections for {len(table)}"
        for number, row in enumerate(table):
            if wrong:
                break
            if not row:
                wrong = f"output map {number} is connected to no input map"
            elif max(row) >= arriving:
                wrong = (
                    f"output map {number} is connected to input map {max(row)}, "
                    f"and {arriving} maps arrive: 0 to {arriving - 1}"
                )
            elif len(set(row)) != len(row):
                wrong = f"output map {number} is connected to one input map twice"
        if wrong:
            raise OpError("E0307", wrong, argument="connections")

    def params(self, x: Shape) -> dict[str, Shape]:
        weight: Shape = (self.channels, x[0] // self.groups, *self.window.kernel)
        if self.connections is not None:
            weight = (sum(map(len, self.connections)), *self.window.kernel)
        return {"weight": weight, "bias": (self.channels,)} if self.bias else {"weight": weight}

    def macs(self, x: Shape, y: Shape) -> int:
        return prod(self.params(x)["weight"]) * y[1] * y[2]

    def why(self, *inputs: Shape) -> tuple[str, ...]:
        if self.pad == TF_SAME:
            return tf_arithmetic(inputs[0], self.window)
        pad = resolve(self.pad, self.window, self.dilation)
        return arithmetic(inputs[0], self.window, pad, self.dilation)

    def reach(self) -> Reach:
        return self._reach(resolve(self.pad, self.window, self.dilation))

    def seen(self, *inputs: Shape) -> Reach:
        return self._reach(resolve(self.pad, self.window, self.dilation, inputs[0]))

    def _reach(self, pad: Padding) -> Reach:
        rows, columns = map(effective, self.window.kernel, self.dilation)
        return window_reach((rows, columns), self.window.stride, (pad.top, pad.left))

    def channels_out(self, *inputs: Code) -> Code:
        return self.channels

    def saved(self, size: int, *inputs: Shape) -> Saved:
        """With a border of the map's own the convolution keeps the padded map."""
        keeps = self.pad != TF_SAME and self.pad_mode in (ZEROS, "reflect", "replicate")
        return Saved(inputs=keeps, extra=self.scratch(size, *inputs))

    def scratch(self, size: int, *inputs: Shape) -> int:
        """The padded map, where PyTorch's convolution cannot pad itself."""
        if self.pad_mode == ZEROS and self.pad != TF_SAME:
            return 0
        pad = resolve(self.pad, self.window, self.dilation, inputs[0])
        return padded_bytes(size, inputs[0], pad)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        same = self.pad == TF_SAME
        padding, unequal = torch_padding(
            NO_PADDING if same else self.pad, self.window, self.dilation
        )
        args: tuple[Code, ...] = (x.channels, self.channels, pair(self.window.kernel))
        keywords: dict[str, Code] = {}
        if self.window.stride != (1, 1):
            keywords["stride"] = pair(self.window.stride)
        if padding != 0:
            keywords["padding"] = padding
        if self.dilation != (1, 1):
            keywords["dilation"] = pair(self.dilation)
        if self.groups != 1:
            keywords["groups"] = self.groups
        if not self.bias:
            keywords["bias"] = False
        if self.pad_mode != ZEROS:
            keywords["padding_mode"] = self.pad_mode
        if same:
            return TorchForm("Conv2dSame", args, tuple(keywords.items()), helper=CONV_SAME)
        if self.connections is None:
            return TorchForm("nn.Conv2d", args, tuple(keywords.items()), pad=unequal)
        args = (*args, self.connections)
        return TorchForm(
            "SparseConv2d", args, tuple(keywords.items()), helper=SPARSE_CONV, pad=unequal
        )

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        arriving, bias = said.integer("in_channels"), said.flag("bias")
        same = said.form == "Conv2dSame"
        pad = TF_SAME if same else said.padding("padding")
        if same or said.form == "nn.Conv2d":
            window = said.window("kernel_size", "stride")
            groups, dilation = said.integer("groups"), said.pair("dilation")
            mode = ZEROS if same else said.word("padding_mode")
            channels = said.integer("out_channels")
            conv = cls(channels, window, pad, groups, dilation, bias, pad_mode=mode)
            return Reading(conv, arriving)
        window, table = said.window("kernel", "stride"), said.values["connections"]
        conv = cls(said.integer("channels"), window, pad, bias=bias, connections=table)
        return Reading(conv, arriving)

    def canonical(self) -> Op:
        pad = self.pad
        if pad != TF_SAME:
            pad = resolve(pad, self.window, self.dilation)
        window = Window(self.window.kernel, self.window.stride)
        return replace(self, window=window, pad=pad, init=None)

    def bordered(self) -> tuple[Op, Op] | None:
        """PyTorch pads alike on opposite sides: other zeros are put there before."""
        pad = self.pad
        if self.pad_mode != ZEROS or not isinstance(pad, Padding) or pad.symmetric:
            return None
        return Pad(pad), replace(self, pad=NO_PADDING)

    @classmethod
    def brings(cls) -> str:
        return SPARSE_CONV + CONV_SAME

    def initial(self, key: str, x: Shape) -> Record:
        init = self.init if self.connections is None else None
        return initial_weights(init, key, self._fans(x))

    def _fans(self, x: Shape) -> tuple[int, ...]:
        """How many values each output map sums up: one number, or one for each kernel's map."""
        size = prod(self.window.kernel)
        if self.connections is None:
            return (x[0] // self.groups * size,)
        return tuple(len(row) * size for row in self.connections)

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        (x,) = inputs
        pad = self.pad
        if self.pad_mode != ZEROS:
            border = resolve(pad, self.window, self.dilation)
            x, pad = onnx_pad(write, x, border, self.pad_mode), NO_PADDING
        weight = write.state("weight")
        if self.connections is not None:
            weight = self._dense(write, weight, self.connections)
        bias = (write.state("bias"),) if self.bias else ()
        return write.node(
            "Conv", x, weight, *bias,
            kernel_shape=self.window.kernel, strides=self.window.stride,
            dilations=self.dilation, group=self.groups,
            **onnx_border(pad, self.window, write.inputs[0], self.dilation),
        )  # fmt: skip

    def sized(self) -> bool:
        return not any_size(self.pad, self.window, self.dilation)

    def _dense(self, write: OnnxWriter, weight: str, table: tuple[tuple[int, ...], ...]) -> str:
        """The kernels at their places among zeros."""
        size = (self.channels, write.inputs[0][0], *self.window.kernel)
        zeros = write.node("ConstantOfShape", write.integers(*size))
        places = write.integers(*(n for i, row in enumerate(table) for j in row for n in (i, j)))
        pairs = write.node("Reshape", places, write.integers(-1, 2))
        return write.node("ScatterND", zeros, pairs, weight)

    def label(self) -> str:
        rows, columns = self.window.kernel
        words = [f"{rows}×{columns} conv", str(self.channels)]
        if self.groups > 1:
            words.append(f"{self.groups} groups")
        if self.connections is not None:
            words.append("sparse")
        if self.dilation != (1, 1):
            down, across = self.dilation
            words.append(f"dil {down}" if down == across else f"dil {down}×{across}")
        if self._unusual_padding():
            words.append(f"pad {self.pad}".replace("x", "×"))
        if self.pad_mode != ZEROS:
            words.append(f"{self.pad_mode} border")
        return ", ".join(words)

    def _unusual_padding(self) -> bool:
        """Neither none nor `same`: what a reader does not expect."""
        if self.pad in (SAME, TF_SAME, NO_PADDING):
            return False
        spans = [effective(k, d) for k, d in zip(self.window.kernel, self.dilation, strict=True)]
        rows, columns = ((span - 1) // 2 for span in spans)
        return self.pad != Padding(rows, rows, columns, columns)

    def kernel(self) -> str:
        return str(self.window)


SPARSE_CONV = '''
class SparseConv2d(nn.Module):
    """A convolution whose output maps see only the input maps that a table lists for them."""

    def __init__(
        self,
        in_channels: int,
        channels: int,
        kernel: int | tuple[int, int],
        connections: tuple[tuple[int, ...], ...],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        bias: bool = True,
    ) -> None:
        """Map [in_channels, H, W] to [channels, H/stride, W/stride]; initialise as nn.Conv2d."""
        super().__init__()
        size = (kernel, kernel) if isinstance(kernel, int) else kernel
        self.size = (channels, in_channels, *size)
        self.stride = stride
        self.padding = padding
        listed = [(i, j) for i, row in enumerate(connections) for j in row]
        order = {pair: number for number, pair in enumerate(listed)}
        pairs = [(i, j) for i in range(channels) for j in range(in_channels)]
        self.kernels = [order.get(pair, len(listed)) for pair in pairs]
        self.weight = nn.Parameter(torch.empty(len(listed), *size))
        self.bias = nn.Parameter(torch.empty(channels)) if bias else None
        start = 0
        for i, row in enumerate(connections):
            bound = (len(row) * size[0] * size[1]) ** -0.5
            nn.init.uniform_(self.weight[start : start + len(row)], -bound, bound)
            if self.bias is not None:
                nn.init.uniform_(self.bias[i], -bound, bound)
            start += len(row)

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution with zeros for the kernels that the table leaves out."""
        kernels = F.pad(self.weight, (0, 0, 0, 0, 0, 1))
        weight = kernels[self.kernels].view(self.size)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding)
'''

CONV_SAME = '''
class Conv2dSame(nn.Conv2d):
    """A convolution padded as TensorFlow does: ceil(H / stride) rows, the odd zeros behind."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the convolution of the input with zeros around it."""
        sides = [0, 0, 0, 0]
        for axis in range(2):
            size, stride = input.shape[axis + 2], self.stride[axis]
            span = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1
            total = max((-(-size // stride) - 1) * stride + span - size, 0)
            sides[2 - 2 * axis] = total // 2
            sides[3 - 2 * axis] = total - total // 2
        x = F.pad(input, sides)
        return F.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)
'''
