"""How an image becomes the net's input: stored size, padding, crop, flip; what is said about it."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnspec.train.datasets.base import Augment, Dataset, Images
from cnnspec.train.datasets.sources import Stream
from cnnspec.train.errors import UsageError
from cnnspec.train.recipe import DataRecipe

Size = tuple[int, int]
IMAGENET_MARGIN = 256 / 224  # a recipe that crops 224 and gives no `resize` crops from 256


@dataclass(frozen=True)
class Geometry:
    """Images are held at `stored`, padded in training, and cropped to `crop`, the net's input.

    With `scale` they are cut from the originals in place of that: above 1 the shorter side is drawn
    from it before the crop, up to 1 the area that is cut and resized.
    """

    stored: Size
    crop: Size
    pad: int
    flip: bool
    pca: bool
    jitter: bool = False
    cutout: int = 0
    scale: tuple[float, ...] = ()
    pixel_mean: bool = False

    def cut(self) -> str:
        """Return what a training image is cut to, and from what."""
        if not self.scale:
            return f"{_shown(self.crop)}, from {_shown(self.stored)}"
        if self.scale[1] > 1:
            low, high = self.scale
            return f"{_shown(self.crop)}, from a shorter side of {low:g} to {high:g}"
        return f"{_shown(self.crop)}, of {self.scale[0]:.0%} to {self.scale[1]:.0%} of the area"


def stored_size(recipe: DataRecipe, crop: Size) -> Size:
    """Return the height and width that images are held at, before padding.

    The recipe's `resize` goes with the recipe's `crop`: for another `--input` it scales along.
    """
    if recipe.resize:
        ratio = recipe.resize / (recipe.crop or min(crop))
    elif recipe.crop and recipe.pad is None and not (recipe.scale and recipe.scale[1] <= 1):
        ratio = IMAGENET_MARGIN
    else:
        ratio = 1.0
    if ratio < 1.0:
        raise UsageError(f"resize {recipe.resize} is smaller than the crop of {recipe.crop}")
    return round(crop[0] * ratio), round(crop[1] * ratio)


def geometry(recipe: DataRecipe, dataset: Dataset | Stream, crop: Size, channels: int) -> Geometry:
    """Lay the data set's usual augmentation under the recipe where that says nothing of it."""
    silent = recipe.pad is None and recipe.flip is None and not recipe.crop and not recipe.resize
    usual = dataset.augment if silent else Augment()
    stored = stored_size(recipe, crop)
    pad = recipe.pad if recipe.pad is not None else round(usual.pad * min(stored))
    flip = recipe.flip if recipe.flip is not None else usual.flip
    if isinstance(dataset, Stream):
        if recipe.pad and not recipe.scale:
            raise UsageError(
                f"{dataset.name} is decoded by workers, and --pad is not for such sets"
            )
        pad = 0
    return Geometry(
        stored=stored,
        crop=crop,
        pad=pad,
        flip=flip,
        pca=recipe.color == "pca" and channels == 3,
        jitter=recipe.color == "jitter" and channels == 3,
        cutout=recipe.cutout,
        scale=_scale(recipe, crop),
        pixel_mean=recipe.mean == "pixel" and not isinstance(dataset, Stream),
    )


def _scale(recipe: DataRecipe, crop: Size) -> tuple[float, ...]:
    """Scale jitter goes with the recipe's crop: for another `--input` it scales along."""
    if not recipe.scale or recipe.scale[1] <= 1:
        return recipe.scale
    low, high = (value * min(crop) / (recipe.crop or min(crop)) for value in recipe.scale)
    if round(low) < max(crop):
        raise UsageError(f"scale {recipe.scale[0]:g} is smaller than the crop of {recipe.crop}")
    return round(low), round(high)


def fit(dataset: Dataset, stored: Size, channels: int) -> tuple[Dataset, list[str]]:
    """Return the set at the stored size and with the net's channels, and what was done to it.

    Raises UsageError where colour images meet a net with one channel.
    """
    notes = [dataset.note] if dataset.note else []
    if dataset.channels != channels:
        if dataset.channels != 1:
            raise UsageError(
                f"{dataset.name} has {dataset.channels} channels and the net takes {channels}"
            )
        notes.append(f"grey as {channels} channels")
    if dataset.found_sizes not in ("", _shown(stored)):
        notes.append(f"{dataset.found_sizes} fitted to {_shown(stored)}")
    elif dataset.size != stored:
        notes.append(f"{_shown(dataset.size)} resized to {_shown(stored)}")
    fitted = Dataset(
        name=dataset.name,
        train=_fit(dataset.train, stored, channels),
        test=_fit(dataset.test, stored, channels),
        classes=dataset.classes,
        augment=dataset.augment,
        found_sizes=dataset.found_sizes,
        times=dataset.times,
    )
    return fitted, notes


def _shown(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


def _fit(images: Images, stored: Size, channels: int, chunk: int = 1024) -> Images:
    pixels = images.pixels
    if tuple(pixels.shape[1:3]) != stored:
        parts = [_resized(part, stored) for part in torch.split(pixels, chunk)]
        pixels = torch.cat(parts)
    if pixels.shape[3] != channels:
        pixels = pixels.expand(-1, -1, -1, channels)
    return Images(pixels.contiguous(), images.labels)


def _resized(pixels: Tensor, stored: Size) -> Tensor:
    """Resize uint8 [N, H, W, C] bilinearly, averaging where the image shrinks."""
    planes = pixels.permute(0, 3, 1, 2).float()
    resized = F.interpolate(planes, size=stored, mode="bilinear", antialias=True)
    return resized.round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
