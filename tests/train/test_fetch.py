"""T1: fetching with a checksum, from a server on this machine."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cnnspec.train.datasets import idx
from cnnspec.train.datasets.fetch import fetch
from cnnspec.train.errors import MissingDataError, UsageError


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(folder: Path) -> Iterator[str]:
    (folder / "served").mkdir()
    (folder / "served" / "set.bin").write_bytes(b"the published bytes")
    handler = partial(Quiet, directory=str(folder / "served"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


SUM = hashlib.md5(b"the published bytes").hexdigest()


def test_t1_a_file_is_fetched_whole_and_checked(site: str, folder: Path) -> None:
    target = fetch(f"{site}/set.bin", folder / "data" / "set.bin", SUM)
    assert target.read_bytes() == b"the published bytes"
    assert [path.name for path in target.parent.iterdir()] == ["set.bin"]


def test_t1_other_bytes_and_too_many_are_refused_and_nothing_stays(site: str, folder: Path) -> None:
    target = folder / "data" / "set.bin"
    with pytest.raises(UsageError, match=f"MD5 {SUM}, the publisher's is 00"):
        fetch(f"{site}/set.bin", target, "00")
    with pytest.raises(UsageError, match="more than 5 bytes"):
        fetch(f"{site}/set.bin", target, SUM, limit=5)
    assert list(target.parent.iterdir()) == []


def test_t1_an_absent_file_and_an_absent_server_are_one_line(site: str, folder: Path) -> None:
    with pytest.raises(MissingDataError, match=r"ile not found. Put it at .*set.bin by other"):
        fetch(f"{site}/other.bin", folder / "set.bin", SUM)
    with pytest.raises(MissingDataError, match=r"cannot fetch http://127.0.0.1:1/x: "):
        fetch("http://127.0.0.1:1/x", folder / "x", SUM)


def test_t1_fetch_brings_a_set_and_nothing_is_fetched_unasked(
    site: str, folder: Path, monkeypatch: pytest.MonkeyPatch, write, train
) -> None:
    monkeypatch.setitem(idx.SITES, "mnist", site)
    ended = train(write(), "--data", "mnist", "--fetch")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert f"cannot fetch {site}/train-images-idx3-ubyte.gz: File not found" in ended.err
    assert "or add --fetch" in train("tiny.py", "--data", "mnist").err
