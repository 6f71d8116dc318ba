"""How large an op makes a map that may be as large as another: `crop to=enc1`."""

from __future__ import annotations

from cnnspec.ops.op import OpError
from cnnspec.values import Beside, Shape, dims


def wanted_size(
    name: str, size: tuple[int, int] | None, to: Beside | None, inputs: tuple[Shape, ...]
) -> tuple[int, int]:
    """Rows and columns that an op is told: in numbers, or as the second of its inputs has them."""
    if size is None and to is None:
        help = (f"`{name} 65x65`, or as large as another map: `{name} to=stem`",)
        raise OpError("E0107", f"{name} needs `size` or `to`", help=help)
    if size is not None and to is not None:
        raise OpError("E0106", f"{name} takes `size` or `to`, and both came", argument="to")
    if size is not None:
        return size
    like = inputs[-1]
    if len(like) != 3:
        message = f"{name} needs a feature map for `to`, and a vector of {dims(like)} stands there"
        raise OpError("E0303", message, argument="to")
    return like[1], like[2]
