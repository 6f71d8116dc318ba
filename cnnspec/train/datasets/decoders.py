"""JPEG decoders: Pillow's, or a faster one that is installed and gives the very same pixels.

A decoder decides nothing but the speed: when one is first asked for, each candidate decodes two
small images, and only one whose pixels are Pillow's is taken. What it refuses or cannot do is left
to Pillow, which then also says what is wrong.
"""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import torch
from PIL import Image

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Decode = Callable[[bytes, bool, int], Pixels]  # encoded, grey or not, divisor of the size
MODES = {"L": 1, "RGB": 3}


@dataclass(frozen=True)
class JpegDecoder:
    """A decoder by name; `shrinks` says whether it decodes at 1/2, 1/4 and 1/8 as Pillow does."""

    name: str
    decode: Decode
    shrinks: bool


def opened_as(image: Image.Image, mode: str, needed: tuple[float, float] | None) -> Image.Image:
    """Decode an opened image in mode "L" or "RGB".

    A JPEG is decoded at the lowest of its own resolutions that has `needed` pixels (width, height).
    """
    divisor = _divisor(image.size, needed) if needed and image.format == "JPEG" else 1
    found = _fast(image, mode, divisor)
    if found is not None:
        return found
    if divisor > 1:
        image.draft(None, (image.width // divisor, image.height // divisor))
    return image.convert(mode)


def _divisor(size: tuple[int, int], needed: tuple[float, float]) -> int:
    ratio = min(have // math.ceil(want) for have, want in zip(size, needed, strict=True))
    return next((divisor for divisor in (8, 4, 2) if ratio >= divisor), 1)


def _fast(image: Image.Image, mode: str, divisor: int) -> Image.Image | None:
    """Decode by the faster decoder; None where there is none, or it cannot do this image."""
    decoder = chosen()
    stream = getattr(image, "fp", None)
    if decoder is None or image.format != "JPEG" or not isinstance(stream, io.BytesIO):
        return None
    if image.mode != mode or (divisor > 1 and not decoder.shrinks):
        return None
    try:
        pixels = decoder.decode(stream.getvalue(), mode == "L", divisor)
    except Exception:  # each has its own errors; Pillow says what is wrong with the image
        return None
    return Image.fromarray(pixels.reshape(pixels.shape[:2]) if mode == "L" else pixels)


@cache
def chosen() -> JpegDecoder | None:
    """Return the first decoder that is installed and gives Pillow's pixels, None for Pillow."""
    for name, make in CANDIDATES.items():
        try:
            decode = make()
            if not _agrees(decode, 1):
                continue
        except Exception:  # absent, without its library, built for another torch, ...
            continue
        return JpegDecoder(name, decode, _agrees(decode, 2))
    return None


def decoder_name() -> str:
    """Return what decodes JPEGs here."""
    decoder = chosen()
    return decoder.name if decoder else "Pillow"


def _agrees(decode: Decode, divisor: int) -> bool:
    try:
        return all(np.array_equal(_by_pillow(data, mode, divisor),
                                  decode(data, mode == "L", divisor).reshape(-1))
                   for mode in MODES for data in [_sample(mode)])  # fmt: skip
    except Exception:
        return False


def _by_pillow(data: bytes, mode: str, divisor: int) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        image.draft(None, (image.width // divisor, image.height // divisor))
        return np.asarray(image.convert(mode)).reshape(-1)


def _sample(mode: str) -> bytes:
    """Return a JPEG of odd sides with noise in it, its chroma halved."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (50, 67, 3), np.uint8)
    pixels[10:40] = np.linspace(0, 255, 67, dtype=np.uint8)[:, None]
    data = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(data, "JPEG", quality=80)
    return data.getvalue()


def _simplejpeg() -> Decode:
    import simplejpeg

    def decode(data: bytes, grey: bool, divisor: int) -> Pixels:
        height, width = simplejpeg.decode_jpeg_header(data)[:2]
        found: Pixels = simplejpeg.decode_jpeg(
            data, "GRAY" if grey else "RGB", False, False,
            -(-height // divisor) if divisor > 1 else 0,
            -(-width // divisor) if divisor > 1 else 0, divisor,
        )  # fmt: skip
        return found

    return decode


def _turbojpeg() -> Decode:
    import turbojpeg

    library = turbojpeg.TurboJPEG()  # raises where libturbojpeg is not there

    def decode(data: bytes, grey: bool, divisor: int) -> Pixels:
        kind = turbojpeg.TJPF_GRAY if grey else turbojpeg.TJPF_RGB
        found: Pixels = library.decode(data, kind, (1, divisor) if divisor > 1 else None)
        return found

    return decode


def _torchvision() -> Decode:
    io_module: Any = import_module("torchvision.io")
    modes = io_module.ImageReadMode

    def decode(data: bytes, grey: bool, divisor: int) -> Pixels:
        if divisor > 1:
            raise ValueError("torchvision decodes whole images")
        encoded = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        found = io_module.decode_jpeg(encoded, mode=modes.GRAY if grey else modes.RGB)
        pixels: Pixels = found.permute(1, 2, 0).contiguous().numpy()
        return pixels

    return decode


CANDIDATES: dict[str, Callable[[], Decode]] = {
    "simplejpeg": _simplejpeg,
    "PyTurboJPEG": _turbojpeg,
    "torchvision": _torchvision,
}
"""By speed: the first two also decode at a part of the size. Pillow-SIMD needs no mention here: it
is Pillow."""
