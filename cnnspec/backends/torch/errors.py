"""What the torch backend cannot write."""

from cnnspec.backends.errors import BackendError

__all__ = ["BackendError"]
