"""Encoded images where they lie: a file, a stretch of an archive, or bytes held in memory.

An index of these is small and is made before the first step; bytes are read, and images decoded,
when they are wanted. Only what is compressed as a whole (.tar.xz, .tar.gz) is held in memory.
"""

import os
from dataclasses import dataclass
from pathlib import Path

LARGEST_FILE = 64 << 20  # bytes


@dataclass(frozen=True)
class Part:
    """A stretch of a file: one member of a plain archive."""

    path: Path
    offset: int
    size: int


Encoded = Path | Part | bytes


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
    descriptor = os.open(where.path, os.O_RDONLY)
    try:
        return os.pread(descriptor, where.size, where.offset)
    finally:
        os.close(descriptor)
