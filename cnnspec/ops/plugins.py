"""Ops of other packages: entry points of the group `cnnspec.ops` (S25).

A package that brings an op `roll` says so in its pyproject.toml:

    [project.entry-points."cnnspec.ops"]
    roll = "its_package.roll:Roll"

It is code that the user installed, as ours is.  No path in a spec finds one; they are looked for
when a name is no op of ours, and `cnnspec explain` lists them with their packages.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from cnnspec.ops.op import REGISTRY, Kind, Op

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint

GROUP = "cnnspec.ops"


class BrokenPluginError(Exception):
    """A package says that it has an op, and what it has is none."""


@cache
def found() -> Mapping[str, EntryPoint]:
    """Op -> where an installed package says that it is, in the order of the alphabet."""
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in sorted(entry_points(group=GROUP))}


def package(name: str) -> str:
    """The package and version that an op comes from: `cnnspec-extras 1.2`."""
    distribution = found()[name].dist
    return f"{distribution.name} {distribution.version}" if distribution else found()[name].value


def load(name: str) -> type[Op]:
    """The op of an entry point, held to what ours are. Raises BrokenPluginError."""
    before = dict(REGISTRY)
    try:
        cls = found()[name].load()
    except Exception as error:
        raise _broken(name, f"cannot be loaded: {type(error).__name__}: {error}") from error
    if why := _wrong(name, cls) or _usurped(name, before):
        REGISTRY.clear()
        REGISTRY.update(before)
        raise _broken(name, why)
    made: type[Op] = cls
    return made


def _wrong(name: str, cls: Any) -> str:
    """Why what was loaded is no op of the name, or nothing."""
    if not (isinstance(cls, type) and issubclass(cls, Op)):
        return f"is no subclass of cnnspec.ops.op.Op but {cls!r:.80}"
    if REGISTRY.get(getattr(cls, "name", "")) is not cls:
        return "lacks its decorator, @op"
    if cls.name != name:
        return f"calls itself `{cls.name}`"
    if cls.kind not in get_args(Kind):
        return f"has the kind {cls.kind!r}, which is none of {', '.join(get_args(Kind))}"
    return ""


def _usurped(name: str, before: Mapping[str, type[Op]]) -> str:
    """Whether loading made an op of another name, which a spec would then mean unawares."""
    new = (op for op, cls in REGISTRY.items() if before.get(op) is not cls and op != name)
    others = [op for op in new if not REGISTRY[op].__module__.startswith(f"{GROUP}.")]
    return f"makes `{others[0]}` too, which is no entry point of its own" if others else ""


def _broken(name: str, why: str) -> BrokenPluginError:
    return BrokenPluginError(f"the op `{name}` of {package(name)} {why}")
