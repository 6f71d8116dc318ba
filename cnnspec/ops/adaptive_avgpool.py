"""Average pooling to a size."""

from typing import ClassVar

from cnnspec.ops.op import (
    Kind,
    Op,
    Reach,
    Saved,
    TorchForm,
    TorchInput,
    both,
    needs_map,
    op,
    pair,
)
from cnnspec.values import Shape


@op
class AdaptiveAvgPool(Op):
    """Average pooling to `size` rows and columns, whatever arrives: `adaptive_avgpool 7x7`.

    Output row i is the mean of the rows floor(i H / size) up to ceil((i + 1) H / size).  The
    receptive field counts it as the whole map.
    """

    name: ClassVar[str] = "adaptive_avgpool"
    kind: ClassVar[Kind] = "pool"

    size: tuple[int, int]

    def shape(self, *inputs: Shape) -> Shape:
        needs_map(self.name, inputs[0])
        return inputs[0][0], *self.size

    def reach(self) -> Reach:
        return Reach(None)

    def saved(self, size: int, *inputs: Shape) -> Saved:
        return Saved(inputs=self.size != (1, 1))

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return both("nn.AdaptiveAvgPool2d", "F.adaptive_avg_pool2d", pair(self.size))

    def label(self) -> str:
        rows, columns = self.size
        return f"{rows}×{columns} adaptive avg pool"
