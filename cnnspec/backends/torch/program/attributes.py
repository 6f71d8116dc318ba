"""Which layers are attributes of their class."""

from __future__ import annotations

from cnnspec.backends.torch.program.items import LayerItem
from cnnspec.backends.torch.python.lists import holds_sym


def needs_attribute(item: LayerItem) -> bool:
    """Parameters, a training flag, or an open number make an op an attribute."""
    if item.head or item.op.join:
        return False
    return not item.form.function or (bool(item.form.module) and has_open_field(item))


def has_open_field(item: LayerItem) -> bool:
    """Whether an argument is open: `forward` does not see the constructor's."""
    return any(map(holds_sym, (*item.form.args, *(v for _, v in item.form.keywords))))
