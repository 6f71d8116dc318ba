"""Fetching a published file, only where `--fetch` asks for it, and checked before it is kept."""

import hashlib
import os
import urllib.error
import urllib.request
from pathlib import Path

from cnnspec.train.datasets.base import MEASURE
from cnnspec.train.errors import MissingDataError, UsageError

SECONDS = 30.0  # without an answer
CHUNK = 1 << 20


def fetch(url: str, target: Path, md5: str, limit: int = 1 << 30) -> Path:
    """Load url into target, whole and with the publisher's checksum, or leave nothing there.

    Raises MissingDataError where the publisher cannot be reached, UsageError for other bytes.
    """
    partial = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            found = _load(url, partial, limit)
            if found != md5:
                raise UsageError(f"{url} gives a file of MD5 {found}, the publisher's is {md5}")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise MissingDataError(
            f"cannot fetch {url}: {reason}. Put it at {target} by other means; {MEASURE}"
        ) from error
    return target


def _load(url: str, partial: Path, limit: int) -> str:
    """Write what the server sends and return its MD5."""
    digest = hashlib.md5(usedforsecurity=False)
    size = 0
    with urllib.request.urlopen(url, timeout=SECONDS) as answer, partial.open("wb") as file:
        while data := answer.read(CHUNK):
            size += len(data)
            if size > limit:
                raise UsageError(f"{url} sends more than {limit:,} bytes, and no such set does")
            digest.update(data)
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
