"""`cnnspec play`: the page and its desk, served to this machine alone (safety: S21).

Whoever asks must know the token in the address, must call the server by this machine's own names
(another name in `Host` is a page elsewhere that had its name resolved to 127.0.0.1), and must not
be a page of another origin.  What can be fetched is a fixed list of files; what can be written is
the one file that was named at the start.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

from cnnspec.elaborate.files import FILE_MAX
from cnnspec.play.desk import Desk, Unanswerable, fault

PAGE = Path(__file__).with_name("page")
FONTS = PAGE.parents[1] / "draw" / "fonts"
BODY_MAX = 8 * FILE_MAX
"""Bytes of a request: two texts of the largest size, each letter written as an escape at worst."""
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Refused(Exception):
    """A request that gets a status and one sentence."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Play(ThreadingHTTPServer):
    """One page on 127.0.0.1; `address` is what a browser is told."""

    daemon_threads = True

    def __init__(self, file: Path | None = None, port: int = 0) -> None:
        """Raises OSError when the port is taken."""
        super().__init__(("127.0.0.1", port), Handler)
        self.token = secrets.token_urlsafe(24)
        self.desk = Desk(file)
        self.one_at_a_time = Lock()
        self.saved = _content(file)
        """The file as it was read or written last: a newer one on the disk is not overwritten."""
        found = [(path.relative_to(PAGE).as_posix(), path) for path in PAGE.rglob("*")]
        found += [(f"fonts/{path.name}", path) for path in FONTS.glob("*.ttf")]
        self.files = {name: path for name, path in found if path.suffix in TYPES}

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """The address of the page, with its token."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may call this server."""
        return frozenset(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost"))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that has gone is no fault, and a fault of a request is told to who asked."""

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The desk's answer; the text that was just read is what a save may replace."""
        with self.one_at_a_time:
            answer = self.desk.answer(request)
            file = self.desk.file
            if request.get("ask") == "text" and file is not None and request["name"] == file.name:
                self.saved = _content(file)
            return answer

    def save(self, text: str) -> None:
        """Write the file, and nothing else, at once. Raises Refused and OSError."""
        file = self.desk.file
        if file is None:
            raise Refused(HTTPStatus.FORBIDDEN, "no file was named when cnnspec play was started")
        data = text.encode("utf-8", "replace")
        if len(data) > FILE_MAX:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the text is too large for a spec")
        with self.one_at_a_time:
            if _content(file) not in (self.saved, data):
                sentence = f"{file.name} has changed on the disk since it was opened here"
                raise Refused(HTTPStatus.CONFLICT, sentence)
            _replace(file, data)
            self.saved = data


def _content(file: Path | None) -> bytes | None:
    """The bytes of a file; None where there is none."""
    try:
        return file.read_bytes() if file is not None else None
    except FileNotFoundError:
        return None


def _replace(file: Path, data: bytes) -> None:
    """Put a new content in a file's place: whoever reads it sees the old one or the new one."""
    target = file.resolve()
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with new.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            new.chmod(stat.S_IMODE(target.stat().st_mode))
        new.replace(target)
    except OSError:
        new.unlink(missing_ok=True)
        raise


class Handler(BaseHTTPRequestHandler):
    """One connection of a browser."""

    server: Play
    timeout = 30
    server_version = "cnnspec"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    methods: ClassVar[tuple[str, ...]] = ("GET", "POST")

    def do_GET(self) -> None:
        """Give a file of the page."""
        self._answered(self._file)

    def do_POST(self) -> None:
        """Answer the desk, or save the file."""
        self._answered(self._posted)

    def _answered(self, make: Any) -> None:
        try:
            self._send(HTTPStatus.OK, *make(self._wanted()))
        except Refused as refused:
            self.close_connection = True
            self._send(refused.status, "text/plain", f"{refused}\n".encode())
        except Exception as error:  # a fault of ours must not end the session
            self.close_connection = True
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", fault(error).encode())

    def _wanted(self) -> str:
        """What is asked for below the token. Raises Refused."""
        if self.headers.get("Host", "") not in self.server.hosts:
            raise Refused(HTTPStatus.FORBIDDEN, "this server answers to 127.0.0.1 alone")
        origin = self.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://") not in self.server.hosts:
            raise Refused(HTTPStatus.FORBIDDEN, "a page of another origin has no part in this")
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise Refused(HTTPStatus.FORBIDDEN, "a page of another origin has no part in this")
        token, slash, wanted = self.path.partition("?")[0].removeprefix("/").partition("/")
        if not slash or not compare_digest(token.encode(), self.server.token.encode()):
            raise Refused(HTTPStatus.FORBIDDEN, "open the whole address that cnnspec play printed")
        return wanted

    def _file(self, wanted: str) -> tuple[str, bytes]:
        file = self.server.files.get(wanted or "index.html")
        if file is None:
            raise Refused(HTTPStatus.NOT_FOUND, "the page has no such file")
        data = file.read_bytes()
        if file.name == "index.html":
            built = "built/editor.js" in self.server.files
            data = data.replace(b'data-engine="worker"', b'data-engine="server"')
            data = data if built else data.replace(b'data-editor="built"', b'data-editor="plain"')
        return TYPES[file.suffix], data

    def _posted(self, wanted: str) -> tuple[str, bytes]:
        request = self._body()
        try:
            if wanted == "ask":
                answer = self.server.answer(request)
            elif wanted == "save" and isinstance(request.get("text"), str):
                self.server.save(request["text"])
                answer = {}
            else:
                raise Refused(HTTPStatus.NOT_FOUND, "nothing is done at this address")
        except Unanswerable as error:
            raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from None
        except OSError as error:
            what = f"cannot read or write: {error.strerror or error}"
            raise Refused(HTTPStatus.INTERNAL_SERVER_ERROR, what) from None
        return "application/json", json.dumps(answer).encode()

    def _body(self) -> dict[str, Any]:
        """The request as data. Raises Refused."""
        if self.headers.get("Content-Type") != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a request is application/json")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "a request says its length")
        if int(length[:12]) > BODY_MAX:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too large")
        try:
            request = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise Refused(HTTPStatus.BAD_REQUEST, "the request is no JSON") from None
        if not isinstance(request, dict):
            raise Refused(HTTPStatus.BAD_REQUEST, "a request is a JSON object")
        return request

    def _send(self, status: HTTPStatus, kind: str, data: bytes) -> None:
        self.send_response(status)
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        self.send_header("Content-Type", kind + charset)
        self.send_header("Content-Length", str(len(data)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal belongs to the person."""
