"""Where the shipped specs and templates lie: at the top of a checkout, in a wheel by the code."""

from __future__ import annotations

from pathlib import Path

SHIPPED = "std:"
"""What a path begins with that means a file of the shipped specs: `std:families/resnet.cnn`."""

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `specs` or `templates`; raises FileNotFoundError when the package lacks it."""
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"this installation of cnnspec lacks its {name}/")


def specs() -> Path:
    """The specs shipped with the package."""
    return folder("specs")


def templates() -> Path:
    """The Jinja2 templates of the backends."""
    return folder("templates")
