"""What can go wrong with a figure, each said in one line."""

from __future__ import annotations


class DrawError(Exception):
    """The net cannot be drawn as asked; the message says why."""


class OptionError(DrawError):
    """An option names what there is not, whatever the net: a format, a path, a second net."""


class MissingExtra(Exception):
    """A format needs an optional component; `extra` is the name of its dependency group."""

    def __init__(self, extra: str) -> None:
        super().__init__(f"this format needs the extra `{extra}`: pip install 'cnnspec[{extra}]'")
        self.extra = extra
