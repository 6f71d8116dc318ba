"""T1 and M8: where images come from, and what is said where they are absent, damaged or wrong."""

import gzip
import hashlib
import importlib.util
import io
import pickle
import struct
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnspec.train.datasets import Request, load_data, split_name
from cnnspec.train.datasets import cifar as cifar_files
from cnnspec.train.datasets import idx as idx_files
from cnnspec.train.datasets.digits import permutation
from cnnspec.train.datasets.trees import archives
from cnnspec.train.errors import MissingDataError, UsageError
from cnnspec.train.geometry import fit

SMALL = replace(cifar_files.CIFAR10, train_records=20, test_records=10)


def request(root: Path, text: str, **other: object) -> Request:
    asked = Request(split_name(text)[1], root, (32, 32), 3, 10, 4)
    return replace(asked, **other)  # type: ignore[arg-type]


def load(root: Path, text: str, **other: object):
    return load_data(text, request(root, text, **other))


# digits


def test_t1_digits_are_split_by_the_committed_permutation(folder: Path) -> None:
    order = permutation()
    assert sorted(order) == list(range(1797))
    assert order[:5] == [1530, 1544, 108, 813, 71]  # random.Random(0).shuffle
    digits = load(folder, "digits")
    assert (len(digits.train), len(digits.test), digits.channels) == (1437, 360, 1)
    assert int(digits.train.pixels.max()) == 255


def test_t1_digits_writers_takes_the_last_360(folder: Path) -> None:
    writers, digits = load(folder, "digits:writers"), load(folder, "digits")
    order = torch.tensor(permutation())
    both = torch.cat([writers.train.pixels, writers.test.pixels])
    assert torch.equal(both[order[1437:]], digits.test.pixels)
    assert len(writers.test) == 360


# idx


def write_idx(path: Path, array: np.ndarray) -> None:
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    data = head + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def write_mnist(folder: Path, ending: str = ".gz", labels: int = 10) -> None:
    folder.mkdir(parents=True)
    for prefix, count in (("train", 20), ("t10k", 10)):
        pixels = np.arange(count * 28 * 28).reshape(count, 28, 28) % 251
        write_idx(folder / f"{prefix}-images-idx3-ubyte{ending}", pixels)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte{ending}", np.arange(count) % labels)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets of 20 and 10 images in place of 60,000 and 10,000."""
    monkeypatch.setattr(idx_files, "COUNTS", {"train": 20, "test": 10})


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("name", "place", "ending"),
    [("mnist", "MNIST/raw", ""), ("fashion-mnist", "fashion-mnist", ".gz")],
)
def test_t1_idx_files_plain_and_gzipped(folder: Path, name: str, place: str, ending: str) -> None:
    write_mnist(folder / place, ending)
    found = load(folder, name)
    assert (len(found.train), len(found.test), found.size) == (20, 10, (28, 28))
    assert found.train.pixels[0, 0, :4, 0].tolist() == [0, 1, 2, 3]
    assert found.train.labels[:4].tolist() == [0, 1, 2, 3]


@pytest.mark.usefixtures("few")
def test_t1_idx_faults_are_named(folder: Path) -> None:
    with pytest.raises(MissingDataError, match=r"Put train-images-idx3-ubyte.gz"):
        load(folder, "mnist")
    write_mnist(folder / "mnist", "")
    file = folder / "mnist" / "train-images-idx3-ubyte"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(UsageError, match="is damaged: 15,679 bytes for 20x28x28"):
        load(folder, "mnist")
    file.write_bytes(b"\x00\x00\x0d\x03" + bytes(12))
    with pytest.raises(UsageError, match="no idx file of bytes with 3 dimensions"):
        load(folder, "mnist")
    (folder / "mnist" / "t10k-labels-idx1-ubyte").unlink()
    write_idx(file, np.zeros((20, 28, 28)))
    with pytest.raises(MissingDataError, match="lacks t10k-labels-idx1-ubyte"):
        load(folder, "mnist")


@pytest.mark.usefixtures("few")
def test_t1_a_label_out_of_range_is_refused(folder: Path) -> None:
    write_mnist(folder / "mnist", labels=11)
    with pytest.raises(UsageError, match="a training label is 10, and labels go from 0 to 9"):
        load(folder, "mnist")


@pytest.mark.usefixtures("few")
def test_t1_a_cut_gzip_is_one_line(folder: Path) -> None:
    write_mnist(folder / "mnist")
    file = folder / "mnist" / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(UsageError, match="cannot read"):
        load(folder, "mnist")


@pytest.mark.usefixtures("few")
def test_t1_a_sum_that_is_not_the_publishers_is_said(folder: Path, monkeypatch) -> None:
    write_mnist(folder / "mnist")
    found = load(folder, "mnist")
    assert found.note.startswith("other MD5 than published: train-images-idx3-ubyte.gz, ")
    assert fit(found, (28, 28), 1)[1] == [found.note]
    sums = [hashlib.md5((folder / "mnist" / f"{name}.gz").read_bytes()).hexdigest()
            for name in idx_files.NAMES]  # fmt: skip
    monkeypatch.setitem(idx_files.SUMS, "mnist", tuple(sums))
    assert load(folder, "mnist").note == ""


def test_t1_an_idx_set_of_another_size_is_refused(folder: Path) -> None:
    write_mnist(folder / "mnist")
    with pytest.raises(UsageError, match="20x28x28 pixels; the published file holds 60000x28x28"):
        load(folder, "mnist")


def test_t1_the_sums_are_those_that_torchvision_keeps() -> None:
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        pytest.skip("torchvision is not installed")
    text = (Path(found.origin).parent / "datasets" / "mnist.py").read_text()
    for sums in idx_files.SUMS.values():
        for name, md5 in zip(idx_files.NAMES, sums, strict=True):
            assert f'("{name}.gz", "{md5}")' in text


# cifar


def cifar_file(count: int, shift: int = 0) -> bytes:
    records = np.zeros((count, 3073), np.uint8)
    records[:, 0] = (np.arange(count) + shift) % 10
    records[:, 1:1025] = 200  # red
    return records.tobytes()


def write_cifar(folder: Path) -> Path:
    place = folder / "cifar-10-batches-bin"
    place.mkdir()
    for name in SMALL.train:
        (place / name).write_bytes(cifar_file(20))
    (place / SMALL.test).write_bytes(cifar_file(10))
    return place


def test_t1_cifar_binary_files(folder: Path) -> None:
    write_cifar(folder)
    found = cifar_files.load(SMALL, request(folder, "cifar10"), [str(i) for i in range(10)])
    assert (len(found.train), len(found.test)) == (100, 10)
    assert found.train.pixels[0, 5, 5].tolist() == [200, 0, 0]
    assert found.train.labels[:3].tolist() == [0, 1, 2]


def test_t1_cifar_size_label_and_balance_are_checked(folder: Path) -> None:
    place, classes = write_cifar(folder), [str(index) for index in range(10)]
    file = place / SMALL.test
    file.write_bytes(cifar_file(10)[:-1])
    with pytest.raises(UsageError, match=r"test_batch.bin has 30,729 bytes instead of 30,730"):
        cifar_files.load(SMALL, request(folder, "cifar10"), classes)
    file.write_bytes(b"\x0a" + cifar_file(10)[1:])
    with pytest.raises(UsageError, match="a test label is 10"):
        cifar_files.load(SMALL, request(folder, "cifar10"), classes)
    file.write_bytes(b"\x01" + cifar_file(10)[1:])
    with pytest.raises(UsageError, match="0 to 2 images a class"):
        cifar_files.load(SMALL, request(folder, "cifar10"), classes)


def test_t1_cifar_archive_is_checked_against_the_publishers_sum(folder: Path) -> None:
    place = write_cifar(folder)
    with tarfile.open(folder / "archive", "w:gz") as tar:
        tar.add(place, "cifar-10-batches-bin")
    for file in place.iterdir():
        file.unlink()
    place.rmdir()
    (folder / "archive").rename(folder / SMALL.archive)
    with pytest.raises(UsageError, match=r"its MD5 is .* the publisher's c32a1d4a"):
        cifar_files.load(SMALL, request(folder, "cifar10"), [])
    known = hashlib.md5((folder / SMALL.archive).read_bytes(), usedforsecurity=False).hexdigest()
    layout = replace(SMALL, md5=known)
    found = cifar_files.load(layout, request(folder, "cifar10"), [str(i) for i in range(10)])
    assert len(found.train) == 100


def test_t12_the_python_version_of_cifar_is_never_unpickled(folder: Path) -> None:
    place = folder / "cifar-10-batches-py"
    place.mkdir()
    (place / "data_batch_1").write_bytes(pickle.dumps({b"data": 1}))
    with pytest.raises(MissingDataError, match="is pickles, which are not read"):
        load(folder, "cifar10")


# trees and archives


def png(colour: tuple[int, int, int], size: tuple[int, int] = (32, 32)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()


def write_tree(folder: Path, test: str = "val") -> Path:
    for split, count in (("train", 4), (test, 2)):
        for label, colour in (("cat", (255, 0, 0)), ("dog", (0, 255, 0))):
            place = folder / "tree" / split / label
            place.mkdir(parents=True)
            for index in range(count):
                (place / f"{index}.png").write_bytes(png(colour))
    return folder / "tree"


def write_tar(path: Path, tree: Path, name: str) -> Path:
    with tarfile.open(path, f"w:{path.suffix[1:]}" if path.suffix != ".tar" else "w") as tar:
        tar.add(tree, name)
    return path


def test_t1_folder_and_tar_give_the_same_set(folder: Path) -> None:
    tree = write_tree(folder)
    write_tar(folder / "all.tar", tree, "some/where")
    a, b = load(folder, f"folder:{tree}"), load(folder, f"tar:{folder / 'all.tar'}")
    assert a.classes == b.classes == ["cat", "dog"]
    assert torch.equal(a.train.pixels, b.train.pixels)
    assert a.train.labels.tolist() == b.train.labels.tolist() == [0] * 4 + [1] * 4
    assert a.test.pixels[0, 0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("given", ["", "pets"])
def test_t1_two_archives_are_found_by_folder_and_by_prefix(folder: Path, given: str) -> None:
    tree = write_tree(folder, test="test")
    place = folder / "archives"
    place.mkdir()
    write_tar(place / "pets-train.tar.xz", tree / "train", "pets/train")
    write_tar(place / "pets-test.tar.xz", tree / "test", "pets/test")
    write_tar(place / "sample.tar", tree / "test", "sample")
    found = load(folder, f"tar:{place / given}")
    assert (len(found.train), len(found.test)) == (8, 4)


def test_t1_archives_of_two_sets_are_not_mixed(folder: Path) -> None:
    for name in ("a-train.tar", "a-val.tar", "b-train.tar", "b-val.tar"):
        (folder / name).touch()
    with pytest.raises(UsageError, match=r"several sets lie there; name one: tar:.*/a-, tar:.*/b-"):
        archives(folder)
    assert [split for _, split in archives(folder / "b-")] == ["train", "val"]


def test_t1_images_of_many_sizes_are_fitted(folder: Path) -> None:
    tree = write_tree(folder)
    (tree / "train" / "cat" / "9.png").write_bytes(png((9, 9, 9), (50, 80)))
    found = load(folder, f"folder:{tree}", size=(16, 24))
    assert (found.size, found.found_sizes) == ((16, 24), "2 sizes")


def test_t11_a_broken_image_is_named(folder: Path) -> None:
    tree = write_tree(folder)
    (tree / "train" / "dog" / "2.png").write_bytes(png((1, 2, 3))[:40])
    with pytest.raises(UsageError, match=r"train/dog/2.png cannot be decoded"):
        load(folder, f"folder:{tree}")


def test_t11_a_file_that_is_no_image_and_a_link_to_nothing_are_named(folder: Path) -> None:
    tree = write_tree(folder)
    (tree / "train" / "cat" / "9.png").write_text("not an image")
    with pytest.raises(UsageError, match=r"cat/9.png cannot be decoded: it is no JPEG, PNG"):
        load(folder, f"folder:{tree}")
    (tree / "train" / "cat" / "9.png").unlink()
    (tree / "train" / "cat" / "9.png").symlink_to(folder / "nothing")
    with pytest.raises(UsageError, match=r"9.png is no file, or a link to nothing"):
        load(folder, f"folder:{tree}")


def test_t1_what_a_tree_lacks_is_named(folder: Path) -> None:
    tree = write_tree(folder, test="train2")
    with pytest.raises(MissingDataError, match=r"has no test images \(val/ or test/\)"):
        load(folder, f"folder:{tree}")
    with pytest.raises(MissingDataError, match="there is no folder"):
        load(folder, "folder:nowhere")
    with pytest.raises(MissingDataError, match="there is no such archive"):
        load(folder, "tar:nowhere")


def test_t1_a_damaged_archive_is_one_line(folder: Path) -> None:
    archive = write_tar(folder / "all.tar.xz", write_tree(folder), "x")
    archive.write_bytes(archive.read_bytes()[:100])
    with pytest.raises(UsageError, match="cannot read"):
        load(folder, f"tar:{archive}")


def test_t1_cifar10_jpeg_as_it_is_given(shared_data: Path, folder: Path) -> None:
    found = load(folder, f"tar:{shared_data / 'cifar10-jpeg'}")
    assert (len(found.train), len(found.test), found.size) == (50_000, 10_000, (32, 32))
    assert torch.bincount(found.train.labels).tolist() == [5_000] * 10
    assert found.classes == cifar_files.CIFAR10_CLASSES


# names


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cifar11", "did you mean `cifar10`"),
        ("folder", "write --data folder:PATH"),
        ("mnist:x", "mnist takes nothing after a colon"),
    ],
)
def test_m8_names(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        split_name(name)


def pictures(place: Path, count: int) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        Image.new("RGB", (32, 32), (9 * index, 0, 0)).save(place / f"{index:02}.jpg")


def test_n1_15_hidden_files_are_no_images(folder: Path) -> None:
    """`._05.jpg` is what macOS leaves beside 05.jpg, and no JPEG."""
    for split in ("train", "val"):
        pictures(folder / "t" / split / "a", 3)
        (folder / "t" / split / "a" / "._01.jpg").write_bytes(b"\0\5\26\7")
    with tarfile.open(folder / "t.tar", "w") as tar:
        for split in ("train", "val"):
            tar.add(folder / "t" / split, split)
    for name in (f"folder:{folder}/t", f"tar:{folder}/t.tar"):
        assert len(load(folder, name, classes=1).train) == 3


def test_n1_15_an_empty_class_folder_is_refused(folder: Path) -> None:
    pictures(folder / "t" / "train" / "a", 2)
    pictures(folder / "t" / "val" / "a", 2)
    (folder / "t" / "train" / ".cache").mkdir()
    assert len(load(folder, f"folder:{folder}/t").classes) == 1
    (folder / "t" / "train" / "b").mkdir()
    with pytest.raises(UsageError, match="no image lies in train/b: put some there, or remove"):
        load(folder, f"folder:{folder}/t")


@pytest.mark.parametrize("stream", [False, True])
def test_n1_15_a_class_without_test_images_is_said(folder: Path, stream: bool) -> None:
    for label in "ab":
        pictures(folder / "t" / "train" / label, 2)
    pictures(folder / "t" / "val" / "a", 2)
    found = load(folder, f"folder:{folder}/t", stream=stream)
    assert found.note == "no test image of b"
