"""The part of an original image that a net is shown: from four numbers in 0..1, or the middle."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from cnnspec.train.datasets.decoders import opened_as
from cnnspec.train.geometry import Geometry

RATIO = math.log(4 / 3)  # sides of a random-resized crop relate as 3:4 to 4:3 (GoogLeNet)

Box = tuple[float, float, float, float]  # left, top, right, bottom
Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def window(size: tuple[int, int], geometry: Geometry, numbers: Sequence[float] | None) -> Box:
    """Return the box of an image of (width, height) that becomes the net's input.

    Without numbers the shorter side is scaled to `stored` and the middle is cut out. With numbers
    and a `scale` above 1 the shorter side is drawn from it; up to 1 the area and the ratio of the
    sides are drawn, and cut back where the image is too narrow for them.
    """
    width, height = size
    tall, wide = geometry.crop
    if numbers is None or not geometry.scale:
        factor = max(geometry.stored[0] / height, geometry.stored[1] / width)
        cut = (wide / factor, tall / factor)
    elif geometry.scale[1] > 1:
        low, high = geometry.scale
        side = low + int(numbers[0] * (high - low + 1))
        cut = (wide * min(size) / side, tall * min(size) / side)
    else:
        low, high = geometry.scale
        area = width * height * (low + numbers[0] * (high - low))
        ratio = math.exp(RATIO * (2 * numbers[1] - 1)) * wide / tall
        cut = (math.sqrt(area * ratio), math.sqrt(area / ratio))
    cut = (min(cut[0], width), min(cut[1], height))
    across, down = (0.5, 0.5) if numbers is None else (numbers[3], numbers[2])
    left, top = (width - cut[0]) * across, (height - cut[1]) * down
    return left, top, left + cut[0], top + cut[1]


def cut(image: Image.Image, box: Box, size: tuple[int, int], channels: int) -> Pixels:
    """Cut a box out of an opened image and scale it to (height, width): uint8 [H, W, C].

    A JPEG is decoded at the lowest of its own resolutions that the box still needs.
    """
    tall, wide = size
    full = image.size
    needed = (full[0] * wide / (box[2] - box[0]), full[1] * tall / (box[3] - box[1]))
    plain = opened_as(image, "L" if channels == 1 else "RGB", needed)
    shrunk = (plain.width / full[0], plain.height / full[1])
    scaled = (box[0] * shrunk[0], box[1] * shrunk[1], box[2] * shrunk[0], box[3] * shrunk[1])
    inside = (scaled[0], scaled[1], min(scaled[2], plain.width), min(scaled[3], plain.height))
    pixels = np.asarray(plain.resize((wide, tall), Image.Resampling.BILINEAR, box=inside))
    return pixels.reshape(tall, wide, channels)
