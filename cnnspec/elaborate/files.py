"""Files: reading them, what they import, and where an import may reach (S1, S4, S5)."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from cnnspec import resources
from cnnspec.diagnostics import fail
from cnnspec.resources import SHIPPED
from cnnspec.source import Source, Span
from cnnspec.spelling import closest

FILE_MAX = 256 * 1024
"""The largest file, in bytes (S5)."""
TOTAL_MAX = 1024 * 1024
"""The largest file together with all that it imports, in bytes (S5)."""
CHAIN_MAX = 64
"""How many files may stand between a file and one that it imports through others."""


Reader = Callable[[Path], bytes]
"""Gives the bytes of a file, at most one over the limit; raises OSError and `Irregular`."""


class Irregular(OSError):
    """What is read is no regular file."""


def from_disk(path: Path) -> bytes:
    """The bytes of a regular file, at most one more than it may have (S4, S5)."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise Irregular
    with path.open("rb") as file:
        return file.read(FILE_MAX + 1)


def read_source(name: str, read: Reader = from_disk) -> Source:
    """Read a file (`-` is standard input); raises OSError, or SpecError for bad text."""
    if name == "-":
        return decode("<stdin>", sys.stdin.buffer.read(FILE_MAX + 1), "")
    path = Path(name)
    try:
        data = read(path)
    except Irregular:
        raise OSError(f"{name} is not a regular file") from None
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
    if target.startswith(SHIPPED):
        return _shipped_path(target, span)
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


def _shipped_path(target: str, span: Span) -> tuple[str, str]:
    """What `std:families/resnet.cnn` means, whatever is installed where (S4 holds there too)."""
    try:
        folder = resources.specs().resolve()
        resolved = (folder / target.removeprefix(SHIPPED)).resolve()
    except FileNotFoundError as error:
        raise fail("E0122", str(error), span) from None
    except (OSError, ValueError, RuntimeError):
        raise fail("E0122", "this is no path", span) from None
    if not resolved.is_relative_to(folder):
        raise fail("E0122", f"an import of {SHIPPED} stays inside the shipped specs", span)
    return target, str(resolved)


def _tidy(path: Path) -> str:
    """`specs/../specs/a.cnn` without its detours, as far as the words alone tell."""
    words: list[str] = []
    for word in path.parts:
        if word == ".." and words and words[-1] not in ("..", "/"):
            words.pop()
        else:
            words.append(word)
    return str(Path(*words)) if words else "."


FOLDERS_MAX = 64
"""Folders beside an importing file in which one that is missing is looked for."""


def _near(path: Path, importer: Source) -> str:
    """What to import for a missing file: one of its name, or nearly so, in a folder nearby.

    The folders are the one where it was looked for, the importing file's, and those in that one and
    beside it, as far as an import may reach.
    """
    meant = _near_here(path, importer) or _near_shipped(path)
    return f"did you mean `{meant}`?" if meant else ""


def _near_here(path: Path, importer: Source) -> str:
    if not importer.path:
        return ""
    here = Path(importer.path)
    root = root_of(here)
    try:
        around = [d for base in (here.parent, here.parent.parent) for d in _folders(base)]
        folders = dict.fromkeys([path.parent, here.parent, *around])
        inside = [folder for folder in folders if folder.is_relative_to(root)]
        found = {file: file.name for folder in inside for file in sorted(folder.glob("*.cnn"))}
    except OSError:
        return ""
    name = path.name if path.suffix else f"{path.name}.cnn"
    same = next((file for file, other in found.items() if other == name and file != here), None)
    if same is None:
        close = closest(name, [other for file, other in found.items() if file != here])
        same = next((file for file, other in found.items() if other == close), None)
    return "" if same is None else _from(here.parent, same)


def _near_shipped(path: Path) -> str:
    """The shipped file that a missing one means: one of its folder's and its name, or nearly so.

    Also where `std:` was left out: `families/resnet.cnn` is shipped, and seldom anybody's own.
    """
    try:
        folder = resources.specs().resolve()
    except FileNotFoundError:
        return ""
    if path.is_relative_to(folder):
        others = [file.name for file in path.parent.glob("*.cnn")]
        name = closest(path.name, others) or closest(f"{path.name}.cnn", others)
        return f"{SHIPPED}{(path.parent / name).relative_to(folder).as_posix()}" if name else ""
    ending = Path(path.parent.name, path.name)
    try:
        return f"{SHIPPED}{ending.as_posix()}" if (folder / ending).is_file() else ""
    except OSError:  # a name too long for any file
        return ""


def _folders(base: Path) -> list[Path]:
    folders = (folder for folder in base.iterdir() if folder.is_dir() and folder.name[0] != ".")
    return sorted(islice(folders, FOLDERS_MAX))


def _from(folder: Path, file: Path) -> str:
    """The path of a file as an import in `folder` writes it."""
    if file.is_relative_to(folder):
        return file.relative_to(folder).as_posix()
    return Path("..", file.relative_to(folder.parent)).as_posix()


def open_import(
    importer: Source, shown: str, resolved: str, span: Span, read: Reader = from_disk
) -> Source:
    """Read an imported file; one that cannot be read is an error of the import."""
    path = Path(resolved)
    try:
        data = read(path)
    except Irregular:
        raise fail("E0122", f"{shown} is not a regular file", span) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise fail(
            "E0122", f"cannot read {shown}: {why}", span, note=_near(path, importer)
        ) from None
    return decode(shown, data, resolved)
