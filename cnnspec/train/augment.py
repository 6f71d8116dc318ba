"""Order and augmentation of an epoch: drawn at once, from (seed, epoch) alone.

All random numbers of an epoch are drawn on the CPU before it begins and moved to the device, so
they do not depend on the device, on where a run was interrupted, or on how many processes share
the work; and no step waits for the host.
"""

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnspec.train.geometry import Geometry

# principal components of ImageNet's RGB values in 0..1 (Krizhevsky et al. 2012, section 4.1)
PCA_VALUES = (0.2175, 0.0188, 0.0045)
PCA_VECTORS = (
    (-0.5675, 0.7192, 0.4009),
    (-0.5808, -0.0045, -0.8140),
    (-0.5836, -0.6948, 0.4203),
)
PCA_DEVIATION = 0.1


@dataclass(frozen=True)
class Draws:
    """The random numbers of one epoch, [N] each; `shade` is [N, 3], added to RGB in 0..1."""

    order: Tensor
    top: Tensor
    left: Tensor
    flip: Tensor
    shade: Tensor | None

    def to(self, device: torch.device) -> "Draws":
        """Return the same numbers on a device."""
        shade = None if self.shade is None else self.shade.to(device)
        return Draws(
            self.order.to(device),
            self.top.to(device),
            self.left.to(device),
            self.flip.to(device),
            shade,
        )


def draw(count: int, geometry: Geometry, seed: int, epoch: int) -> Draws:
    """Draw the order of count images and where each is cropped and flipped."""
    digest = hashlib.sha256(f"{seed}/{epoch}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:7]))
    room = [geometry.stored[axis] + 2 * geometry.pad - geometry.crop[axis] for axis in (0, 1)]
    order = torch.randperm(count, generator=generator)
    top = torch.randint(0, room[0] + 1, (count,), generator=generator)
    left = torch.randint(0, room[1] + 1, (count,), generator=generator)
    coin = torch.randint(0, 2, (count,), generator=generator, dtype=torch.bool)
    normal = torch.randn(count, 3, generator=generator)
    shade = None
    if geometry.pca:
        shade = (normal * PCA_DEVIATION * torch.tensor(PCA_VALUES)) @ torch.tensor(PCA_VECTORS).T
    return Draws(order, top, left, coin if geometry.flip else torch.zeros_like(coin), shade)


def crop_batch(pixels: Tensor, geometry: Geometry, draws: Draws, batch: slice) -> Tensor:
    """Gather, crop and flip in one indexing: uint8 [N, H, W, C] to [B, crop, crop, C]."""
    index = draws.order[batch]
    height, width = geometry.crop
    if tuple(pixels.shape[1:3]) == geometry.crop and not geometry.flip:
        return pixels[index]
    rows = draws.top[batch, None] + torch.arange(height, device=pixels.device)
    columns = torch.arange(width, device=pixels.device).expand(len(index), width)
    mirrored = width - 1 - columns
    columns = draws.left[batch, None] + torch.where(draws.flip[batch, None], mirrored, columns)
    return pixels[index[:, None, None], rows[:, :, None], columns[:, None, :]]
