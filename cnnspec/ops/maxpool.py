"""Max pooling."""

from typing import ClassVar

from cnnspec.ops.op import Kind, Op
from cnnspec.ops.op import op as op
