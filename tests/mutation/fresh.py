"""Mutants of what runs at import: cnnspec and its tests are imported anew, from changed code."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from tests.mutation.breaker import ROOT, Change, broken

QUIET = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no"]


def module_name(path: Path) -> str:
    """The name that a file is imported by."""
    words = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(words[:-1] if words[-1] == "__init__" else words)


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from other code than its file holds."""

    def __init__(self, change: Change) -> None:
        self.path = ROOT / change.file
        self.name = module_name(self.path)
        self.code = compile(broken(self.path, change.number), str(self.path), "exec")

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        package = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname, self.path, loader=self, submodule_search_locations=package
        )

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


def survives(change: Change, tests: list[str]) -> bool:
    """Whether all tests pass with the change, in this process; those named as the file first."""
    import pytest

    for name in [m for m in sys.modules if m.split(".")[0] in ("cnnspec", "tests")]:
        del sys.modules[name]
    sys.meta_path.insert(0, Changed(change))
    own = sorted(map(str, (ROOT / "tests").rglob(f"test_{Path(change.file).stem}*.py")))
    if own and pytest.main([*QUIET, *own]) not in (0, 5):
        return False
    return pytest.main([*QUIET, *tests]) == 0
