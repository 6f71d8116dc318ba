"""T1: faster decoders are taken only where they give Pillow's pixels, and never decide a result."""

import io
import sys
import types
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PIL import Image

from cnnspec.train.datasets import decoders
from cnnspec.train.datasets.sources import open_image
from cnnspec.train.window import cut


@pytest.fixture(autouse=True)
def looked_anew() -> Iterator[None]:
    decoders.chosen.cache_clear()
    yield
    decoders.chosen.cache_clear()


def jpeg(size: tuple[int, int] = (61, 47), mode: str = "RGB", **how: object) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(data, "JPEG", **how)
    return data.getvalue()


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    known = dict(decoders.CANDIDATES)
    monkeypatch.setattr(decoders, "CANDIDATES", {name: known[name] for name in names})
    decoders.chosen.cache_clear()


def shown(data: bytes, channels: int = 3) -> np.ndarray:
    """The middle at 20x20, of an image that is decoded at half its size where it can be."""
    with open_image(data, "x") as image:
        return cut(image, (4.0, 2.0, 58.0, 44.0), (20, 20), channels)


CASES = [
    jpeg(),
    jpeg(subsampling=0, quality=95),
    jpeg(progressive=True),
    jpeg(mode="L"),
    jpeg(mode="CMYK"),
    jpeg((400, 300)),
]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("data", CASES, ids=["420", "444", "progressive", "grey", "cmyk", "large"])
def test_t1_simplejpeg_gives_pillows_pixels(
    monkeypatch: pytest.MonkeyPatch, data: bytes, channels: int
) -> None:
    pytest.importorskip("simplejpeg")
    only(monkeypatch, "simplejpeg")
    assert decoders.decoder_name() == "simplejpeg"
    assert decoders.chosen().shrinks  # type: ignore[union-attr]
    fast = shown(data, channels)
    only(monkeypatch)
    assert decoders.decoder_name() == "Pillow"
    assert np.array_equal(fast, shown(data, channels))


def test_t1_simplejpeg_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    simplejpeg = pytest.importorskip("simplejpeg")
    calls, decode = [], simplejpeg.decode_jpeg
    decoders.chosen()
    monkeypatch.setattr(
        simplejpeg, "decode_jpeg", lambda *given: (calls.append(1), decode(*given))[1]
    )
    shown(jpeg())
    assert calls == [1]


def fake_torchvision(change: int) -> dict[str, types.ModuleType]:
    module = types.ModuleType("torchvision.io")

    def decode_jpeg(data: torch.Tensor, mode: str) -> torch.Tensor:
        with Image.open(io.BytesIO(bytes(data.numpy()))) as image:
            pixels = np.asarray(image.convert(mode)).reshape(image.height, image.width, -1)
        return torch.from_numpy(pixels + np.uint8(change)).permute(2, 0, 1)

    module.decode_jpeg = decode_jpeg  # type: ignore[attr-defined]
    module.ImageReadMode = types.SimpleNamespace(GRAY="L", RGB="RGB")  # type: ignore[attr-defined]
    package = types.ModuleType("torchvision")
    package.io = module  # type: ignore[attr-defined]
    return {"torchvision": package, "torchvision.io": module}


@pytest.mark.parametrize(("change", "name"), [(0, "torchvision"), (1, "Pillow")])
def test_t1_a_decoder_with_other_pixels_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, change: int, name: str
) -> None:
    for key, module in fake_torchvision(change).items():
        monkeypatch.setitem(sys.modules, key, module)
    only(monkeypatch, "torchvision")
    assert decoders.decoder_name() == name
    found = shown(jpeg())
    only(monkeypatch)
    assert np.array_equal(found, shown(jpeg()))


@pytest.mark.parametrize("error", [ImportError("absent"), RuntimeError("operator does not exist")])
def test_t1_a_decoder_that_cannot_be_imported_is_passed_by(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken() -> decoders.Decode:
        raise error

    monkeypatch.setattr(decoders, "CANDIDATES", {"broken": broken})
    assert decoders.decoder_name() == "Pillow"


def test_t11_a_cut_jpeg_is_refused_as_pillow_refuses_it() -> None:
    with pytest.raises(OSError, match="truncated"):
        shown(jpeg()[:-400])
