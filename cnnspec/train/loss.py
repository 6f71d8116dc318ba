"""The loss of a net's outputs: cross-entropy, weighted over several where there are (M4, M7)."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnspec.train.errors import UsageError

AUXILIARY = 0.3  # GoogLeNet, section 5; where a recipe gives no weights


def weights_of(outputs: object, given: Mapping[str, float]) -> dict[str, float]:
    """Return a weight for each output in training; `logits` alone for a plain tensor.

    Raises UsageError where the recipe names an output that the net has not.
    """
    names = outputs._fields if isinstance(outputs, tuple) and hasattr(outputs, "_fields") else ()
    fields = [str(name) for name in names] or ["logits"]
    for name in given:
        if name not in fields:
            raise UsageError(f"loss: the net has no output `{name}`; it has {', '.join(fields)}")
    if given:
        return {name: given.get(name, 0.0) for name in fields}
    return {name: 1.0 if index == 0 else AUXILIARY for index, name in enumerate(fields)}


def loss_of(
    outputs: object,
    labels: Tensor,
    given: Mapping[str, float],
    smoothing: float,
    class_weights: Tensor | None = None,
) -> Tensor:
    """Return the scalar loss, in fp32, of logits [N, classes] or of a NamedTuple of them."""
    heads = outputs if isinstance(outputs, tuple) else (outputs,)
    total = torch.zeros((), device=labels.device)
    for head, weight in zip(heads, weights_of(outputs, given).values(), strict=True):
        if weight:
            total = total + weight * F.cross_entropy(
                head.float(), labels, weight=class_weights, label_smoothing=smoothing
            )
    return total
