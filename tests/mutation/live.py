"""Mutants made in a running process: the code of a function is exchanged where it stands.

Nothing is imported again, so a mutant costs its tests and no more. What is run at import, such as
class attributes and defaults, cannot be exchanged so (`replacement` is None).
"""

from __future__ import annotations

import gc
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType

from tests.mutation.breaker import ROOT, Change, broken

Place = tuple[str, int]


def functions(module: CodeType) -> dict[Place, CodeType]:
    """The functions and methods of a module that stand in no other function."""
    found: dict[Place, CodeType] = {}
    for constant in module.co_consts:
        if not isinstance(constant, CodeType):
            continue
        optimized = constant.co_flags & 1  # inspect.CO_OPTIMIZED: a function, not a class body
        if optimized:
            found[constant.co_qualname, constant.co_firstlineno] = constant
        else:
            found |= functions(constant)
    return found


@cache
def original(path: Path) -> dict[Place, CodeType]:
    """The functions of a file as it stands."""
    return functions(compile(path.read_text(encoding="utf-8"), str(path), "exec"))


def replacement(change: Change) -> tuple[Place, CodeType] | None:
    """The function that a change touches, as it is then; None for what runs at import."""
    path = ROOT / change.file
    after = functions(compile(broken(path, change.number), str(path), "exec"))
    changed = [place for place, code in original(path).items() if after.get(place) != code]
    return (changed[0], after[changed[0]]) if len(changed) == 1 else None


def exchange(change: Change) -> bool:
    """Make the change in this process; false where no function of it is alive."""
    made = replacement(change)
    if made is None:
        return False
    place, code = made
    path = str(ROOT / change.file)
    alive = [
        f
        for f in gc.get_objects()
        if type(f) is FunctionType
        and f.__code__.co_filename == path
        and (f.__code__.co_qualname, f.__code__.co_firstlineno) == place
    ]
    for function in alive:
        function.__code__ = code
    return bool(alive)
