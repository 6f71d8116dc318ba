"""Encoded images where they lie: a file, a stretch of an archive, or bytes held in memory.

An index of these is small and is made before the first step; bytes are read, and images decoded,
when they are wanted. Only what is compressed as a whole (.tar.xz, .tar.gz) is held in memory.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnspec.train.errors import UsageError, one_line

LARGEST_FILE = 64 << 20  # bytes


@dataclass(frozen=True)
class Part:
    """A stretch of a file: one member of a plain archive."""

    path: Path
    offset: int
    size: int


@dataclass(frozen=True)
class Address:
    """A stretch of a shard that fsspec reads."""

    address: str
    offset: int
    size: int


Encoded = Path | Part | Address | bytes


def filesystem(address: str) -> tuple[Any, str]:
    """Return fsspec's file system for an address, and the path in it; each process has its own."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise UsageError(f"{address} needs fsspec, which is not installed: pip install fsspec"
                         ) from error  # fmt: skip
    try:
        found: tuple[Any, str] = url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise UsageError(f"{address} cannot be read: {one_line(error)}") from error
    return found


@dataclass(frozen=True)
class Entry:
    """One image of a tree: its split, class folder, file name, and where its bytes are."""

    split: str
    label: str
    name: str
    where: Encoded

    @property
    def place(self) -> str:
        """What an error calls it."""
        return f"{self.split}/{self.label}/{self.name}"


def read_encoded(where: Encoded) -> bytes:
    """Return the bytes of an image."""
    if isinstance(where, bytes):
        return where
    if isinstance(where, Path):
        return where.read_bytes()
    if isinstance(where, Address):
        system, path = filesystem(where.address)
        found: bytes = system.cat_file(path, start=where.offset, end=where.offset + where.size)
        return found
    descriptor = os.open(where.path, os.O_RDONLY)
    try:
        return os.pread(descriptor, where.size, where.offset)
    finally:
        os.close(descriptor)
