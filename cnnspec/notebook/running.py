"""A generated module that is run in this process, for `Net.module`."""

from __future__ import annotations

import linecache
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn


def built(name: str, code: str, values: dict[str, Any]) -> nn.Module:
    """The module that the factory `name` of a generated file gives.

    The file is no file: its lines are entered where tracebacks and `inspect` look for them, and the
    module where pickle does.
    """
    module = ModuleType(f"cnnspec_module_{name}")
    module.__file__ = f"<cnnspec {name}>"
    linecache.cache[module.__file__] = (len(code), None, code.splitlines(keepends=True), "")
    sys.modules[module.__name__] = module
    exec(compile(code, module.__file__, "exec"), vars(module))
    made: nn.Module = getattr(module, name)(**values)
    return made
