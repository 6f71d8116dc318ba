"""Files: reading them, what they import, and where an import may reach (S1, S4, S5)."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

from cnnspec.diagnostics import SpecError, did_you_mean, fail
from cnnspec.source import Source, Span

FILE_MAX = 256 * 1024
"""The largest file, in bytes (S5)."""
TOTAL_MAX = 1024 * 1024
"""The largest file together with all that it imports, in bytes (S5)."""
CHAIN_MAX = 64
"""How many files may stand between a file and one that it imports through others."""


def read_source(name: str) -> Source:
    """Read a file (`-` is standard input); raises OSError, or SpecError for bad text."""
    if name == "-":
        return decode("<stdin>", sys.stdin.buffer.read(FILE_MAX + 1), "")
    path = Path(name)
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(f"{name} is not a regular file")
    with path.open("rb") as file:
        data = file.read(FILE_MAX + 1)
    return decode(name, data, str(path.resolve()))


def decode(name: str, data: bytes, path: str) -> Source:
    """UTF-8 with or without a byte order mark; anything else is one error (S1)."""
    if len(data) > FILE_MAX:
        source = Source(name, "", path)
        raise fail(
            "E0019", f"too large: a file of more than {FILE_MAX // 1024} KiB", Span(source, 0, 0)
        )
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        return Source(name, data.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        source = Source(name, data[: error.start].decode("utf-8"), path)
        end = len(source.text)
        byte = data[error.start]
        message = f"this is not UTF-8 text: byte 0x{byte:02X} at position {error.start}"
        raise fail("E0020", message, Span(source, end, end)) from None


def root_of(path: Path) -> Path:
    """The folder that imports stay inside (S4).

    It is the nearest ancestor with cnnspec.toml or pyproject.toml, else the nearest folder named
    `specs`, else the file's own.
    """
    for folder in path.parents:
        if (folder / "cnnspec.toml").is_file() or (folder / "pyproject.toml").is_file():
            return folder
    for folder in path.parents:
        if folder.name == "specs":
            return folder
    return path.parent


def import_path(importer: Source, target: str, span: Span) -> tuple[str, str]:
    """The name to show and the resolved path of an import, relative to the importing file."""
    if not importer.path:
        raise fail(
            "E0122",
            "an import needs to know where this text comes from",
            span,
            help=("check a file, or name one with --stdin-filename",),
        )
    here = Path(importer.path)
    try:
        resolved = (here.parent / target).resolve()
    except (OSError, ValueError, RuntimeError):
        raise fail("E0122", "this is no path", span) from None
    if not resolved.is_relative_to(root_of(here)):
        raise fail("E0122", f"an import stays inside {root_of(here).name}/", span)
    shown = Path(importer.name).parent / target
    return _tidy(shown), str(resolved)


def _tidy(path: Path) -> str:
    """`specs/../specs/a.cnn` without its detours, as far as the words alone tell."""
    words: list[str] = []
    for word in path.parts:
        if word == ".." and words and words[-1] not in ("..", "/"):
            words.pop()
        else:
            words.append(word)
    return str(Path(*words)) if words else "."


def _near(path: Path) -> str:
    """The file beside it whose name is nearly that of a missing one."""
    try:
        names = [file.name for file in path.parent.glob("*.cnn")]
    except OSError:
        return ""
    return did_you_mean(path.name, names)


def open_import(shown: str, resolved: str, span: Span) -> Source:
    """Read an imported file; one that cannot be read is an error of the import."""
    path = Path(resolved)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise fail("E0122", f"{shown} is not a regular file", span)
        with path.open("rb") as file:
            data = file.read(FILE_MAX + 1)
    except SpecError:
        raise
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise fail("E0122", f"cannot read {shown}: {why}", span, note=_near(path)) from None
    return decode(shown, data, resolved)
