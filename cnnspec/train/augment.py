"""Order and augmentation of an epoch: drawn at once, from (seed, epoch) alone.

All random numbers of an epoch are drawn on the CPU before it begins and moved to the device, so
they do not depend on the device, on where a run was interrupted, or on how many processes share
the work; and no step waits for the host.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

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
JITTER = 0.4  # brightness, contrast and saturation are multiplied by 0.6 to 1.4
GREY = (0.299, 0.587, 0.114)
WINDOW_NUMBERS = 2**22  # 16 MiB of them


@dataclass(frozen=True)
class Draws:
    """The random numbers of one epoch, [N] each; `shade` is [N, 3], added to RGB in 0..1.

    `jitter` is [N, 3]: factors of brightness, contrast and saturation; `hole` [N, 2] the middle of
    the square that cutout leaves black; `window` [N, 4] in 0..1 decides a cut from the original.
    """

    order: Tensor
    top: Tensor
    left: Tensor
    flip: Tensor
    shade: Tensor | None = None
    jitter: Tensor | None = None
    hole: Tensor | None = None
    window: Tensor | None = None

    def to(self, device: torch.device) -> "Draws":
        """Return the same numbers on a device; the host does not wait for their way to a GPU."""
        if device.type != "cuda":
            return self._each(lambda value: value.to(device))
        return self._each(lambda value: value.pin_memory().to(device, non_blocking=True))

    def part(self, batch: slice) -> "Draws":
        """Return the numbers of one batch."""
        return self._each(lambda value: value[batch])

    def _each(self, change: Callable[[Tensor], Tensor]) -> "Draws":
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        return replace(self, **{key: change(value)
                                for key, value in found.items() if value is not None})  # fmt: skip


def draw(count: int, geometry: Geometry, seed: int, epoch: int) -> Draws:
    """Draw the order of count images and where each is cropped and flipped."""
    digest = hashlib.sha256(f"{seed}/{epoch}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:7]))
    room = [geometry.stored[axis] + 2 * geometry.pad - geometry.crop[axis] for axis in (0, 1)]
    room = [max(0, space) for space in room]
    order = torch.randperm(count, generator=generator)
    top = torch.randint(0, room[0] + 1, (count,), generator=generator)
    left = torch.randint(0, room[1] + 1, (count,), generator=generator)
    coin = torch.randint(0, 2, (count,), generator=generator, dtype=torch.bool)
    normal = torch.randn(count, 3, generator=generator)
    shade = None
    if geometry.pca:
        shade = (normal * PCA_DEVIATION * torch.tensor(PCA_VALUES)) @ torch.tensor(PCA_VECTORS).T
    jitter = hole = window = None
    if geometry.jitter:
        jitter = 1 + JITTER * (2 * torch.rand(count, 3, generator=generator) - 1)
    if geometry.cutout:
        hole = torch.rand(count, 2, generator=generator) * torch.tensor(geometry.crop)
    if geometry.scale:
        window = torch.rand(count, 4, generator=generator, dtype=torch.float64)
    flip = coin if geometry.flip else torch.zeros_like(coin)
    return Draws(order, top, left, flip, shade, jitter, hole, window)


def crop_batch(pixels: Tensor, geometry: Geometry, draws: Draws, batch: slice) -> Tensor:
    """Gather, crop and flip the images of a batch: uint8 [N, H, W, C] to [B, crop, crop, C].

    On a GPU this is one indexing, for the host must not wait; on the CPU whole rows are copied,
    image by image, which takes a thirtieth of the time at 224 pixels and half at 32.
    """
    if tuple(pixels.shape[1:3]) == geometry.crop and not geometry.flip:
        return pixels[draws.order[batch]]
    ways = _copied if pixels.device.type == "cpu" else indexed
    return ways(pixels, geometry.crop, draws.part(batch))


def indexed(pixels: Tensor, size: tuple[int, int], draws: Draws) -> Tensor:
    """Cut `size` out of the image of each draw in one indexing, mirrored where it says so."""
    index, (height, width) = draws.order, size
    rows = draws.top[:, None] + torch.arange(height, device=pixels.device)
    columns = torch.arange(width, device=pixels.device).expand(len(index), width)
    columns = draws.left[:, None] + torch.where(draws.flip[:, None], width - 1 - columns, columns)
    return pixels[index[:, None, None], rows[:, :, None], columns[:, None, :]]


def _copied(pixels: Tensor, size: tuple[int, int], draws: Draws) -> Tensor:
    """Do what `indexed` does, image by image."""
    height, width = size
    found = pixels.new_empty(len(draws.order), height, width, pixels.shape[3])
    places = (draws.order, draws.top, draws.left, draws.flip)
    for image, (index, top, left, flip) in zip(
        found, zip(*(each.tolist() for each in places), strict=True), strict=True
    ):
        window = pixels[index, top : top + height, left : left + width]
        image.copy_(window.flip(1) if flip else window)
    return found


class Windows:
    """All crops of one canvas, float [C, H, W]: what is cut out of it for each image of a batch.

    Where they are few, as with a border of 4, they lie ready in memory, one after the other.
    """

    def __init__(self, canvas: Tensor, size: tuple[int, int]) -> None:
        """Lay out the crops of this size, as it is and mirrored: [2, top, left, h, w, C]."""
        both = torch.stack([canvas, canvas.flip(2)])
        found = both.unfold(2, size[0], 1).unfold(3, size[1], 1).permute(0, 2, 3, 4, 5, 1)
        self._last = found.shape[2] - 1
        self._windows = found.contiguous() if found.numel() <= WINDOW_NUMBERS else found

    def of(self, draws: Draws, batch: slice) -> Tensor:
        """Return the crops where the images of a batch are cut: [B, C, h, w], channels last."""
        left, mirrored = draws.left[batch], draws.flip[batch]
        left = torch.where(mirrored, self._last - left, left)
        return self._windows[mirrored.long(), draws.top[batch], left].permute(0, 3, 1, 2)


def coloured(images: Tensor, draws: Draws, batch: slice) -> Tensor:
    """Jitter brightness, contrast and saturation of float [B, 3, H, W] in 0..1, in this order."""
    if draws.jitter is None:
        return images
    bright, contrast, saturation = draws.jitter[batch, :, None, None, None].unbind(1)
    images = (images * bright).clamp_(0, 1)
    mean = _grey(images).mean((2, 3), keepdim=True)
    images = torch.lerp(mean.expand_as(images), images, contrast).clamp_(0, 1)
    return torch.lerp(_grey(images).expand_as(images), images, saturation).clamp_(0, 1)


def _grey(images: Tensor) -> Tensor:
    """Return [B, 1, H, W]; the weights are numbers here, for a tensor of them would be sent."""
    red, green, blue = images.unbind(1)
    return (GREY[0] * red + GREY[1] * green + GREY[2] * blue)[:, None]


def cut_out(images: Tensor, draws: Draws, batch: slice, side: int) -> Tensor:
    """Leave a square of each normalised image at 0, the mean (DeVries and Taylor 2017)."""
    if draws.hole is None:
        return images
    middle = draws.hole[batch]
    rows, columns = (
        (torch.arange(images.shape[2 + axis], device=images.device) + 0.5 - middle[:, axis, None])
        .abs()
        .le(side / 2)
        for axis in (0, 1)
    )
    kept = ~(rows[:, :, None] & columns[:, None, :])[:, None]
    return images * kept  # masked_fill would give another memory format
