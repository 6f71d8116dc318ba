"""`count(op)`: how many layers of one op the network runs at inference (L27)."""

from __future__ import annotations

from collections import Counter

from cnnspec import ir
from cnnspec.fold import Fold


class Counts(Fold[Counter[str]]):
    """Layers by the op's name in the language; `share` counts again, `aux` does not."""

    zero = Counter[str]()  # noqa: RUF012 - never changed: a sum is a new one

    def layer(self, layer: ir.Layer) -> Counter[str]:
        """One layer of its op."""
        return Counter((layer.op.name,))

    def branch(self, branch: ir.Branch) -> Counter[str]:
        """An auxiliary head does not run at inference."""
        return super().branch(branch) if branch.kind == "output" else self.zero
