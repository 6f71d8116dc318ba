"""A client that speaks the Language Server Protocol with `cnnspec lsp` over its streams."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


class Refused(Exception):
    """The server answered a request with an error."""


class Client:
    """One server process; requests wait for their answer, notifications are kept."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cnnspec", "lsp"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root,
        )  # fmt: skip
        self.number = 0
        self.versions: dict[str, int] = {}
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        """The last diagnostics of each address."""
        answer = self.ask(
            "initialize",
            {"processId": None, "rootUri": root.as_uri(), "capabilities": {},
             "workspaceFolders": [{"uri": root.as_uri(), "name": "root"}]},
        )  # fmt: skip
        self.capabilities = answer["capabilities"]
        self.tell("initialized", {})

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self.process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        stream, length = self.process.stdout, 0
        assert stream is not None
        while (line := stream.readline()) != b"\r\n":
            assert line, "the server has ended"
            if line.lower().startswith(b"content-length"):
                length = int(line.split(b":")[1])
        message = json.loads(stream.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.diagnostics[params["uri"]] = params["diagnostics"]
        return message

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self.number and "method" not in message:
                if "error" in message:
                    raise Refused(message["error"]["message"])
                return message["result"]

    def open(self, path: Path, text: str | None = None) -> str:
        uri = path.as_uri()
        text = path.read_text(encoding="utf-8") if text is None else text
        self.versions[uri] = 1
        document = {"uri": uri, "languageId": "cnn", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def change(self, uri: str, text: str) -> None:
        self.versions[uri] += 1
        self.tell(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": self.versions[uri]},
             "contentChanges": [{"text": text}]},
        )  # fmt: skip

    def close(self, uri: str) -> None:
        self.tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    def at(self, method: str, uri: str, line: int = 0, character: int = 0, **more: Any) -> Any:
        """Ask something of a place."""
        place = {"line": line, "character": character}
        where = {"textDocument": {"uri": uri}, "position": place}
        return self.ask(f"textDocument/{method}", {**where, **more})

    def of(self, method: str, uri: str, **more: Any) -> Any:
        """Ask something of a document."""
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}, **more})

    def hints(self, uri: str) -> dict[int, str]:
        """The hints of a document: line from 0 -> text."""
        everywhere = {"start": {"line": 0, "character": 0}, "end": {"line": 9999, "character": 0}}
        found = self.of("inlayHint", uri, range=everywhere)
        return {hint["position"]["line"]: hint["label"] for hint in found}

    def said(self, uri: str) -> list[dict[str, Any]]:
        """The diagnostics of a document, once the server has dealt with all that was sent."""
        self.of("foldingRange", uri)
        return self.diagnostics.get(uri, [])

    def stop(self) -> int:
        self.ask("shutdown", None)
        self.tell("exit", None)
        status = self.process.wait(10)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        return status
