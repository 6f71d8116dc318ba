"""cnnspec compiles `.cnn` architecture specs: checks, counts, draws, and emits PyTorch.

The public API, each name loaded when first used, so that `import cnnspec` costs nothing and the
trainer runs without the compiler's dependencies:

- `check(path)` reads a file, elaborates its nets and checks their claims;
- `load(path, net)` gives one net, `load("resnet34")` a shipped one, `loads(text)` that of a text;
  all raise `SpecErrors`. A `Net` has `summary()`, `draw()`, `code()`, `module()` and more;
- `import_(module)` gives the spec of a PyTorch module, proved;
- `measure(net)` gives its `Metrics`; `emit(net)` its PyTorch module as text.

`%load_ext cnnspec` gives a notebook cells that are specs: `%%cnnspec`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` itself would be most of what this import costs
if TYPE_CHECKING:
    from typing import Any

    from cnnspec.api import Checked, Net, SpecErrors, check, emit, import_, load, loads, measure

__all__ = [
    "Checked", "Net", "SpecErrors", "__version__", "check", "emit", "import_", "load", "loads",
    "measure",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("cnnspec.api"), name)
    raise AttributeError(f"module 'cnnspec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(ipython: Any) -> None:
    """What `%load_ext cnnspec` calls: makes `%%cnnspec` a cell."""
    from importlib import import_module

    import_module("cnnspec.notebook.magic").register(ipython)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("cnnspec")
    except PackageNotFoundError:
        return "0+unknown"
