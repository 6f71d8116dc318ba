"""The op that stands for a net's input in the graph; a spec writes the statement `input`."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op


class Input(Op):
    """Where an image enters the net; it computes nothing."""

    name: ClassVar[str] = "input"
    kind: ClassVar[Kind] = "input"
    drawn: ClassVar[bool] = False
