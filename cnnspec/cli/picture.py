"""Writing a figure that a command made: checked, stamped, described in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.stamp import is_ours, stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cnnspec.draw.page.scene import Scene


def save(path: Path, force: bool, make: Callable[[], Scene]) -> str:
    """Write the scene that `make` gives; returns the line that says so. Raises UsageFault."""
    from cnnspec.draw import DrawError, MissingExtra, write

    try:
        if path.exists() and not force and not is_ours(path):
            raise UsageFault(f"{path} was not drawn by cnnspec: move it, or give --force")
        form = path.suffix.removeprefix(".").lower()
        scene = make()
        data = write(scene, form)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        stamp(path)
    except (DrawError, MissingExtra) as error:
        raise UsageFault(str(error)) from None
    except OSError as error:
        raise UsageFault(f"cannot write {path}: {error.strerror or error}") from None
    return f"{path}  {scene.width / 72:.1f} x {scene.height / 72:.1f} in"
