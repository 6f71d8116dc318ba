"""What the torch backend cannot write."""

from cnnspec.backends.errors import BackendError


class Unclear(BackendError):
    """The number of an unlabelled layer hangs on what stands above it."""


__all__ = ["BackendError", "Unclear"]
