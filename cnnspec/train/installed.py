"""Whether an optional package is there, asked without importing it."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec

from cnnspec.train.errors import UsageError


@contextmanager
def needed(what: str) -> Iterator[None]:
    """Name what an import inside lacks. Raises UsageError."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{what} needs {error.name}, which is not installed: pip install 'cnnspec[train]'"
        ) from error


def locate(name: str) -> ModuleSpec | None:
    """Return where a package lies, None where it is absent or an import hook refuses it."""
    try:
        return importlib.util.find_spec(name)
    except ImportError:
        return None


def answer_for_absent() -> None:
    """Let torch find out what is not installed where an import hook raises in place of answering.

    The first optimizer imports torch._dynamo, which asks for these without needing them; it takes
    None for an answer, but no ImportError.
    """
    for name in ("networkx", "sklearn"):
        if name not in sys.modules and locate(name) is None:
            sys.modules[name] = None  # type: ignore[assignment]
