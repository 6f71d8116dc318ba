"""The mark by which cnnspec knows its own figures again: nothing else is overwritten (S4)."""

from __future__ import annotations

from pathlib import Path

MARK = b"Drawn by cnnspec"
_PRODUCER = b"cnnspec"


def is_ours(path: Path) -> bool:
    """Whether a figure bears the mark, or names cnnspec as its producer (PDF, pptx)."""
    return _PRODUCER in path.read_bytes()


def stamp(path: Path) -> None:
    """Put the mark into a figure that has none: a comment, or a text chunk of a PNG."""
    data = path.read_bytes()
    if _PRODUCER in data:
        return
    match path.suffix.lower():
        case ".svg":
            head, line, rest = data.partition(b"\n")
            path.write_bytes(head + line + b"<!-- " + MARK + b" -->\n" + rest)
        case ".png":
            path.write_bytes(_with_chunk(data, b"Software\0" + MARK))
        case ".tex":
            path.write_bytes(b"% " + MARK + b"\n" + data)
        case ".md":
            path.write_bytes(data + b"\n<!-- " + MARK + b" -->\n")
        case ".json":
            path.write_bytes(data.replace(b"{", b'{\n "producer": "' + MARK + b'",', 1))
        case ".html":
            head, line, rest = data.partition(b"\n")
            path.write_bytes(head + line + b"<!-- " + MARK + b" -->\n" + rest)
        case ".dot":
            path.write_bytes(b"// " + MARK + b"\n" + data)
        case ".mmd":
            path.write_bytes(b"%% " + MARK + b"\n" + data)


def _with_chunk(png: bytes, text: bytes) -> bytes:
    """A `tEXt` chunk before the last one, which is always IEND (12 bytes)."""
    from zlib import crc32

    body = b"tEXt" + text
    chunk = len(text).to_bytes(4, "big") + body + crc32(body).to_bytes(4, "big")
    return png[:-12] + chunk + png[-12:]
