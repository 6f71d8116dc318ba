"""The views of a test image that the papers average over: Pillow image in, uint8 pixels out."""

from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

Size = tuple[int, int]  # height, width
Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

# shorter sides for an input of 224; for another input they scale along
ONE_SIDE = (256,)
SZEGEDY = (256, 288, 320, 352)
SIMONYAN = (256, 384, 512)
HE = (224, 256, 384, 480, 640)
GRID = 5


def sides_for(sides: Sequence[int], crop: Size) -> list[int]:
    """Return sides that are to an input as these are to 224; none smaller than the input."""
    return [max(round(side * min(crop) / 224), max(crop)) for side in sides]


def scaled(image: Image.Image, side: int) -> Image.Image:
    """Scale an image so that its shorter side is this long."""
    factor = side / min(image.size)
    size = (max(side, round(image.width * factor)), max(side, round(image.height * factor)))
    return image if size == image.size else image.resize(size, Image.Resampling.BILINEAR)


def ten(image: Image.Image, sides: Sequence[int], crop: Size) -> Iterator[Image.Image]:
    """Yield four corners and the middle; callers mirror them."""
    for side in sides:
        yield from _five(scaled(image, side), crop)


def twelve(image: Image.Image, sides: Sequence[int], crop: Size) -> Iterator[Image.Image]:
    """Yield the six crops of the middle square."""
    for side in sides:
        yield from _six(_squares(scaled(image, side), side)[1], crop)


def one_hundred_and_forty_four(
    image: Image.Image, sides: Sequence[int], crop: Size
) -> Iterator[Image.Image]:
    """Yield the six crops of three squares at each scale."""
    for side in sides:
        for square in _squares(scaled(image, side), side):
            yield from _six(square, crop)


def grid(image: Image.Image, sides: Sequence[int], crop: Size) -> Iterator[Image.Image]:
    """Yield a regular 5x5 grid of crops at each scale."""
    for side in sides:
        whole = scaled(image, side)
        for row in range(GRID):
            for column in range(GRID):
                yield _cut(whole, crop, row / (GRID - 1), column / (GRID - 1))


def whole(image: Image.Image, sides: Sequence[int], crop: Size) -> Iterator[Image.Image]:
    """Yield the whole image at each scale."""
    for side in sides:
        yield scaled(image, side)


def _five(image: Image.Image, crop: Size) -> list[Image.Image]:
    places = ((0, 0), (0, 1), (1, 0), (1, 1), (0.5, 0.5))
    return [_cut(image, crop, down, across) for down, across in places]


def _six(square: Image.Image, crop: Size) -> list[Image.Image]:
    resized = square.resize((crop[1], crop[0]), Image.Resampling.BILINEAR)
    return [*_five(square, crop), resized]


def _squares(image: Image.Image, side: int) -> list[Image.Image]:
    """Return the left, middle and right square; of a tall image the upper, middle and lower."""
    return [_cut(image, (side, side), share, share) for share in (0, 0.5, 1)]


def _cut(image: Image.Image, crop: Size, down: float, across: float) -> Image.Image:
    top, left = round((image.height - crop[0]) * down), round((image.width - crop[1]) * across)
    return image.crop((left, top, left + crop[1], top + crop[0]))


def as_pixels(image: Image.Image, channels: int) -> Pixels:
    """Return uint8 [H, W, C]."""
    pixels = np.asarray(image)
    return pixels.reshape(*pixels.shape[:2], channels)
