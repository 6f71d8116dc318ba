"""What stands around a map where it is padded: zeros, or what lies at its border."""

from __future__ import annotations

from typing import Final

from cnnspec.ops.op import OpError, out_of_range
from cnnspec.ops.writer import OnnxWriter
from cnnspec.values import Padding, Shape, dims

ZEROS: Final = "zeros"
IN_ONNX: Final = {
    ZEROS: "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap",
}  # fmt: skip
"""The modes, PyTorch's names, and what ONNX calls them."""


def check_border(name: str, argument: str, mode: str, x: Shape, pad: Padding) -> None:
    """Refuse a mode that is none, and a border that the map is too small for."""
    if mode not in IN_ONNX:
        wanted = ", ".join(f'"{word}"' for word in [*IN_ONNX][:-1]) + ' or "circular"'
        raise out_of_range(name, argument, wanted, f'"{mode}"')
    if mode not in ("reflect", "circular"):
        return
    less = mode == "reflect"
    for axis, sides in ((1, (pad.top, pad.bottom)), (2, (pad.left, pad.right))):
        if x[axis] < max(sides) + less:
            side = ("rows", "columns")[axis - 1]
            most = "fewer than" if less else "at most"
            raise OpError(
                "E0308",
                f"a {mode} border has {most} the {int(x[axis])} {side} of the map, "
                f"and {max(sides)} came",
                argument=argument,
                notes=(f"{dims(x)} arrives",),
                help=('`mode="replicate"` repeats the last pixel',) * (name == "pad"),
            )


def onnx_pad(write: OnnxWriter, x: str, pad: Padding, mode: str) -> str:
    """A map with a border, as ONNX says it: all that comes before, then all that comes behind."""
    pads = write.integers(0, 0, pad.top, pad.left, 0, 0, pad.bottom, pad.right)
    return write.node("Pad", x, pads, mode=IN_ONNX[mode])
