"""Running statistics that can be put back at once, without asking the device (T11).

The forward pass changes them before the loss is known. All buffers of a type become views of one
tensor, so that keeping and putting back are two operations, however many layers there are.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Buffers:
    """The buffers of a model on its device."""

    def __init__(self, model: nn.Module) -> None:
        """Lay the buffers of each type side by side; the model keeps views of them."""
        groups: dict[torch.dtype, list[Tensor]] = {}
        for buffer in model.buffers():
            groups.setdefault(buffer.dtype, []).append(buffer)
        names: dict[torch.dtype, list[tuple[str, torch.Size]]] = {}
        for name, buffer in model.named_buffers():
            names.setdefault(buffer.dtype, []).append((name, buffer.shape))
        # numbers first: these are what a mean of the weights holds besides the weights
        groups = dict(sorted(groups.items(), key=lambda item: not item[0].is_floating_point))
        self._names = [names[kind] for kind in groups]
        views: dict[int, Tensor] = {}
        self._flat: list[Tensor] = []
        for members in groups.values():
            flat = torch.cat([member.detach().reshape(-1) for member in members])
            sizes = [member.numel() for member in members]
            for member, part in zip(members, torch.split(flat, sizes), strict=True):
                views[id(member)] = part.view(member.shape)
            self._flat.append(flat)
        for module in model.modules():
            for name, held in module._buffers.items():
                if held is not None:
                    module._buffers[name] = views[id(held)]
        self._kept = [flat.clone() for flat in self._flat]

    def keep(self) -> None:
        """Remember what they hold."""
        for kept, flat in zip(self._kept, self._flat, strict=True):
            kept.copy_(flat)

    def put_back(self, bad: Tensor) -> None:
        """Put back what they held where `bad`, a truth value on the device, says so."""
        for kept, flat in zip(self._kept, self._flat, strict=True):
            flat.copy_(torch.where(bad, kept, flat))

    def named(self, flats: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return by buffer name the parts of tensors that are laid out as some of these are."""
        found = {}
        for flat, names in zip(flats, self._names, strict=False):
            sizes = [math.prod(shape) for _, shape in names]
            for (name, shape), part in zip(names, torch.split(flat, sizes), strict=True):
                found[name] = part.view(shape)
        return found

    def tensors(self) -> list[Tensor]:
        """Return the tensors that all buffers are views of."""
        return self._flat
