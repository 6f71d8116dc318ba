"""Transposed convolution."""

from __future__ import annotations

from math import prod
from typing import ClassVar

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
from cnnspec.ops.reach import Pixel, Reach, Taps
from cnnspec.ops.reading import Arguments
from cnnspec.ops.sliding import NO_PADDING, effective, even_same, lopsided, resolve
from cnnspec.ops.writer import OnnxWriter
from cnnspec.records import replace
from cnnspec.values import SAME, TF_SAME, Keyword, Padding, Record, Shape, Window

_DOUBLES = "a 4x4/2 window with `pad=1`, or 2x2/2 without, doubles the map"


@op
class ConvTranspose(Op):
    """Transposed convolution: each pixel adds its multiple of the kernels to the output.

    It maps as the backward pass of a convolution does (Zeiler et al. 2010; called deconvolution in
    FCN and DCGAN): with stride S neighbouring pixels stand S apart in the output, from which `pad`
    rows and columns are cut on each side; `output_pad` adds some at the bottom and right.
    Output size: (H - 1)S - 2P + D(F - 1) + output_pad + 1.
    Parameters: inputs * channels / groups * kernel rows * kernel columns, and `channels` biases.
    MACs: weights * input rows * input columns.
    """

    name: ClassVar[str] = "conv_transpose"
    kind: ClassVar[Kind] = "conv"
    grows: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = (
        "nn.ConvTranspose2d(in_channels, out_channels, kernel_size, stride=1, padding=0,"
        " output_padding=0, groups=1, bias=True, dilation=1)",
    )

    channels: int
    window: Window
    pad: Padding | Keyword = NO_PADDING
    output_pad: Padding = NO_PADDING
    groups: int = 1
    dilation: tuple[int, int] = (1, 1)
    bias: bool = True
    init: Record | None = None

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        needs_map(self.name, x)
        if self.channels < 1:
            raise out_of_range(self.name, "channels", "at least 1", self.channels)
        check_groups(self.groups, x[0], self.channels)
        self._check_output_pad()
        pad, spans = self._padding(), self._spans()
        sides, extra = (pad.top, pad.left), self._extra()
        sizes = [
            (x[1 + i] - 1) * self.window.stride[i] + (spans[i] + extra[i] - 2 * sides[i])
            for i in (0, 1)
        ]
        for axis, size in enumerate(sizes):
            if size < 1:
                raise OpError(
                    "E0306",
                    f"the padding of conv_transpose cuts {('all rows', 'all columns')[axis]} away",
                    argument="pad",
                    notes=(self.why(x)[-1 if axis else 0],),
                    help=("less `pad`, or a larger window",),
                )
        return self.channels, sizes[0], sizes[1]

    def _spans(self) -> tuple[int, int]:
        rows, columns = map(effective, self.window.kernel, self.dilation)
        return rows, columns

    def _extra(self) -> tuple[int, int]:
        """Rows and columns more at the bottom and right."""
        return self.output_pad.top, self.output_pad.left

    def _padding(self) -> Padding:
        """The padding by numbers, alike on opposite sides as PyTorch wants it."""
        if self.pad == SAME and any(span % 2 == 0 for span in self._spans()):
            raise even_same(self._spans(), _DOUBLES)
        if self.pad == TF_SAME:
            raise OpError(
                "E0308",
                "`tf_same` is of windows that slide, and those of conv_transpose spread",
                argument="pad",
                help=(_DOUBLES,),
            )
        pad = resolve(self.pad, self.window, self.dilation)
        if not pad.symmetric:
            raise lopsided(
                self.name, pad, "`output_pad=1` adds a row and a column at the bottom and right"
            )
        return pad

    def _check_output_pad(self) -> None:
        """PyTorch refuses what is not below the stride or the dilation."""
        most = [max(s, d) - 1 for s, d in zip(self.window.stride, self.dilation, strict=True)]
        fits = all(e <= m for e, m in zip(self._extra(), most, strict=True))
        if fits and self.output_pad.symmetric:
            return
        wanted = f"at most {most[0]}" if most[0] == most[1] else f"at most {most[0]}x{most[1]}"
        raise OpError(
            "E0308",
            f"conv_transpose {self.window} needs {wanted} for `output_pad`, "
            f"and {self.output_pad} came",
            argument="output_pad",
            help=("it is below the stride, or below the dilation",),
        )

    def params(self, x: Shape) -> dict[str, Shape]:
        weight = (x[0], self.channels // self.groups, *self.window.kernel)
        return {"weight": weight, "bias": (self.channels,)} if self.bias else {"weight": weight}

    def macs(self, x: Shape, y: Shape) -> int:
        return prod(self.params(x)["weight"]) * x[1] * x[2]

    def why(self, *inputs: Shape) -> tuple[str, ...]:
        pad, spans, extra = self._padding(), self._spans(), self._extra()
        lines = []
        for i, side in enumerate((pad.top, pad.left)):
            size, stride = int(inputs[0][1 + i]), self.window.stride[i]
            out = (size - 1) * stride - 2 * side + spans[i] + extra[i]
            lines.append(f"({size} - 1)*{stride} - 2*{side} + {spans[i]} + {extra[i]} = {out}")
        if lines[0] == lines[1]:
            return (lines[0],)
        return f"height: {lines[0]}", f"width: {lines[1]}"

    def reach(self) -> Reach:
        """Pixel i lies under output pixels i*S - P up to i*S - P + D(F - 1)."""
        pad, spans = self._padding(), self._spans()
        rows, columns = (
            Taps(Pixel(1, side + stride - span, stride), Pixel(1, side, stride))
            for side, span, stride in zip(
                (pad.top, pad.left), spans, self.window.stride, strict=True
            )
        )
        return Reach((rows, columns))

    def channels_out(self, *inputs: Code) -> Code:
        return self.channels

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=True)

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        pad = resolve(self.pad, self.window, self.dilation)
        keywords: dict[str, Code] = {
            "stride": pair(self.window.stride),
            "padding": pair((pad.top, pad.left)),
            "output_padding": pair(self._extra()),
            "groups": self.groups,
            "bias": self.bias,
            "dilation": pair(self.dilation),
        }
        usual = {"stride": 1, "padding": 0, "output_padding": 0, "groups": 1, "bias": True}
        usual["dilation"] = 1
        written = {k: v for k, v in keywords.items() if v != usual[k]}
        args: tuple[Code, ...] = (x.channels, self.channels, pair(self.window.kernel))
        return TorchForm("nn.ConvTranspose2d", args, tuple(written.items()))

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        window, pad = said.window("kernel_size", "stride"), said.padding("padding")
        extra, groups = said.padding("output_padding"), said.integer("groups")
        channels, dilation = said.integer("out_channels"), said.pair("dilation")
        conv = cls(channels, window, pad, extra, groups, dilation, said.flag("bias"))
        return Reading(conv, said.integer("in_channels"))

    def canonical(self) -> Op:
        window = Window(self.window.kernel, self.window.stride)
        return replace(self, window=window, pad=self._padding(), init=None)

    def initial(self, key: str, x: Shape) -> Record:
        """PyTorch counts the inputs of a kernel by the axis that has the outputs here."""
        weight = self.params(x)["weight"]
        return initial_weights(self.init, key, (prod(weight[1:]),))

    def onnx(self, write: OnnxWriter, *inputs: str) -> str:
        top, bottom, left, right = self._padding()
        bias = (write.state("bias"),) if self.bias else ()
        return write.node(
            "ConvTranspose", *inputs, write.state("weight"), *bias,
            kernel_shape=self.window.kernel, strides=self.window.stride,
            pads=(top, left, bottom, right), output_padding=self._extra(),
            dilations=self.dilation, group=self.groups,
        )  # fmt: skip

    def stride_label(self) -> str:
        return super().stride_label().replace("/", "×", 1)

    def label(self) -> str:
        rows, columns = self.window.kernel
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        return f"{rows}×{columns} transposed conv, {self.channels}{groups}"

    def kernel(self) -> str:
        return str(self.window)
