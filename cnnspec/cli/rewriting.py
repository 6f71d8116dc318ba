"""Replacing a file that somebody wrote."""

from __future__ import annotations

from cnnspec.cli.faults import UsageFault


def write(path: str, text: str) -> None:
    """Replace a file at once: whoever reads it sees the old text or the new one."""
    import shutil
    from pathlib import Path
    from tempfile import NamedTemporaryFile

    new = None
    try:
        with NamedTemporaryFile("wb", dir=Path(path).parent, prefix=".fmt-", delete=False) as new:
            new.write(text.encode())
        shutil.copymode(path, new.name)
        Path(new.name).replace(path)
    except OSError as error:
        if new is not None:
            Path(new.name).unlink(missing_ok=True)
        raise UsageFault(f"cannot write {path}: {error.strerror or error}") from None
