"""cnnspec compiles `.cnn` architecture specs: checks, counts, draws, and emits PyTorch.

The public API, each name loaded when first used, so that `import cnnspec` costs nothing and the
trainer runs without the compiler's dependencies:

- `check(path)` reads a file, elaborates its nets and checks their claims;
- `load(path, net)` gives one elaborated net, or raises `SpecErrors`;
- `import_(module)` gives the spec of a PyTorch module, proved;
- `measure(net)` gives its `Metrics`; `emit(net)` its PyTorch module as text.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` itself would be most of what this import costs
if TYPE_CHECKING:
    from typing import Any

    from cnnspec.api import Checked, SpecErrors, check, emit, import_, load, measure

__all__ = ["Checked", "SpecErrors", "__version__", "check", "emit", "import_", "load", "measure"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("cnnspec.api"), name)
    raise AttributeError(f"module 'cnnspec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("cnnspec")
    except PackageNotFoundError:
        return "0+unknown"
