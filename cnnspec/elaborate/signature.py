"""The signature of a block as errors and the names that could be meant show it."""

from __future__ import annotations

from collections.abc import Mapping

from cnnspec.syntax import tree as t


def header(
    name: str, params: tuple[t.Param, ...], defaults: Mapping[str, str] | None = None
) -> str:
    """A block's signature as a person reads it: `basic(channels, stride = 1)`.

    `defaults` are texts of defaults to show in place of those that it has.
    """
    texts = {p.name: p.default.span.text for p in params if p.default is not None}
    texts |= defaults or {}
    words = [f"{p.name} = {texts[p.name]}" if p.name in texts else p.name for p in params]
    return f"{name}({', '.join(words)})"
