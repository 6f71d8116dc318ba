"""S26 and N3: shards in WebDataset's layout, addresses by fsspec, sets of the hub by name."""

import io
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnspec.train.datasets import Request, Stream, load_data
from cnnspec.train.errors import MissingDataError, UsageError
from tests.train.test_resume import metrics, weights

Change = Callable[[tarfile.TarFile], None]


def jpeg(shade: int) -> bytes:
    data = io.BytesIO()
    pixels = np.random.default_rng(shade).integers(0, 256, (20, 24, 3), np.uint8)
    Image.fromarray(pixels).save(data, "JPEG")
    return data.getvalue()


def put(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def shard(names: range, change: Change = lambda tar: None) -> bytes:
    """A shard of samples KEY.jpg and KEY.cls; the class is the number modulo three."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for number in names:
            put(tar, f"{number:05}.jpg", jpeg(number))
            put(tar, f"{number:05}.cls", str(number % 3).encode())
        change(tar)
    return data.getvalue()


def write_shards(folder: Path, change: Change = lambda tar: None) -> Path:
    folder.mkdir(exist_ok=True)
    for index in range(3):
        (folder / f"pets-train-{index:03}.tar").write_bytes(shard(range(8 * index, 8 * index + 8)))
    (folder / "pets-val-000.tar").write_bytes(shard(range(100, 106), change))
    return folder


def load(argument: str, stream: bool = True, **more: Any) -> Any:
    return load_data(
        f"wds:{argument}", Request(argument, Path(), (16, 16), 3, 3, 4, stream=stream, **more)
    )


def test_n3_shards_are_indexed_and_read_where_they_lie(folder: Path) -> None:
    found = load(str(write_shards(folder / "s")))
    assert isinstance(found, Stream)
    assert (len(found.train), len(found.test), found.classes) == (24, 6, ["0", "1", "2"])
    place = found.train.place(1)
    number = int(place.rpartition("/")[2])
    assert found.train.labels[1] == number % 3
    with found.train.open(1) as image, Image.open(io.BytesIO(jpeg(number))) as wanted:
        assert np.array_equal(np.asarray(image), np.asarray(wanted))


def test_n3_a_run_on_shards_goes_on_to_the_sample(write, train, folder: Path) -> None:
    text = (
        "from torch import nn\nINPUT_SIZE = (3, 8, 8)\nRECIPE = {}\n\ndef net() -> nn.Module:\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(192, 3))\n"
    )
    write_shards(folder / "s")
    argv = (write("net", text=text), "--data", "wds:s", "--batch", "5", "--epochs", "3")
    argv += ("--scale", "0.5,1", "--workers", "1", "--log-every", "2")
    assert train(*argv, "--name", "whole").status == 0
    assert train(*argv, "--name", "half", "--stop-at", "6").status == 0
    assert train(*argv, "--name", "half", "--resume").status == 0
    runs = folder / "runs" / "net"
    assert weights(runs / "whole") == weights(runs / "half")
    assert metrics(runs / "whole") == metrics(runs / "half")


def test_s26_addresses_are_read_by_schemes_that_were_named(folder: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    for file in write_shards(folder / "s").iterdir():
        system.pipe_file(f"/pets/{file.name}", file.read_bytes())
    for place, scheme in (("memory://pets", "memory"), ("s3://pets", "s3"),
                          ("file:///etc", "file"), ("simplecache::memory://pets", "simplecache"),
                          ("http://127.0.0.1/pets", "http")):  # fmt: skip
        with pytest.raises(UsageError, match=f"{scheme}:// is read where --schemes {scheme} names"):
            load(place)
    with pytest.raises(UsageError, match="simplecache://"):
        load("simplecache::memory://pets", schemes=("memory",))  # each link of a chain is asked
    there, here = load("memory://pets", schemes=("memory",)), load(str(folder / "s"))
    assert there.train.labels == here.train.labels
    for index in (0, 7, 23):
        with there.train.open(index) as theirs, here.train.open(index) as mine:
            assert np.array_equal(np.asarray(theirs), np.asarray(mine))


def test_s26_local_paths_need_no_scheme_and_no_fsspec(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    place = write_shards(folder / "s")
    assert len(load(str(place)).train) == 24
    with pytest.raises(UsageError, match="needs fsspec, which is not installed: pip install"):
        load("memory://pets", schemes=("memory",))


def written(folder: Path, kind: str, change: Change) -> Path:
    if kind == "wds":
        return write_shards(folder / "s", change)
    with tarfile.open(folder / "t.tar", "w") as tar:
        for split in ("train", "val"):
            put(tar, f"{split}/a/0.jpg", jpeg(0))
        change(tar)
    return folder / "t.tar"


@pytest.mark.parametrize("kind", ["wds", "tar"])
@pytest.mark.parametrize("name", ["../out.jpg", "/etc/x.jpg", "a/../../b.jpg"])
def test_s26_members_never_leave_their_folder(folder: Path, kind: str, name: str) -> None:
    place = written(folder, kind, lambda tar: put(tar, name, jpeg(0)))
    with pytest.raises(UsageError, match="leaves the archive's folder: it is not read"):
        load_data(f"{kind}:{place}", Request(str(place), Path(), (16, 16), 3, 3, 4))


@pytest.mark.parametrize("kind", ["wds", "tar"])
@pytest.mark.parametrize("link", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_s26_links_are_refused(folder: Path, kind: str, link: bytes) -> None:
    def change(tar: tarfile.TarFile) -> None:
        member = tarfile.TarInfo("a/x.jpg")
        member.type, member.linkname = link, "/etc/passwd"
        tar.addfile(member)

    place = written(folder, kind, change)
    with pytest.raises(UsageError, match="is a link, and links in archives are refused"):
        load_data(f"{kind}:{place}", Request(str(place), Path(), (16, 16), 3, 3, 4))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tar: put(tar, "x.jpg", jpeg(0)), "x has no .cls beside it"),
        (lambda tar: put(tar, "00100.cls", b"cat"), "holds 'cat', and a class is a number from 0"),
        (lambda tar: put(tar, "00100.cls", b"9" * 20), "a class is a number from 0"),
        (lambda tar: put(tar, "00100.cls", b"7"), "classes go to 7, and 3 has no image"),
        (lambda tar: put(tar, "e.jpg", b""), "e.jpg has 0 bytes"),
    ],
)
def test_n3_shards_that_are_wrong_are_named(folder: Path, change: Change, said: str) -> None:
    place = write_shards(folder / "s", change)
    with pytest.raises(UsageError, match=said):
        load(str(place))


def test_n3_damaged_and_absent_shards(folder: Path) -> None:
    place = write_shards(folder / "s")
    (place / "pets-train-001.tar").write_bytes(b"no archive" * 100)
    with pytest.raises(UsageError, match=r"cannot read .*pets-train-001.tar"):
        load(str(place))
    with pytest.raises(MissingDataError, match=r"no .tar shards lie there"):
        load(str(folder))


class Split(list):  # type: ignore[type-arg]
    def __init__(self, count: int) -> None:
        super().__init__({"img": Image.new("RGB", (9, 9), (40 * (index % 3), 0, 0)),
                          "label": index % 3} for index in range(count))  # fmt: skip
        kinds = {"img": "Image", "label": "ClassLabel"}
        self.features = {key: type(kind, (), {"names": ["a", "b", "c"]})()
                         for key, kind in kinds.items()}  # fmt: skip

    def __getitem__(self, key: Any) -> Any:
        return [row[key] for row in self] if isinstance(key, str) else super().__getitem__(key)


def test_n3_a_set_of_the_hub_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    module = ModuleType("datasets")
    asked: list[str] = []
    module.load_dataset = lambda name: asked.append(name) or {  # type: ignore[attr-defined]
        "train": Split(12), "test": Split(6)}  # fmt: skip
    monkeypatch.setitem(sys.modules, "datasets", module)
    request = Request("who/pets", folder, (8, 8), 3, 3, 4)
    found = load_data("hf:who/pets", request)
    assert isinstance(found, Stream)
    assert (asked, len(found.train), found.classes) == (["who/pets"], 12, ["a", "b", "c"])
    assert found.train.open(1).getpixel((0, 0)) == (40, 0, 0)
    module.load_dataset = lambda name: {"train": Split(3)}  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="has no train with validation, val, test"):
        load_data("hf:who/pets", request)

    def offline(name: str) -> None:
        raise ConnectionError("not in the cache")

    module.load_dataset = offline  # type: ignore[attr-defined]
    with pytest.raises(MissingDataError, match="not in the cache; --fetch asks the hub"):
        load_data("hf:who/pets", request)
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UsageError, match="needs datasets, which is not installed"):
        load_data("hf:who/pets", request)
