"""`cnnspec play` serves this machine, this page and this file alone (safety: S21)."""

from __future__ import annotations

import http.client
import json
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cnnspec.cli.app import run
from cnnspec.elaborate.files import FILE_MAX
from cnnspec.play.server import BODY_MAX, Play
from tests.editor.test_lsp import HOSTILE

LENET = (Path(__file__).parents[2] / "specs" / "lenet5.cnn").read_text(encoding="utf-8")


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    file = tmp_path / "mine.cnn"
    file.write_text(LENET, encoding="utf-8")
    server = Play(file)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(
    play: Play, what: str, request: Any = None, *, token: str | None = None, **headers: str
) -> tuple[int, Any]:
    """Status and answer; a request that is given is posted as JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", play.port, timeout=20)
    path = f"/{play.token if token is None else token}/{what}"
    head = {name.replace("_", "-"): value for name, value in headers.items()}
    if request is None:
        connection.request("GET", path, headers=head)
    else:
        data = request if isinstance(request, bytes) else json.dumps(request).encode()
        connection.request("POST", path, data, {"Content-Type": "application/json", **head})
    response = connection.getresponse()
    body = response.read()
    is_json = response.getheader("Content-Type") == "application/json"
    connection.close()
    return response.status, json.loads(body) if is_json else body.decode("utf-8", "replace")


CHECK = {"ask": "check", "name": "mine.cnn", "text": LENET}


def test_s21_the_page_and_its_desk_answer(play: Play):
    status, page = ask(play, "")
    assert status == 200 and 'data-engine="server"' in page
    for name in ("app.js", "page.css", "icon.svg", "words.js", "fonts/Arimo-Bold.ttf"):
        assert ask(play, name)[0] == 200
    status, answer = ask(play, "ask", CHECK, Origin=f"http://127.0.0.1:{play.port}")
    assert status == 200 and answer["net"] == "lenet5" and "61,026 params" in answer["says"]


def test_s21_it_binds_this_machine_alone(play: Play):
    assert play.socket.getsockname()[0] == "127.0.0.1"
    outside = socket.socket()
    outside.settimeout(1)
    with outside, pytest.raises(OSError):
        outside.connect(("127.0.0.2", play.port))


@pytest.mark.parametrize("token", ["", "x", "%00", "..", "é"])
def test_s21_without_the_token_nothing_is_answered(play: Play, token: str):
    quoted = token.encode("unicode_escape").decode()
    for what in ("", "app.js"):
        assert ask(play, what, token=quoted)[0] == 403
    for what in ("ask", "save"):
        assert ask(play, what, CHECK, token=quoted)[0] == 403
    assert play.token not in ask(play, "", token=quoted)[1]


def test_s21_tokens_differ_and_cannot_be_guessed(play: Play):
    other = Play()
    other.server_close()
    assert other.token != play.token and len(play.token) >= 32


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "", "[::1]:{port}"]
)
def test_s21_another_host_name_is_refused(play: Play, host: str):
    named = host.format(port=play.port)
    assert ask(play, "", Host=named)[0] == 403
    assert ask(play, "ask", CHECK, Host=named)[0] == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "file://"]
)
def test_s21_another_origin_is_refused(play: Play, origin: str):
    assert ask(play, "ask", CHECK, Origin=origin)[0] == 403
    assert ask(play, "save", {"text": ""}, Origin=origin)[0] == 403
    assert play.desk.file and play.desk.file.read_text(encoding="utf-8") == LENET


def test_s21_a_page_elsewhere_cannot_embed_or_fetch_it(play: Play):
    assert ask(play, "", Sec_Fetch_Site="cross-site")[0] == 403
    connection = http.client.HTTPConnection("127.0.0.1", play.port, timeout=20)
    connection.request("GET", f"/{play.token}/")
    response = connection.getresponse()
    response.read()
    connection.close()
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert response.headers["Access-Control-Allow-Origin"] is None
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_s21_a_form_of_another_page_is_no_request(play: Play):
    """What a page may send elsewhere without asking first is never JSON."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert ask(play, "save", {"text": ""}, Content_Type=kind)[0] == 415
    assert play.desk.file and play.desk.file.read_text(encoding="utf-8") == LENET


OUTSIDE = [
    "../server.py", "..%2fserver.py", "%2e%2e/server.py", "/etc/passwd", "built/../../desk.py",
    "app.js/", "app.js%00", "index.html/../../server.py", "\\..\\server.py",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_s21_a_path_outside_the_page_is_no_file(play: Play, path: str):
    status, body = ask(play, path)
    assert status == 404 and "import" not in body


NAMES = [
    "../../../etc/passwd",
    "/etc/passwd",
    "../mine.cnn",
    "a/b.cnn",
    "..",
    "x.py",
    "",
    "x\x00.cnn",
]


@pytest.mark.parametrize("name", NAMES)
def test_s21_a_name_is_no_path(play: Play, name: str):
    assert ask(play, "ask", {"ask": "text", "name": name})[0] == 400
    assert ask(play, "ask", {**CHECK, "name": name})[0] == 400


def test_s21_what_is_saved_is_the_file_alone(play: Play, tmp_path: Path):
    file = tmp_path / "mine.cnn"
    file.chmod(0o640)
    request = {"text": "# new\n", "name": "../other.cnn", "path": "/tmp/x"}
    assert ask(play, "save", request) == (200, {})
    assert file.read_text(encoding="utf-8") == "# new\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["mine.cnn"]


def test_s21_a_save_replaces_the_file_at_once(play: Play, tmp_path: Path):
    """A reader that opened the old file keeps it whole: the new one is another file."""
    file = tmp_path / "mine.cnn"
    with file.open(encoding="utf-8") as reader:
        assert ask(play, "save", {"text": "# new\n"})[0] == 200
        assert reader.read() == LENET


def test_s21_a_file_that_cannot_be_written_stays(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    status, said = ask(play, "save", {"text": "# new\n"})
    assert status == 500 and "No space left" in said
    assert (tmp_path / "mine.cnn").read_text(encoding="utf-8") == LENET
    assert [path.name for path in tmp_path.iterdir()] == ["mine.cnn"]


def test_s21_a_link_is_followed_and_stays_one(tmp_path: Path):
    (tmp_path / "real.cnn").write_text(LENET, encoding="utf-8")
    (tmp_path / "link.cnn").symlink_to("real.cnn")
    server = Play(tmp_path / "link.cnn")
    server.save("# new\n")
    server.server_close()
    assert (tmp_path / "link.cnn").is_symlink()
    assert (tmp_path / "real.cnn").read_text(encoding="utf-8") == "# new\n"


def test_s21_what_another_program_wrote_meanwhile_is_kept(play: Play, tmp_path: Path):
    file = tmp_path / "mine.cnn"
    file.write_text("# by an editor\n", encoding="utf-8")
    status, said = ask(play, "save", {"text": "# by the page\n"})
    assert (status, said) == (409, "mine.cnn has changed on the disk since it was opened here\n")
    assert file.read_text(encoding="utf-8") == "# by an editor\n"
    assert ask(play, "ask", {"ask": "text", "name": "mine.cnn"})[1]["text"] == "# by an editor\n"
    assert ask(play, "save", {"text": "# by the page\n"})[0] == 200


def test_s21_without_a_file_nothing_is_saved():
    server = Play()
    with pytest.raises(Exception, match="no file was named"):
        server.save("# new\n")
    server.server_close()


def test_s21_a_body_has_a_limit(play: Play):
    connection = http.client.HTTPConnection("127.0.0.1", play.port, timeout=20)
    headers = {"Content-Type": "application/json", "Content-Length": str(BODY_MAX + 1)}
    connection.request("POST", f"/{play.token}/ask", headers=headers)
    assert connection.getresponse().status == 413
    connection.close()
    assert ask(play, "save", {"text": "x" * (FILE_MAX + 1)})[0] == 413
    for length in ("", "-1", "1e3", "9" * 40, "²"):
        assert ask_raw(play, length) in (411, 413)


def ask_raw(play: Play, length: str) -> int:
    """The status of a request whose length is given in words."""
    with socket.create_connection(("127.0.0.1", play.port), timeout=20) as stream:
        stream.sendall(
            f"POST /{play.token}/ask HTTP/1.1\r\nHost: 127.0.0.1:{play.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode()
        )
        return int(stream.recv(64).split()[1])


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff", b"[" * 100_000, b'{"ask": 1}'])
def test_s21_what_is_no_request_is_refused_in_one_sentence(play: Play, body: bytes):
    status, said = ask(play, "ask", body)
    assert status == 400 and said.count("\n") == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_s21_a_hostile_text_gets_an_answer_and_the_next_one_too(play: Play, name: str):
    for wanted in ("check", "figure", "fixes", "hover", "complete", "format", "pdf"):
        request = {"ask": wanted, "name": "mine.cnn", "text": HOSTILE[name], "at": 9}
        assert ask(play, "ask", request)[0] == 200
    for tab in ("torch", "summary", "claims", "sizes", "field", "memory"):
        request = {"ask": "tab", "tab": tab, "name": "mine.cnn", "text": HOSTILE[name]}
        assert ask(play, "ask", request)[0] == 200
    assert ask(play, "ask", CHECK)[1]["net"] == "lenet5"


def test_s21_the_command_prints_the_address_and_names_what_it_cannot_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Play, "serve_forever", lambda self: None)
    assert run(["play", "new.cnn", "--no-browser"]) == 0
    assert capsys.readouterr().out.startswith("http://127.0.0.1:")
    assert list(tmp_path.iterdir()) == []
    for wrong in ("folder/new.cnn", "net.txt", "."):
        assert run(["play", wrong, "--no-browser"]) == 2
        assert "name a spec" in capsys.readouterr().err
