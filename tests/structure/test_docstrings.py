"""Every public function and class says what it is for.

A method that overrides a documented one says it by that: `Conv.shape` by `Op.shape`.
"""

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from tests.structure.source import modules


def function(member: Any) -> Any:
    """What a property, classmethod or staticmethod wraps, or the member itself."""
    for name in ("__func__", "fget", "func"):
        member = getattr(member, name, None) or member
    return member


def inherited(owner: Any, name: str) -> list[Any]:
    """A module, or a class with those bases of it that have a member of this name."""
    return [one for one in getattr(owner, "__mro__", (owner,)) if name in vars(one)]


def public(owner: Any, module: str, path: str = "") -> Iterator[tuple[str, str | None]]:
    """The public functions and classes of a module or class, each with its docstring."""
    for name, member in vars(owner).items():
        inner = function(member)
        if name.startswith("_") or getattr(inner, "__module__", "") != module:
            continue
        if inspect.isclass(inner):
            generated = (inner.__doc__ or "").startswith(f"{inner.__name__}(")
            yield path + name, None if generated else inner.__dict__.get("__doc__")
            yield from public(inner, module, f"{path}{name}.")
        elif inspect.isfunction(inner):
            said = (function(vars(one).get(name)).__doc__ for one in inherited(owner, name))
            yield path + name, next(filter(None, said), None)


def undocumented(module: ModuleType) -> list[str]:
    return [
        f"{module.__name__}: {name}" for name, doc in public(module, module.__name__) if not doc
    ]


def test_one_without_a_docstring_is_found():
    def bare(): ...

    class Told:
        """Told."""

        def silent(self): ...

    class Heir(Told):
        """Inherits what `silent` says, if anything."""

        def silent(self): ...

    module = ModuleType("made")
    for member in (bare, Told, Told.silent, Heir, Heir.silent):
        member.__module__ = "made"
    vars(module).update(bare=bare, Told=Told, Heir=Heir)
    assert undocumented(module) == ["made: bare", "made: Told.silent", "made: Heir.silent"]
    Told.silent.__doc__ = "Say nothing."
    assert undocumented(module) == ["made: bare"]


def test_every_public_function_and_class_has_a_docstring():
    names = [name for name in modules() if "__main__" not in name]
    assert [line for name in names for line in undocumented(importlib.import_module(name))] == []
