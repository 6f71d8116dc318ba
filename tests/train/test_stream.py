"""T1: images that workers decode: order from (seed, epoch) alone, scale jitter, broken images."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnspec.train import device
from cnnspec.train.augment import draw
from cnnspec.train.batches import Batches
from cnnspec.train.datasets import Request, Stream, load_data
from cnnspec.train.errors import DataError, UsageError
from cnnspec.train.feed import Share
from cnnspec.train.geometry import Geometry, fit
from cnnspec.train.stream import EpochDraws, Order, Streamed, collate
from cnnspec.train.window import window

CPU = torch.device("cpu")
RESIZED = Geometry((8, 8), (8, 8), 0, True, False, scale=(0.08, 1.0))
JITTERED = replace(RESIZED, scale=(10.0, 20.0), pca=True)


def write_tree(folder: Path, count: int = 12) -> Path:
    generator = np.random.default_rng(0)
    for split in ("train", "val"):
        for label in ("cat", "dog"):
            place = folder / "tree" / split / label
            place.mkdir(parents=True)
            for index in range(count if split == "train" else 3):
                shape = (int(generator.integers(10, 30)), int(generator.integers(10, 30)), 3)
                pixels = generator.integers(0, 256, shape, np.uint8)
                Image.fromarray(pixels).save(place / f"{index:02}.jpg", quality=95)
    return folder / "tree"


def stream(name: str, channels: int = 3, size: tuple[int, int] = (8, 8)) -> Stream:
    kind, _, path = name.partition(":")
    found = load_data(name, Request(path, Path(), size, channels, 2, 6, stream=True))
    assert isinstance(found, Stream)
    assert kind
    return found


def feed(
    found: Stream, cut: Geometry = RESIZED, workers: int = 0, share: Share | None = None
) -> Streamed:
    return Streamed(found, cut, 3, 6, 0, CPU, workers, share or Share())


@pytest.fixture
def tree(folder: Path) -> Iterator[Path]:
    yield write_tree(folder)


def test_t1_batches_depend_on_neither_workers_nor_where_a_run_went_on(tree: Path) -> None:
    found = stream(f"folder:{tree}")
    one, two = feed(found), feed(found, workers=2)
    for step in range(5):
        one.take(step)
    two.take(2)
    for step in (5, 6):
        for mine, theirs in zip(one.take(step), two.take(step), strict=True):
            assert torch.equal(mine, theirs)
    two.close()


def test_t8_several_processes_share_a_batch_in_its_order(tree: Path) -> None:
    found = stream(f"folder:{tree}")
    whole = feed(found).take(1)
    halves = [feed(found, share=Share(rank, 2)).take(1) for rank in (0, 1)]
    assert torch.equal(torch.cat([half[0] for half in halves]), whole[0])
    assert torch.equal(torch.cat([half[1] for half in halves]), whole[1])


def test_t10_workers_leave_torchs_random_state_alone(tree: Path) -> None:
    before = torch.get_rng_state()
    made = feed(stream(f"folder:{tree}"), workers=1)
    made.take(0)
    assert torch.equal(torch.get_rng_state(), before)
    made.close()


@pytest.mark.parametrize("ending", ["tar", "tar.xz"])
def test_t1_a_folder_shards_and_compressed_archives_give_the_same_batches(
    tree: Path, ending: str
) -> None:
    mode = "w" if ending == "tar" else "w:xz"
    for split, label in (("train", "cat"), ("train", "dog"), ("val", "cat"), ("val", "dog")):
        with tarfile.open(f"pets-{split}-{label}.{ending}", mode) as tar:
            tar.add(tree / split / label, f"{split}/{label}")
    mine = feed(stream(f"folder:{tree}"), JITTERED)
    theirs = feed(stream("tar:pets-"), JITTERED)
    assert torch.equal(mine.take(3)[0], theirs.take(3)[0])
    assert [len(labels) for _, labels in theirs.test(4)] == [4, 2]


def test_t1_the_test_images_are_those_of_a_set_in_memory(folder: Path) -> None:
    found = load_data("digits", Request("", folder, (8, 8), 3, 10, 6))
    streamed = load_data("digits", Request("", folder, (8, 8), 3, 10, 6, stream=True))
    cut = Geometry((8, 8), (8, 8), 0, False, False)
    held = Batches(fit(found, (8, 8), 3)[0], cut, 6, 0, CPU)  # type: ignore[arg-type]
    made = feed(streamed, cut)  # type: ignore[arg-type]
    made._finish = held._finish  # the statistics of a sample are not those of all
    for mine, theirs in zip(held.test(100), made.test(100), strict=True):
        assert torch.equal(mine[0], theirs[0])
        assert torch.equal(mine[1], theirs[1])


def test_t1_random_resized_crops_keep_to_area_and_ratio() -> None:
    for numbers in torch.rand(200, 4, generator=torch.Generator().manual_seed(0)).tolist():
        left, top, right, bottom = window((400, 300), RESIZED, numbers)
        assert left >= 0
        assert top >= 0
        assert right <= 400.001
        assert bottom <= 300.001
        area, ratio = (right - left) * (bottom - top) / 120_000, (right - left) / (bottom - top)
        assert 0.08 - 1e-6 <= area <= 1
        assert 0.74 < ratio < 1.34 or bottom - top > 299


def test_t1_scale_jitter_draws_the_shorter_side_as_the_papers_say() -> None:
    he = Geometry((256, 256), (224, 224), 0, True, True, scale=(256, 480))
    sides = set()
    for number in np.linspace(0, 0.9999, 1000):
        left, top, right, bottom = window((640, 512), he, (number, 0, 1, 1))
        assert (round(right), round(bottom)) == (640, 512)
        assert right - left == pytest.approx(bottom - top)
        sides.add(round(512 * 224 / (right - left)))
    assert (min(sides), max(sides), len(sides)) == (256, 480, 225)


def test_t1_the_middle_is_cut_at_the_stored_scale() -> None:
    plain = Geometry((256, 256), (224, 224), 0, False, False)
    assert window((512, 600), plain, None) == pytest.approx((32, 76, 480, 524))


def test_t11_a_broken_image_ends_the_run_with_the_state_saved(write, train, tree: Path) -> None:
    text = (
        "from torch import nn\nINPUT_SIZE = (3, 8, 8)\nRECIPE = {}\n\ndef net() -> nn.Module:\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(192, 2))\n"
    )
    broken = tree / "train" / "dog" / "07.jpg"
    good = broken.read_bytes()
    argv = ("--data", f"folder:{tree}", "--scale", "0.5,1", "--batch", "6", "--name", "a")
    argv += ("--epochs", "2", "--workers", "1", "--weight-decay", "0")
    broken.write_bytes(good[:200])
    write("net", text=text)
    ended = train("net.py", *argv)
    assert (ended.status, ended.err.count("\n")) == (2, 1)  # the sample of the statistics has it
    assert "train/dog/07.jpg cannot be decoded" in ended.err
    broken.write_bytes(good)
    assert train("net.py", *argv, "--stop-at", "1").status == 0
    found = stream(f"folder:{tree}")
    made = feed(found)
    broken.write_bytes(good[:200])
    with pytest.raises(DataError, match=r"dog/07.jpg cannot be decoded.*: put the image right"):
        for step in range(4):
            made.take(step)
    broken.write_bytes(good)
    assert train("--resume", "runs/net/a").status == 0


def test_t1_padding_is_refused_where_workers_decode(tree: Path, write, train) -> None:
    ended = train(write(), "--data", "digits", "--scale", "0.5,1", "--pad", "2", "--epochs", "1")
    assert ended.status == 0, ended.err  # a scale takes the place of padding
    data = io.BytesIO()
    Image.new("RGB", (3, 3)).save(data, "GIF")
    (tree / "train" / "cat" / "00.jpg").write_bytes(data.getvalue())
    with pytest.raises(UsageError, match=r"cat/00.jpg cannot be decoded"):
        feed(stream(f"folder:{tree}"))


def test_n1_16_nothing_is_read_behind_the_last_step(tree: Path) -> None:
    """A broken image that no step wants does not fail a run that is done."""
    found = stream(f"folder:{tree}")
    made = feed(found, workers=1)
    made.ends_at = 3
    wanted = list(Order(made, 1, EpochDraws(len(found.train), RESIZED, 0)))
    assert len(wanted) == 2
    for step in range(3):
        made.take(step)
    made.close()


def test_n1_16_a_gpu_does_not_load_a_batch_behind_the_last(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, loads = feed(stream(f"folder:{tree}")), []
    made.ends_at = 3
    monkeypatch.setattr(made, "_side", "a stream")
    monkeypatch.setattr(made, "_arrived", lambda batch: batch)
    monkeypatch.setattr(made, "_load", lambda batches: loads.append(1) or collate(
        [(np.zeros((8, 8, 3), np.uint8), 0)] * 6))  # fmt: skip
    for step in range(3):
        made.take(step)
    assert len(loads) == 3


def test_n1_16_run_json_names_driver_and_libraries_of_a_gpu(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "version").write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build\n"
    )
    monkeypatch.setattr("cnnspec.train.device.Path", lambda _: folder / "version")
    assert device.driver() == "580.95.05"
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "a card")
    facts = device.machine(torch.device("cuda"))
    assert {"cuda", "cudnn", "driver"} <= set(facts)


def test_n1_8_an_epoch_of_noise_has_hundreds_of_steps(folder: Path) -> None:
    found = load_data("synthetic", Request("", folder, (8, 8), 3, 10, 256))
    assert not isinstance(found, Stream)
    made = Batches(found, Geometry((8, 8), (8, 8), 0, False, False), 256, 0, CPU)
    assert made.steps_per_epoch >= 400
    large = load_data("synthetic", Request("", folder, (224, 224), 3, 10, 64))
    assert not isinstance(large, Stream)
    assert large.train.pixels.numel() < 1 << 28
    made = Batches(large, Geometry((224, 224), (224, 224), 0, False, False), 64, 0, CPU)
    assert made.steps_per_epoch >= 400
    assert made.take(399)[0].shape == (64, 3, 224, 224)


def test_n1_8_an_epochs_numbers_go_to_a_gpu_from_pinned_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda self: sent.append("pinned") or self)
    monkeypatch.setattr(torch.Tensor, "to", lambda self, device, non_blocking=False: sent.append(
        (device.type, non_blocking)) or self)  # fmt: skip
    draw(10, Geometry((8, 8), (8, 8), 1, True, False), 0, 0).to(torch.device("cuda"))
    assert sent == ["pinned", ("cuda", True)] * 4
