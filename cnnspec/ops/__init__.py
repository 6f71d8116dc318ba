"""The ops of the language: one file each, named as the op, found by its name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from cnnspec.ops.op import REGISTRY, Op

_NO_OPS = {
    "__init__", "op", "arguments", "sliding", "reach", "borders", "input", "writer", "reading",
    "torch", "plugins", "beside",
}  # fmt: skip
"""Files in this folder that hold what ops share, and the op that no spec writes."""


class Ops(Mapping[str, type[Op]]):
    """Every op by its name; a file is imported when its op is first asked for.

    All of them cost some 20 ms, a spec asks for a handful.  A name that is none of ours may be that
    of an installed package's op (`cnnspec.ops.plugins`).
    """

    def __init__(self) -> None:
        folder = Path(__file__).parent
        files = (f for f in folder.iterdir() if f.suffix in (".py", ".pyc"))  # the page has no .py
        self._names = dict.fromkeys(sorted({file.stem for file in files} - _NO_OPS))

    def __getitem__(self, name: str) -> type[Op]:
        if name in REGISTRY:
            return REGISTRY[name]
        if name in self._names:
            import_module(f"cnnspec.ops.{name}")
            return REGISTRY[name]
        from cnnspec.ops import plugins

        if name not in plugins.found():
            raise KeyError(name)
        return plugins.load(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names or name in self.others()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._names, *self.others()}))

    def __len__(self) -> int:
        return len({*self._names, *self.others()})

    def ours(self, name: str) -> bool:
        """Whether an op of the name is in this folder: nothing else is asked."""
        return name in self._names

    def others(self) -> Collection[str]:
        """The ops that installed packages bring."""
        from cnnspec.ops import plugins

        return plugins.found()


@cache
def examples() -> Mapping[str, dict[str, Any]]:
    """Op -> the `input`, `example` and `mistake` of its manual page; read when one is asked for."""
    from tomllib import loads

    return loads(Path(__file__).with_name("examples.toml").read_text(encoding="utf-8"))


@cache
def ops() -> Ops:
    """Every op by its name in the language, in the order of the alphabet."""
    return Ops()
